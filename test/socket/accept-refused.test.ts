// accept() of what never has a connection to give fails at once, in every thread.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { thrownBy } from '../support/exceptions.js';
import { closing, pair, tcpPair, udp } from '../support/sockets.js';
import { PLACES, strip, Threads } from '../support/threads.js';

/** Milliseconds for a test: a call that waits shall not wait for ever. */
const LIMIT = 10_000;

test('accept() of a closed socket is EBADF at once, whatever its timeout', () => {
  for (const timeout of [0, 1, 600, null]) {
    const sock = socket.create_server(['127.0.0.1', 0]);
    sock.settimeout(timeout);
    sock.close();
    const start = performance.now();
    assert.match(
      thrownBy(() => sock.accept()),
      /^OSError: \[Errno 9\] /,
    );
    assert.ok(performance.now() - start < 900, `timeout ${timeout}`);
  }
});

const CASES: Record<string, [make: (context: TestContext) => socket.socket<number>, code: string]> =
  {
    'a UDP socket': [udp, 'ENOTSUP'],
    'a datagram socket of AF_UNIX': [(context) => pair(context, socket.SOCK_DGRAM)[0], 'ENOTSUP'],
    'a connected TCP socket': [(context) => tcpPair(context).client, 'EINVAL'],
    'an accepted TCP socket': [(context) => tcpPair(context).accepted, 'EINVAL'],
    'a connected AF_UNIX stream': [(context) => pair(context)[0], 'EINVAL'],
    'a new TCP socket': [(context) => closing(context, new socket.socket()), 'EINVAL'],
  };

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

for (const place of PLACES) {
  describe(`in ${place}`, { concurrency: false }, () => {
    for (const [what, [make, code]] of Object.entries(CASES)) {
      test(`accept() of ${what} is ${code} at once`, { timeout: LIMIT }, async (context) => {
        const outcome = await threads.call(place, [make(context), 'accept'], null);
        assert.deepEqual(strip(outcome), { error: `OSError: ${code}` });
        assert.ok(outcome.elapsed < 1000, `${outcome.elapsed} ms`);
      });
    }
  });
}
