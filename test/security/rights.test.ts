// Which rights the features need, as docs/security.md tells: tried by a user who has only those.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fixturePath } from '../support/process.js';

const NOBODY = '65534';

/** What each capability allows; `none` is what everybody may. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  none: [
    'SO_BINDTODEVICE',
    'SO_PRIORITY 6',
    'groups of NETLINK_ROUTE',
    'groups of NETLINK_KOBJECT_UEVENT',
    'groups of NETLINK_GENERIC',
  ],
  net_bind_service: ['a port below 1024', 'AF_VSOCK port below 1024'],
  net_raw: [
    'raw IPv4',
    'raw IPv6',
    'AF_PACKET',
    'AF_PACKET, SOCK_DGRAM',
    'SO_BINDTODEVICE again',
    'SO_MARK',
    'SO_PRIORITY 7',
    'IP_TRANSPARENT',
    'IPV6_TRANSPARENT',
  ],
  net_admin: [
    'SO_MARK',
    'SO_PRIORITY 7',
    'SO_SNDBUFFORCE',
    'SO_RCVBUFFORCE',
    'IP_TRANSPARENT',
    'IPV6_TRANSPARENT',
    'TCP_REPAIR',
    'groups of NETLINK_XFRM',
  ],
  audit_read: ['groups of NETLINK_AUDIT'],
  sys_admin: ['the process of another one in SCM_CREDENTIALS', 'sethostname'],
  setuid: ['the user of another one in SCM_CREDENTIALS'],
  setgid: ['the group of another one in SCM_CREDENTIALS'],
};

function asNobody(capability: string, command: readonly string[]) {
  const rights = capability === 'none' ? '-all' : `-all,+${capability}`;
  const options = [
    `--reuid=${NOBODY}`,
    `--regid=${NOBODY}`,
    '--clear-groups',
    `--inh-caps=${rights}`,
    `--ambient-caps=${rights}`,
    `--bounding-set=${rights}`,
  ];
  return spawnSync('setpriv', [...options, ...command], { encoding: 'utf8', timeout: 60_000 });
}

/** Why it cannot be tried here. */
function obstacle(): string | false {
  if (process.getuid?.() !== 0) return 'only root can become another user';
  const { status } = asNobody('sys_admin', ['test', '-r', fixturePath('rights')]);
  if (status !== 0) return 'there is no setpriv(1), or the package is not readable for others';
  const major = Number(/^(\d+)/.exec(readFileSync('/proc/sys/kernel/osrelease', 'utf8'))?.[1]);
  return major < 6 && 'older kernels asked for more';
}

describe('somebody who has no right but', { skip: obstacle() }, () => {
  for (const [capability, allowed] of Object.entries(ALLOWED)) {
    test(`${capability} may what it is for`, () => {
      const { stdout, stderr } = asNobody(capability, [process.execPath, fixturePath('rights')]);
      assert.equal(stderr, '');
      const results = new Map(JSON.parse(stdout) as [string, string | null][]);
      const refused = [...results].filter(([, error]) => error === 'PermissionError');
      const others = [...results].filter(([, error]) => error?.startsWith('E'));
      // A family that this kernel does not have.
      assert.deepEqual(
        others.filter(([, error]) => !/^E(AFNOSUPPORT|PROTONOSUPPORT)$/.test(error as string)),
        [],
      );
      const missing = new Set(others.map(([what]) => what));
      const may = new Set([...(ALLOWED.none as string[]), ...allowed]);
      const expected = [...results.keys()].filter((what) => !may.has(what) && !missing.has(what));
      assert.deepEqual(
        refused.map(([what]) => what),
        expected,
      );
    });
  }
});
