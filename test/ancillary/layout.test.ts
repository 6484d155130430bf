// Control messages byte for byte: as the C compiler lays them out, and what is no message at all.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { endianness, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { assertRefusals, loose, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';

type Name = ancillary.ControlName;

const SECOND = 1_000_000_000n;

/** A value for each message, and the same value in C, as an initialiser of its structure. */
const SAMPLES: { [N in Name]: readonly [value: ancillary.ControlValues[N], c: string] } = {
  SCM_RIGHTS: [[3, 7, 255], 'int x[] = {3, 7, 255}'],
  SCM_CREDENTIALS: [
    { pid: 4711, uid: 4294967294, gid: 100 },
    'struct ucred x = {4711, 4294967294u, 100}',
  ],
  IP_PKTINFO: [
    { ifindex: 2, spec_dst: '192.0.2.1', addr: '239.1.2.3' },
    'struct in_pktinfo x = {.ipi_ifindex = 2, .ipi_spec_dst = {htonl(0xc0000201)}, ' +
      '.ipi_addr = {htonl(0xef010203)}}',
  ],
  IPV6_PKTINFO: [
    { addr: 'fe80::1:2', ifindex: 3 },
    'struct in6_pktinfo x = {.ipi6_ifindex = 3, .ipi6_addr = {{{0xfe, 0x80, ' +
      '0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}}}}',
  ],
  IP_TTL: [64, 'int x = 64'],
  IPV6_HOPLIMIT: [255, 'int x = 255'],
  IP_TOS: [0xb8, 'int x = 0xb8'],
  IPV6_TCLASS: [3, 'int x = 3'],
  SO_TIMESTAMP: [1_700_000_000n * SECOND + 123_456_000n, 'struct timeval x = {1700000000, 123456}'],
  SO_TIMESTAMPNS: [
    1_700_000_000n * SECOND + 123_456_789n,
    'struct timespec x = {1700000000, 123456789}',
  ],
  SCM_TIMESTAMPING: [
    { software: 5n * SECOND + 1n, legacy: 0n, hardware: -SECOND / 2n },
    'struct scm_timestamping x = {{{5, 1}, {0, 0}, {-1, 500000000}}}',
  ],
  SO_TIMESTAMP_NEW: [SECOND + 1000n, 'struct __kernel_sock_timeval x = {1, 1}'],
  SO_TIMESTAMPNS_NEW: [SECOND + 1n, 'struct __kernel_timespec x = {1, 1}'],
  SO_TIMESTAMPING_NEW: [
    { software: 1n, legacy: 2n, hardware: 3n },
    'struct scm_timestamping64 x = {{{0, 1}, {0, 2}, {0, 3}}}',
  ],
  IP_RECVERR: [
    {
      errno: 113,
      origin: 2,
      type: 3,
      code: 1,
      info: 1500,
      data: 4294967295,
      offender: ['192.0.2.1', 7],
    },
    'struct { struct sock_extended_err e; struct sockaddr_in a; } x = ' +
      '{{113, 2, 3, 1, 0, 1500, 4294967295u}, ' +
      '{AF_INET, htons(7), {htonl(0xc0000201)}}}',
  ],
  IPV6_RECVERR: [
    {
      errno: 111,
      origin: 3,
      type: 1,
      code: 4,
      info: 0,
      data: 1,
      offender: ['::1', 9, 0xabcde, 2],
    },
    'struct { struct sock_extended_err e; struct sockaddr_in6 a; } x = ' +
      '{{111, 3, 1, 4, 0, 0, 1}, ' +
      '{AF_INET6, htons(9), htonl(0xabcde), IN6ADDR_LOOPBACK_INIT, 2}}',
  ],
  UDP_GRO: [1400, 'int x = 1400'],
  UDP_SEGMENT: [1400, 'uint16_t x = 1400'],
  PACKET_AUXDATA: [
    { status: 0x51, len: 1500, snaplen: 96, mac: 2, net: 14, vlan_tci: 0x2005, vlan_tpid: 0x8100 },
    'struct tpacket_auxdata x = {0x51, 1500, 96, 2, 14, 0x2005, 0x8100}',
  ],
};
const names = Object.keys(SAMPLES) as Name[];

/** What the C names are called where the headers have others. */
const C_NAMES: Partial<Record<Name, string>> = { SO_TIMESTAMP: 'SCM_TIMESTAMP' };

const HEADERS = [
  'arpa/inet.h',
  'netinet/in.h',
  'netinet/udp.h',
  'stdint.h',
  'stdio.h',
  'string.h',
  'sys/socket.h',
  'time.h',
  'linux/errqueue.h',
  'linux/if_packet.h',
];

const LEVELS: [prefix: RegExp, level: string][] = [
  [/^IPV6_/, 'SOL_IPV6'],
  [/^IP_/, 'SOL_IP'],
  [/^UDP_/, '17'],
  [/^PACKET_/, 'SOL_PACKET'],
  [/^/, 'SOL_SOCKET'],
];

/** A C program that prints each message: level, type and bytes. */
function program(): string {
  const parts = names.map((name) => {
    const level = LEVELS.find(([prefix]) => prefix.test(name))?.[1];
    return `{ ${SAMPLES[name][1]}; show(${level}, ${C_NAMES[name] ?? name}, &x, sizeof x); }`;
  });
  return `#define _GNU_SOURCE
${HEADERS.map((header) => `#include <${header}>`).join('\n')}
static void show(int level, int type, const void *data, size_t size) {
  printf("%d %d ", level, type);
  for (size_t i = 0; i < size; i++) printf("%02x", ((const unsigned char *)data)[i]);
  printf("\\n");
}
int main(void) { ${parts.join('\n')} return 0; }
`;
}

// A sanitizer that is loaded into Node, see scripts/test-asan.mjs, must not judge the compiler.
const { LD_PRELOAD: _sanitizer, ...env } = process.env;
const compiler = process.env.CC ?? 'cc';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;

describe('the layout of control messages', () => {
  it("is the C compiler's", { skip: !hasCompiler && 'there is no C compiler' }, (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
    context.after(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'layout.c'), program());
    const made = spawnSync(compiler, ['-o', 'layout', 'layout.c'], {
      cwd: directory,
      encoding: 'utf8',
      env,
    });
    assert.equal(made.stderr, '');
    const { stdout } = spawnSync(join(directory, 'layout'), { encoding: 'utf8' });
    const lines = names.map((name) => {
      const [level, type, data] = ancillary.encode(name, SAMPLES[name][0] as never);
      return `${level} ${type} ${data.toString('hex')}`;
    });
    assert.deepEqual(stdout.trimEnd().split('\n'), lines);
  });

  it('is known byte for byte', { skip: endianness() !== 'LE' && 'big-endian' }, () => {
    const hex = (name: Name) =>
      ancillary.encode(name, SAMPLES[name][0] as never)[2].toString('hex');
    assert.equal(hex('SCM_RIGHTS'), '0300000007000000ff000000');
    assert.equal(hex('SCM_CREDENTIALS'), '67120000feffffff64000000');
    assert.equal(hex('IP_PKTINFO'), '02000000c0000201ef010203');
    assert.equal(hex('UDP_SEGMENT'), '7805');
    assert.equal(
      hex('IP_RECVERR'),
      '7100000002030100dc050000ffffffff02000007c00002010000000000000000',
    );
  });

  it('comes back as it was', () => {
    const items = names.map((name) => ancillary.encode(name, SAMPLES[name][0] as never));
    assert.deepEqual(
      ancillary.decode(items),
      names.map((name, index) => {
        const [level, type] = items[index] as [number, number, Buffer];
        return { level, type, name, value: SAMPLES[name][0] };
      }),
    );
  });

  it('has room in what space() gives', () => {
    for (const name of names) {
      const [, , data] = ancillary.encode(name, SAMPLES[name][0] as never);
      assert.ok(ancillary.space(name) >= socket.CMSG_SPACE(data.length), name);
    }
    assert.equal(
      ancillary.space('IP_TTL', 'IP_PKTINFO'),
      socket.CMSG_SPACE(4) + socket.CMSG_SPACE(12),
    );
    assert.equal(ancillary.space(), 0);
  });
});

describe('decode', () => {
  it('takes a time to live that is a byte, and times of 32 bits', () => {
    const ttl: ancillary.AncillaryItem = [socket.SOL_IP, socket.IP_TTL, Buffer.from([33])];
    assert.equal(ancillary.get([ttl], 'IP_TTL'), 33);
    const words = Int32Array.of(7, 8);
    const time: ancillary.AncillaryItem = [socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, words];
    assert.equal(ancillary.get([time], 'SO_TIMESTAMPNS'), 7n * SECOND + 8n);
  });

  it('passes unknown messages through as bytes', () => {
    const item: ancillary.AncillaryItem = [socket.SOL_SOCKET, 4242, Uint8Array.of(1, 2, 3)];
    assert.deepEqual(ancillary.decode([item]), [
      { level: socket.SOL_SOCKET, type: 4242, name: null, value: Buffer.from([1, 2, 3]) },
    ]);
  });

  it('passes messages that were cut through as bytes, and decodes the others', () => {
    for (const name of names.filter((each) => each !== 'SCM_RIGHTS')) {
      const [level, type, data] = ancillary.encode(name, SAMPLES[name][0] as never);
      const cut = data.subarray(0, Math.min(data.length - 1, 15));
      // A single byte is a whole number, and so are two.
      const shortest = data.length <= 4 ? 0 : cut.length;
      const short = cut.subarray(0, shortest);
      const other = ancillary.encode('SCM_RIGHTS', [5]);
      assert.deepEqual(ancillary.decode([[level, type, short], other]), [
        { level, type, name: null, value: short },
        { level: other[0], type: other[1], name: 'SCM_RIGHTS', value: [5] },
      ]);
      assert.equal(ancillary.get([[level, type, short]], name), undefined);
    }
  });

  it('reads an error without the address of an offender', () => {
    const [level, type, data] = ancillary.encode('IP_RECVERR', { errno: 90, info: 1400 });
    for (const bytes of [data, data.subarray(0, 16)]) {
      const error = ancillary.get([[level, type, bytes]], 'IP_RECVERR');
      assert.deepEqual([error?.errno, error?.info, error?.offender], [90, 1400, null]);
    }
  });

  it('refuses what is no list of control messages', () => {
    assertRefusals(loose(ancillary), [
      ['a number', (a) => a.decode?.(5), 'TypeError: ancdata must be an iterable, not int'],
      ['null', (a) => a.decode?.(null), 'TypeError: ancdata must be an iterable, not NoneType'],
      [
        'a number in it',
        (a) => a.decode?.([5]),
        'TypeError: an item of ancdata must be [level, type, data]',
      ],
      [
        'text for bytes',
        (a) => a.decode?.([[1, 1, 'x']]),
        "TypeError: a bytes-like object is required, not 'str'",
      ],
      ['an unknown name', (a) => a.get?.([], 'IP_NONE'), unknown('IP_NONE')],
    ]);
  });
});

function unknown(name: string): string {
  return `ValueError: unknown control message ${name}`;
}

describe('encode', () => {
  it('leaves out fields that are not given', () => {
    assert.deepEqual(ancillary.encode('IP_PKTINFO', {})[2], Buffer.alloc(12));
    assert.deepEqual(ancillary.encode('IPV6_PKTINFO', {})[2], Buffer.alloc(20));
    assert.deepEqual(ancillary.encode('SCM_TIMESTAMPING', {})[2], Buffer.alloc(48));
    assert.deepEqual(ancillary.encode('IPV6_RECVERR', {})[2], Buffer.alloc(44));
  });

  it('refuses what does not fit', () => {
    const overflow = (text: string) => `OverflowError: ${text}`;
    const notText = 'inet_pton() argument 2 must be str, not int';
    assertRefusals(loose(ancillary), [
      ['an unknown name', (a) => a.encode?.('toString', 1), unknown('toString')],
      [
        'no name',
        (a) => a.space?.(undefined),
        'TypeError: a control message has a str for a name, not None',
      ],
      ['a large TTL', (a) => a.encode?.('IP_TTL', 256), overflow('IP_TTL must be 0-255, not 256')],
      ['a TTL of -1', (a) => a.encode?.('IP_TTL', -1), overflow('IP_TTL must be 0-255, not -1')],
      [
        'a hop limit of -2',
        (a) => a.encode?.('IPV6_HOPLIMIT', -2),
        overflow('IPV6_HOPLIMIT must be -1-255, not -2'),
      ],
      ['text', (a) => a.encode?.('IP_TTL', '5'), 'TypeError: IP_TTL must be int, not str'],
      [
        'a large segment',
        (a) => a.encode?.('UDP_SEGMENT', 65536),
        overflow('UDP_SEGMENT must be 0-65535, not 65536'),
      ],
      [
        'credentials without a group',
        (a) => a.encode?.('SCM_CREDENTIALS', { pid: 1, uid: 1 }),
        'TypeError: gid must be int, not NoneType',
      ],
      [
        'no credentials',
        (a) => a.encode?.('SCM_CREDENTIALS', null),
        'TypeError: SCM_CREDENTIALS must be an object, not NoneType',
      ],
      [
        'a descriptor of -1',
        (a) => a.encode?.('SCM_RIGHTS', [-1]),
        overflow('a descriptor must be 0-2147483647, not -1'),
      ],
      [
        'one descriptor',
        (a) => a.encode?.('SCM_RIGHTS', 3),
        'TypeError: SCM_RIGHTS must be an iterable of descriptors, not int',
      ],
      [
        'an address that is none',
        (a) => a.encode?.('IP_PKTINFO', { addr: 'here' }),
        'OSError: illegal IP address string passed to inet_pton',
      ],
      ['a number for one', (a) => a.encode?.('IP_PKTINFO', { addr: 5 }), `TypeError: ${notText}`],
      [
        'seconds',
        (a) => a.encode?.('SO_TIMESTAMP', 1.5),
        'TypeError: a time must be a bigint of nanoseconds, not float',
      ],
      [
        'an offender that is no address',
        (a) => a.encode?.('IP_RECVERR', { offender: '192.0.2.1' }),
        'TypeError: offender must be an address, not str',
      ],
    ]);
  });

  it('names the two parts of a traffic class', () => {
    assert.deepEqual([ancillary.dscp(0xba), ancillary.ecn(0xba)], [46, 2]);
    assert.match(
      thrownBy(() => ancillary.ecn(256)),
      /^OverflowError/,
    );
  });
});
