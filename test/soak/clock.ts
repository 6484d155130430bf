// A program whose clock of the day jumps (libfaketime changes it, and it alone): how long calls with
// a timeout wait is told by the clock that cannot be set. It is run by the actor of the clock.

import { setTimeout as delay } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import { select, select_async } from 'berkeley-sockets/select';

const rounds = Number(process.argv[2]);
/** Milliseconds that a call may be late; a jump is of an hour or more. */
const LATE = 10_000;

let waits = 0;

async function timed(seconds: number, what: string, wait: () => unknown): Promise<void> {
  const start = process.hrtime.bigint();
  try {
    await wait();
  } catch (error) {
    if (!(error instanceof socket.TimeoutError)) throw error;
  }
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (took < seconds * 1000 - 5 || took > seconds * 1000 + LATE) {
    throw new Error(`${what} waited ${took} ms instead of ${seconds} s`);
  }
  waits++;
}

const [near, far] = blocking.socketpair();
const [first, second] = socket.socketpair();
const days = new Set<number>();
for (let round = 0; round < rounds; round++) {
  const seconds = 0.02 + (round % 5) * 0.02;
  near.settimeout(seconds);
  await timed(seconds, 'recv', () => near.recv(1));
  await timed(seconds, 'recvmsg', () => near.recvmsg(1));
  await timed(seconds, 'recv, awaited', () => first.recv(1, { timeout: seconds }));
  await timed(seconds, 'select', () => select([far], [], [], seconds));
  await timed(seconds, 'select, awaited', () => select_async([second], [], [], seconds));
  days.add(Math.round(Date.now() / 3_600_000));
  await delay(1);
}
for (const sock of [near, far, first, second]) sock.close();
console.log(JSON.stringify({ waits, jumps: days.size - 1 }));
