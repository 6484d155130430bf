// Options whose values are structures, on networks of the test's own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { suite, type TestContext, test } from 'node:test';
import '../support/leaks.js';
import { cannotMakeNamespaces, layCable, Namespace } from '../support/namespaces.js';
import { start } from '../support/process.js';

const skip = cannotMakeNamespaces();

function scenario(context: TestContext, place: Namespace, ...args: string[]) {
  return start(context, 'network', args, { command: place.command });
}

suite('a group', { skip }, () => {
  for (const [family, sender, other] of [
    ['4', '10.9.8.1', '10.9.8.9'],
    ['6', 'fe80::1', 'fe80::9'],
  ] as const) {
    for (const [what, args, heard] of [
      ['on an interface by name', ['wire'], ['to all', 'end']],
      ['on an interface by number', ['by number'], ['to all', 'end']],
      ['on another interface is not heard', ['lo'], ['end']],
      ['of one sender', ['wire', sender], ['to all', 'end']],
      ['of another sender is not heard', ['wire', other], ['end']],
    ] as const) {
      test(`IPv${family}, ${what}`, async (context) => {
        const { near, far } = layCable(context);
        const member = scenario(context, far, 'groupMember', family, ...args);
        const port = await member.line();
        const { code, stderr } = await scenario(context, near, 'multicastSender', family, port)
          .ended;
        assert.deepEqual([code, stderr], [0, '']);
        const { lines } = await member.ended;
        assert.deepEqual(
          lines.map((line) => JSON.parse(line)),
          heard,
        );
      });
    }
  }
});

const FROM = '81';
const TO = '8080';

/** Redirects connections of the namespace; false where that cannot be done here. */
function redirect(place: Namespace): boolean {
  const rules = `
    add table inet redirected
    add chain inet redirected output { type nat hook output priority -100; }
    add rule inet redirected output tcp dport ${FROM} redirect to :${TO}
  `;
  const [ip, ...rest] = place.command;
  const { status } = spawnSync(ip as string, [...rest, 'nft', '-f', '-'], { input: rules });
  return status === 0;
}

test('original_dst is where a redirected connection was to go', { skip }, async (context) => {
  const place = new Namespace(context);
  if (!redirect(place)) return context.skip('nft is not installed, or the kernel has no NAT');
  const program = scenario(context, place, 'redirected', TO, FROM);
  const { lines, stderr } = await program.ended;
  assert.equal(stderr, '');
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      ['127.0.0.1', 81],
      ['::1', 81, 0, 0],
      ['127.0.0.1', 81],
    ],
  );
});
