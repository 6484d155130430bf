// A signal that ended one call early is not held against the next one.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../support/leaks.js';
import { start, untilBlocked } from '../support/process.js';

for (const call of ['sendmsg', 'recvmsg']) {
  test(`after a ${call} that a signal ended midway sendall() sends all`, async (context) => {
    const program = start(context, 'stale-interruption', [call]);
    await program.says('blocking');
    // The other blocked thread is the one that receives what sendall() sends.
    await untilBlocked(program.pid, 2);
    program.kill('SIGINT');
    const report = await program.message();
    assert.deepEqual(report, { isPart: true, outcome: 'sent', isAll: true });
    const { code, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });
}
