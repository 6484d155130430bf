// MSG_WAITALL on a connection that is reset midway: what came before is given, and nothing else.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { openDescriptors } from '../support/leaks.js';
import { runtime } from '../support/runtime.js';
import { closing, pair, tcpPair, unixPath } from '../support/sockets.js';
import { PLACES, type SocketCall, strip, Threads } from '../support/threads.js';

const { MSG_WAITALL, SO_LINGER, SOL_SOCKET } = socket;
const LIMIT = 10_000;
const MOST = 100;
const ROOM = 64;

/** A receiver, the number of its peer, whose closing resets the connection, and its address. */
interface Broken {
  readonly sock: socket.socket<number>;
  readonly peer: number;
  readonly address: string | null;
}

const STREAMS: Record<string, (context: TestContext) => Broken> = {
  TCP(context) {
    const { client, accepted } = tcpPair(context);
    // With a linger time of zero close() resets the connection (socket(7)).
    client.setsockopt(SOL_SOCKET, SO_LINGER, new Int32Array([1, 0]));
    client.send(Buffer.from('ab'));
    return { sock: accepted, peer: client.detach(), address: null };
  },
  AF_UNIX(context) {
    const path = unixPath(context);
    const server = closing(context, new socket.socket(socket.AF_UNIX));
    server.bind('');
    server.listen();
    const client = closing(context, new socket.socket(socket.AF_UNIX));
    client.bind(path);
    client.connect(server.getsockname());
    const [accepted] = server.accept();
    // Closing an AF_UNIX socket that has not received everything resets the connection.
    accepted.send(Buffer.from('never received'));
    client.send(Buffer.from('ab'));
    return { sock: closing(context, accepted), peer: client.detach(), address: path };
  },
};

type Method = [args: () => unknown[], value: (address: string | null) => unknown];

const METHODS: Record<string, Method> = {
  recv: [() => [MOST, MSG_WAITALL], () => 'ab'],
  recv_into: [() => [new Uint8Array(MOST), MOST, MSG_WAITALL], () => 2],
  recvfrom: [() => [MOST, MSG_WAITALL], (address) => ['ab', address]],
  recvfrom_into: [() => [new Uint8Array(MOST), MOST, MSG_WAITALL], (address) => [2, address]],
  recvmsg: [() => [MOST, ROOM, MSG_WAITALL], (address) => ['ab', [], 0, address]],
  recvmsg_into: [
    () => [[new Uint8Array(MOST)], ROOM, MSG_WAITALL],
    (address) => [2, [], 0, address],
  ],
};

let threads: Threads;
before(async () => {
  threads = await Threads.start();
});
after(() => threads.end());

for (const place of PLACES) {
  /** Has the place receive descriptors, which the memory for control messages then shows. */
  const receiveDescriptors = async (context: TestContext) => {
    const [sender, receiver] = pair(context);
    const sent = sender.fileno();
    socket.send_fds(sender, [Buffer.from('x')], [sent, sent]);
    const { value } = await threads.call(place, [receiver, 'recvmsg', 1, ROOM], null);
    const [, [[, , rights]]] = value as [string, [[number, number, string]]];
    const numbers = new Int32Array(new Uint8Array(Buffer.from(rights, 'latin1')).buffer);
    assert.equal(numbers.length, 2);
    for (const fd of numbers) context.after(() => socket.close(fd));
  };

  describe(`in ${place} a reset connection`, { concurrency: false }, () => {
    for (const [kind, connect] of Object.entries(STREAMS)) {
      for (const [method, [args, value]] of Object.entries(METHODS)) {
        test(`of ${kind} ends ${method} with what came`, { timeout: LIMIT }, async (context) => {
          await receiveDescriptors(context);
          const { sock, peer, address } = connect(context);
          const opened = openDescriptors().size;
          const call: SocketCall = [sock, method, ...args()];
          const { outcome } = await threads.callWhile(place, call, null, [[peer, 'close']]);
          assert.deepEqual(strip(outcome), { value: value(address) });
          // Deno opens sockets of its own meanwhile.
          if (runtime !== 'deno') assert.equal(openDescriptors().size, opened - 1);
        });
      }
    }
  });
}
