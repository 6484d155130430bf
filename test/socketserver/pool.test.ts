// The pool of a server's workers when those end too early, with workers that the tests play.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { native } from '#lib/native.js';
import { DONE, LEAVING, RETIRED, sendReport, TAKEN } from '#lib/server/channel.js';
import type { MemberEvents } from '#lib/server/member.js';
import { Pool } from '#lib/server/pool.js';
import { outgoing } from '#lib/server/request-message.js';
import { captureErrors } from '../support/pooled.js';

const LONGEST_MESSAGE = 1000;
const nothing = () => {};

/** A worker that a test plays. */
interface Played {
  readonly id: number;
  readonly channel: number;
  readonly events: MemberEvents;
}

/** A pool, and the workers that it has started; with `isBroken` it can start no more. */
interface Play {
  readonly pool: Pool;
  readonly workers: Played[];
  isBroken: boolean;
}

function played(limit = 10): Play {
  const workers: Played[] = [];
  const member = { title: 'A worker', pid: 0, ref: nothing, unref: nothing, stop: nothing };
  const play = { workers, isBroken: false };
  const pool = new Pool({
    limit: () => limit,
    spares: () => 1,
    idleTimeout: () => 1000,
    start: (id, channel, events) => {
      if (play.isBroken) throw new Error('there is no room for a process');
      workers.push({ id, channel, events });
      return { ...member, dismiss: nothing };
    },
    send: (to, request) => to.trySendNumber(request),
    shutdown: async () => {},
    preparation: 'it starts',
    longestMessage: LONGEST_MESSAGE,
    closed: nothing,
  });
  return Object.assign(play, { pool });
}

function submit(pool: Pool, count: number): void {
  for (let index = 0; index < count; index += 1) {
    assert.equal(pool.submit(outgoing([Buffer.from('x'), null], null)), undefined);
  }
}

/** Serves one request if there is one, and ends; whether there was one. */
function serveOne({ id, channel, events }: Played): boolean {
  events.ready();
  const isServed = native.take(channel, Buffer.alloc(LONGEST_MESSAGE)) > 0;
  if (isServed) for (const what of [TAKEN, LEAVING]) sendReport(channel, id, what);
  events.ended(undefined);
  return isServed;
}

test('a pool that is closed starts more workers for requests that the others leave', async () => {
  const { pool, workers } = played();
  const count = 7;
  submit(pool, count);
  const closed = pool.close();
  let served = 0;
  for (let next = workers.shift(); next; next = workers.shift()) if (serveOne(next)) served += 1;
  await closed;
  assert.equal(served, count);
});

test('a pool that is closed gives up requests where no more worker can be started', async (context) => {
  const errors = captureErrors(context);
  const play = played(1);
  const { pool, workers } = play;
  submit(pool, 1);
  const closed = pool.close();
  play.isBroken = true;
  // The worker ends before it has taken the request.
  workers[0]?.events.ready();
  workers[0]?.events.ended(undefined);
  await closed;
  assert.equal(pool.running, 0);
  assert.match(errors(), /there is no room for a process/);
});

test('a pool without workers holds the program until the next one is started', async (context) => {
  const errors = captureErrors(context);
  const timers: NodeJS.Timeout[] = [];
  const { setTimeout: start } = globalThis;
  const { pool, workers } = played(1);
  workers[0]?.events.ready();
  context.mock.method(globalThis, 'setTimeout', (...given: Parameters<typeof start>) => {
    const timer = start(...given);
    timers.push(timer);
    return timer;
  });
  workers[0]?.events.ended('signal SIGKILL', true);
  assert.match(errors(), /A worker ended: signal SIGKILL/);
  submit(pool, 1);
  const waiting = pool.submit(outgoing([Buffer.from('y'), null], null));
  const held = timers.filter((timer) => timer.hasRef());
  assert.equal(held.length, 1);
  while (workers.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(serveOne(workers[1] as Played), true);
  await waiting;
  const closed = pool.close();
  for (const worker of workers.slice(2)) serveOne(worker);
  await closed;
});

test('a pool ends no more workers than are too many, slow as they may be to hear of it', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { pool, workers } = played();
  const count = 3;
  submit(pool, count);
  const bytes = Buffer.alloc(LONGEST_MESSAGE);
  const [first] = workers;
  for (const { id, channel, events } of workers.slice(0, count)) {
    events.ready();
    assert.ok(native.take(channel, bytes) > 0);
    for (const what of [TAKEN, DONE]) sendReport(channel, id, what);
  }
  assert.equal(pool.running, 0);
  for (let round = 0; round < 10; round += 1) context.mock.timers.tick(1000);
  const closed = pool.close();
  const surplus = workers.length - 1;
  let told = 0;
  while (native.take(first?.channel ?? -1, bytes) > 0) told += 1;
  assert.equal(told, surplus);
  for (const { id, channel, events } of workers) {
    sendReport(channel, id, RETIRED);
    events.ended(undefined);
  }
  await closed;
});
