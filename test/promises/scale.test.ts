// Ten thousand connections in one process, and a million datagrams: none is lost, nothing is left.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Program, start } from '../support/process.js';

const CONNECTIONS = 10_000;
const ROUNDS = 3;
const DATAGRAMS = 1_000_000;
const options = { concurrency: false, timeout: 100_000 };
/** What takes seconds on an idle machine may take long on a busy one. */
const running = { execArgv: ['--expose-gc'], limit: 90_000 };

/** Why so many connections cannot be had; false if they can. */
function tooFewDescriptors(): string | false {
  // Node raises its own limit as far as it may.
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const hard = /^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1];
  const isEnough = hard === undefined || Number(hard) > CONNECTIONS + 100;
  return isEnough ? false : `only ${hard} files may be open`;
}

/** What the server says after a cycle; memory in MiB. */
interface Cycle {
  most: number;
  echoed: number;
  left: number;
  heap: number;
  outside: number;
  /** What is resident and no part of the heap. */
  others: number;
}

async function ended(program: Program): Promise<void> {
  const { code, signal, stderr } = await program.ended;
  assert.deepEqual([code, signal, stderr], [0, null, '']);
}

describe('ten thousand connections', { ...options, skip: tooFewDescriptors() }, () => {
  test('are open at once, echo, and leave no descriptor and no memory behind', async (context) => {
    const server = start(context, 'scale', ['echoServer', `${CONNECTIONS}`], running);
    const port = await server.line();
    const cycles: Cycle[] = [];
    for (let cycle = 0; cycle < 3; cycle += 1) {
      const clients = start(context, 'scale', ['echoClients', `${CONNECTIONS}`, port], running);
      assert.deepEqual(await clients.message(), {
        most: CONNECTIONS,
        matching: CONNECTIONS * ROUNDS,
        left: 0,
      });
      await ended(clients);
      cycles.push(await server.message());
    }
    await ended(server);
    for (const { most, echoed, left } of cycles) {
      assert.deepEqual([most, echoed, left], [CONNECTIONS, CONNECTIONS * ROUNDS, 0]);
    }
    // The first cycle leaves what is warm: compiled code, the slabs, what the allocator keeps. A
    // leak of as little as a hundred bytes for each connection makes the heap grow by a mebibyte.
    const [, second, third] = cycles as [Cycle, Cycle, Cycle];
    context.diagnostic(JSON.stringify(cycles));
    assert.ok(third.heap - second.heap < 1, `${third.heap - second.heap} MiB`);
    assert.ok(third.outside - second.outside < 1, `${third.outside - second.outside} MiB`);
    assert.ok(third.others - second.others < 16, `${third.others - second.others} MiB`);
  });
});

describe('a million datagrams', options, () => {
  test('that flood a UDP socket are received or counted as dropped', async (context) => {
    const program = start(context, 'scale', ['floodedDatagrams', `${DATAGRAMS}`], running);
    const { sent, received, dropped, underWay, twice, left } = await program.message<{
      [name: string]: number;
    }>();
    await ended(program);
    context.diagnostic(`${received} received, ${dropped} dropped, ${underWay} under way`);
    assert.deepEqual({ sent, twice, left }, { sent: DATAGRAMS, twice: 0, left: 0 });
    const missing = (sent as number) - (received as number) - (dropped as number);
    // What the whole machine dropped between interfaces may have been others' packets, too.
    assert.ok(missing >= 0 && missing <= (underWay as number), `${missing} are missing`);
    assert.ok((received as number) > 0);
  });

  test('over AF_UNIX all come, in order, and leave nothing behind', async (context) => {
    const program = start(context, 'scale', ['unixDatagrams', `${DATAGRAMS}`], running);
    const { inOrder, left, heap } = await program.message<{ [name: string]: number }>();
    await ended(program);
    assert.deepEqual({ inOrder, left }, { inOrder: DATAGRAMS, left: 0 });
    assert.ok((heap as number) < 1, `${heap} MiB`);
  });
});
