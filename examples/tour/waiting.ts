// The tour's steps about calls that do not wait, wait for a limited time, or fail by number.

import assert from 'node:assert/strict';
import { constants } from 'node:os';
import * as socket from 'berkeley-sockets';
import { raised, type Say } from './report.js';

export function refuseToWait(say: Say): void {
  using listener = socket.create_server(['127.0.0.1', 0]);

  listener.setblocking(false);
  const refusal = raised(socket.BlockingIOError, () => listener.accept());
  say('accept on a non-blocking socket, with nobody there:');
  say(`  ${refusal.name}: ${refusal.message}`);
  assert.equal(refusal.code, 'EAGAIN');

  // Seconds, as in Python. The timeout is the socket's own and holds for each of its calls.
  listener.settimeout(0.25);
  const start = performance.now();
  const timeout = raised(socket.TimeoutError, () => listener.accept());
  const waited = performance.now() - start;
  say('accept after settimeout(0.25):');
  say(`  ${timeout.name}: ${timeout.message} (after ${waited.toFixed(0)} ms)`);
  assert(waited >= 240, 'the timeout came too early');

  // As soon as somebody is there the same call succeeds.
  using client = new socket.socket();
  client.connect(listener.getsockname());
  const [accepted, peer] = listener.accept();
  using connection = accepted;
  say(`accept once a client has connected: port ${peer?.[1]}`);
  assert.deepEqual(connection.getpeername(), client.getsockname());
}

export function askForRefusal(say: Say): void {
  // A port that is taken, but that nobody listens on, refuses for sure.
  using taken = new socket.socket();
  taken.bind(['127.0.0.1', 0]);

  using curious = new socket.socket();
  const errno = curious.connect_ex(taken.getsockname());
  say(`connect_ex returned ${errno}, which is ECONNREFUSED`);
  assert.equal(errno, constants.errno.ECONNREFUSED);

  using strict = new socket.socket();
  const error = raised(socket.ConnectionRefusedError, () => strict.connect(taken.getsockname()));
  say(`connect throws ${error.name}: ${error.message}`);
  assert(error instanceof socket.OSError);

  taken.listen();
  using content = new socket.socket();
  const success = content.connect_ex(taken.getsockname());
  say(`connect_ex returned ${success} once somebody listened`);
  assert.equal(success, 0);
}
