// A socket that is dropped without being closed is closed and announced when it is collected.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../support/leaks.js';
import { start } from '../support/process.js';

interface Report {
  fds: number[];
  open: number[];
  texts: string[];
  collected: number;
  kept: boolean;
  later: string[];
}

test('a dropped open socket is closed with a warning, a closed or detached one is let be', async (context) => {
  const program = start(context, 'garbage', [], { execArgv: ['--expose-gc', '--no-warnings'] });
  const report = await program.message<Report>();
  assert.deepEqual(report.open, []);
  assert.equal(report.texts.length, report.fds.length);
  for (const fd of report.fds) {
    const start = `ResourceWarning: unclosed <socket.socket fd=${fd}, family=`;
    assert.equal(report.texts.filter((text) => text.startsWith(start)).length, 1, start);
  }
  assert.deepEqual([report.collected, report.kept, report.later], [2, true, []]);
  assert.equal((await program.ended).code, 0);
});

test('a socket that is waited for is not collected', async (context) => {
  const program = start(context, 'collected-wait', [], {
    execArgv: ['--expose-gc', '--no-warnings'],
  });
  assert.equal(await program.message<string>(), 'ready');
  const { code, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [0, '']);
});
