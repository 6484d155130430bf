// Whatever way a descriptor is born, it is close-on-exec, also what the package opens for itself.
// What a child process really gets is in test/process/inheritance.test.ts.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { toStream } from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import {
  AsyncTCPServer,
  ForkingTCPServer,
  TCPServer,
  ThreadingTCPServer,
} from 'berkeley-sockets/socketserver';
import { ask, serving } from '../support/pooled.js';
import { descriptorTargets, untilBlocked } from '../support/process.js';
import { closing, listener, pair, tcpPair, udp } from '../support/sockets.js';
import { Thread } from '../support/threads.js';
import { openFile } from '../support/waits.js';
import {
  Descriptors,
  type Inherited,
  inheritedDescriptors,
} from './fixtures/descriptor-handlers.js';

const { MSG_CMSG_CLOEXEC, SCM_RIGHTS, SOL_SOCKET } = socket;
const X = Buffer.from('x');
const ROOM = socket.CMSG_SPACE(8);

/** Descriptors that were passed, which are closed when the test ends. */
function passed(
  context: TestContext,
  items: readonly (readonly [number, number, Buffer])[],
): number {
  const fds = items.flatMap(([, , data]) => [...new Int32Array(new Uint8Array(data).buffer)]);
  context.after(() => {
    for (const fd of fds) socket.close(fd);
  });
  return fds.length;
}

type Sock = socket.socket<number>;

/** Ways to receive control messages. */
const RECEIVE: Readonly<
  Record<string, (sock: Sock, flags: number) => Promise<[number, number, Buffer][]>>
> = {
  recvmsg: async (sock, flags) => sock.recvmsg(1, ROOM, flags)[1],
  recvmsg_into: async (sock, flags) => sock.recvmsg_into([Buffer.alloc(1)], ROOM, flags)[1],
  recvmmsg: async (sock, flags) =>
    sock.recvmmsg(1, 1, { ancbufsize: ROOM, flags }).flatMap(([, items]) => items),
  recvmmsg_into: async (sock, flags) => {
    const batch = new socket.MessageBatch(1, 1, { ancbufsize: ROOM });
    sock.recvmmsg_into(batch, { flags });
    return batch.ancdata(0);
  },
  'recvmsg, awaited': async (sock, flags) => (await sock.promises.recvmsg(1, ROOM, flags))[1],
  'recvmsg_into, awaited': async (sock, flags) =>
    (await sock.promises.recvmsg_into([Buffer.alloc(1)], ROOM, flags))[1],
  'recvmmsg, awaited': async (sock, flags) => {
    const messages = await sock.promises.recvmmsg(1, 1, { ancbufsize: ROOM, flags });
    return messages.flatMap(([, items]) => items);
  },
};

/** Each way to open something, which stays open until the test ends: how many there are at least. */
const BIRTHS: Readonly<Record<string, (context: TestContext) => number | Promise<number>>> = {
  socket: (context) => [closing(context, new socket.socket())].length,
  'socket of the promise flavour': (context) => [closing(context, new promises.socket())].length,
  'socket with SOCK_NONBLOCK in its type'(context) {
    const type = socket.SOCK_STREAM | socket.SOCK_NONBLOCK;
    return [closing(context, new socket.socket(socket.AF_INET, type))].length;
  },
  socketpair: (context) => pair(context).length,
  'connect and accept': (context) => Object.keys(tcpPair(context)).length,
  async 'accept, awaited'(context) {
    const server = closing(context, await promises.create_server(['127.0.0.1', 0]));
    const connecting = promises.create_connection(server.getsockname() as never);
    closing(context, (await server.accept())[0]);
    closing(context, await connecting);
    return 3;
  },
  async 'connections()'(context) {
    const server = listener(context);
    closing(context, socket.create_connection(server.getsockname()));
    for await (const [connection] of server.promises.connections()) {
      closing(context, connection);
      break;
    }
    return 3;
  },
  async 'create_connection with happy eyeballs'(context) {
    const [, port] = listener(context).getsockname();
    const given = { happy_eyeballs_delay: 0.25 };
    closing(context, await promises.create_connection(['localhost', port], given));
    return 2;
  },
  'dup of an inheritable socket'(context) {
    const sock = new socket.socket();
    sock.set_inheritable(true);
    closing(context, sock.dup());
    sock.close();
    return 1;
  },
  'dup of a number'(context) {
    const fd = socket.dup(udp(context).fileno());
    context.after(() => socket.close(fd));
    return 2;
  },
  fromfd(context) {
    const sock = udp(context);
    closing(context, socket.fromfd(sock.fileno(), sock.family, sock.type));
    return 2;
  },
  recv_fds(context) {
    const [first, second] = pair(context);
    socket.send_fds(first, [X], [first.fileno()]);
    const [, fds] = socket.recv_fds(second, 1, 1);
    return 2 + passed(context, [[0, 0, Buffer.from(Int32Array.from(fds).buffer)]]);
  },
  async 'recv_fds, awaited'(context) {
    const [first, second] = pair(context);
    socket.send_fds(first, [X], [first.fileno()]);
    const [, fds] = await promises.recv_fds(second.promises, 1, 1);
    return 2 + passed(context, [[0, 0, Buffer.from(Int32Array.from(fds).buffer)]]);
  },
  'epoll()': (context) => [closing(context, new select.epoll())].length,
  'a selector': (context) => [closing(context, new selectors.EpollSelector())].length,
  async 'the reactor'(context) {
    const [first, second] = pair(context);
    const reading = first.promises.recv(1);
    second.send(X);
    await reading;
    return 2;
  },
  async 'poll() that is awaited'(context) {
    const [first, second] = pair(context);
    const poll = select.poll();
    poll.register(first, select.POLLIN);
    const polling = poll.poll_async();
    second.send(X);
    await polling;
    return 2;
  },
  sendfile(context) {
    const { client } = tcpPair(context);
    client.sendfile(openFile(context, 10));
    return 4;
  },
  'a stream'(context) {
    const [sock] = pair(context);
    const stream = toStream(sock);
    context.after(() => void stream.destroy());
    return 2;
  },
  makefile(context) {
    const [sock] = pair(context);
    const file = sock.makefile('rwb');
    context.after(() => file.close());
    return 2;
  },
};

for (const [method, receive] of Object.entries(RECEIVE)) {
  for (const flags of [0, MSG_CMSG_CLOEXEC]) {
    Object.assign(BIRTHS, {
      [`${method}, flags ${flags}`]: async (context: TestContext) => {
        const [first, second] = pair(context);
        const fds = Int32Array.of(first.fileno(), second.fileno());
        first.sendmsg([X], [[SOL_SOCKET, SCM_RIGHTS, fds]]);
        return 2 + passed(context, await receive(second, flags));
      },
    });
  }
}

function open(): Set<string> {
  return new Set(descriptorTargets().map(([fd, target]) => `${fd} ${target}`));
}

describe('no child process inherits what is opened by', { concurrency: false }, () => {
  const before = inheritedDescriptors();
  for (const [way, bear] of Object.entries(BIRTHS)) {
    test(way, async (context) => {
      const known = open();
      const least = await bear(context);
      const born = [...open()].filter((descriptor) => !known.has(descriptor));
      assert.ok(born.length >= least, `${born.length} of ${least}`);
      assert.deepEqual(inheritedDescriptors(), before);
    });
  }

  test('a call that waits in a worker', async (context) => {
    const [first, second] = pair(context);
    const thread = await Thread.start();
    const outcome = thread.run({ calls: [{ fd: first.fileno(), method: 'recv', args: [1] }] });
    await untilBlocked('self', 1);
    assert.deepEqual(inheritedDescriptors(), before);
    second.send(X);
    await outcome;
    await thread.end();
  });

  const classes = [TCPServer, AsyncTCPServer, ThreadingTCPServer, ForkingTCPServer];
  for (const Server of classes as unknown as (typeof TCPServer)[]) {
    test(`${Server.name}, nor by its workers`, { timeout: 60_000 }, async (context) => {
      const { server } = serving(context, new Server(['127.0.0.1', 0], Descriptors as never));
      const [pid, found] = JSON.parse(await ask(context, server, '')) as [number, Inherited[]];
      assert.equal(pid === process.pid, Server.name !== 'ForkingTCPServer');
      // What this process itself was started with goes on to its children.
      assert.deepEqual(found, before);
      assert.deepEqual(inheritedDescriptors(), before);
    });
  }
});
