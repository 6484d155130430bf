// The tool mdns, and a responder on the other end of a cable.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { cannotMakeNamespaces, layCable } from '../support/namespaces.js';
import { start } from '../support/process.js';
import { runTool } from '../support/tools.js';

suite('mdns', { skip: cannotMakeNamespaces() }, () => {
  for (const [what, args, question, expected] of [
    ['kinds of services', [], '_services _dns-sd _udp local', ['_ipp._tcp.local']],
    [
      'services of one kind, with place, addresses and texts',
      ['_ipp._tcp'],
      '_ipp _tcp local',
      ['Room 1.5 printer  printer.local port 631  10.9.8.2', '  pdl=application/pdf', '  Color=T'],
    ],
  ] as const) {
    test(`lists ${what}, whatever else is sent to the group`, async (context) => {
      const { near, far } = layCable(context);
      const responder = start(context, 'mdns_responder', [], { command: far.command });
      await responder.says('ready');
      const all = ['-i', 'wire', '-W', '1', ...args];
      const { code, lines, stderr } = await runTool(context, 'mdns', all, {
        command: near.command,
      });
      assert.equal(code, 0, stderr);
      assert.deepEqual(lines, expected);
      await responder.says(question);
      assert.equal((await responder.ended).code, 0);
    });
  }

  test('tells that there is nothing, or no such interface', async (context) => {
    const { near } = layCable(context);
    const { command } = near;
    const nothing = await runTool(context, 'mdns', ['-i', 'wire', '-W', '0.2'], { command });
    assert.deepEqual([nothing.code, nothing.stderr], [1, 'kinds of services: 0\n']);
    const unknown = await runTool(context, 'mdns', ['-i', 'nowhere'], { command });
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /^mdns: nowhere: /);
  });
});
