// Sockets as streams of Node's and of the web: whichever system call fails, an error comes once, no
// byte is lost or doubled before it, and the socket is closed after it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as blocking from 'berkeley-sockets';
import * as interop from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { untilSettled } from './late.js';
import { unharmed, walksOf } from './walk.js';

type Sock = InstanceType<typeof blocking.socket<number>>;

const SAID = ['hello ', 'wide ', 'world'];
const REPLY = 'answer';
/** Turns of the loop for a conversation with one thing that is said twice as seldom as possible. */
const ROUNDS = 60;

/** A stream socket whose peer is read from and written to by Node's own means. */
class Peer {
  readonly ends: readonly [Sock, Sock];
  /** What has come to the peer. */
  heard = '';
  #told = 0;
  #hasEnded = false;
  readonly #bytes = Buffer.alloc(1000);

  constructor(module: typeof blocking | typeof promises) {
    const { socketpair } = module as typeof blocking;
    this.ends = socketpair() as unknown as [Sock, Sock];
    this.ends[1].settimeout(0);
  }

  get sock(): Sock {
    return this.ends[0];
  }

  /**
   * Hears what has come and says the next letter; ends and closes after the last one. These are two
   * events: who was told EAGAIN at the first one hears of the end with the other one.
   */
  readonly turn = (): void => unharmed(() => this.#act());

  #act(): void {
    const fd = this.ends[1].fileno();
    if (fd < 0) return;
    this.#hear(fd);
    if (this.#told < REPLY.length) {
      try {
        fs.writeSync(fd, REPLY[this.#told] as string);
      } catch {
        // The stream has closed its end.
      }
      this.#told += 1;
      return;
    }
    this.#told += 1;
    const isHeard = this.heard === SAID.join('') || this.#told > ROUNDS / 2;
    if (isHeard && this.#hasEnded) this.ends[1].close();
    else if (isHeard) this.ends[1].shutdown(blocking.SHUT_WR);
    this.#hasEnded = isHeard;
  }

  #hear(fd: number): void {
    try {
      this.heard += this.#bytes.toString('latin1', 0, fs.readSync(fd, this.#bytes));
    } catch {
      // Nothing has come.
    }
  }

  /** Fails unless what either side got is right for a conversation, which an error may have cut. */
  check(read: string, isCut: boolean): void {
    const fd = this.ends[1].fileno();
    if (fd >= 0) this.#hear(fd);
    const said = SAID.join('');
    if (isCut) {
      assert.ok(said.startsWith(this.heard), this.heard);
      assert.ok(REPLY.startsWith(read), read);
    } else {
      assert.equal(this.heard, said);
      assert.equal(read, REPLY);
    }
    assert.equal(this.sock.fileno(), -1);
  }

  close(): void {
    for (const end of this.ends) end.close();
  }
}

const { on } = walksOf('berkeley-sockets/interop');
for (const module of [blocking, promises]) {
  const make = () => new Peer(module);
  const how = module === blocking ? 'of a blocking socket' : 'of a promise socket';

  on(
    `toStream ${how}`,
    make,
    async (peer) => {
      const stream = interop.toStream(peer.sock);
      const errors: Error[] = [];
      let read = '';
      stream.on('error', (error) => errors.push(error));
      stream.setEncoding('latin1').on('data', (text) => {
        read += text;
      });
      const closed = new Promise((resolve) => stream.once('close', resolve));
      for (const text of SAID) stream.write(text);
      stream.end();
      await untilSettled(closed, peer.turn, ROUNDS);
      await closed;
      assert.ok(errors.length < 2, `${errors.length} errors`);
      assert.equal(stream.destroyed, true);
      assert.equal(stream.errored, errors[0] ?? null);
      peer.check(read, errors.length > 0);
      if (errors.length > 0) throw errors[0];
    },
    {
      isOnce: true,
      covers: [
        'toStream',
        'SocketStream._read',
        'SocketStream._write',
        'SocketStream._writev',
      ].concat(['SocketStream._final', 'SocketStream._destroy']),
    },
  );

  on(
    `toReadableStream and toWritableStream ${how}`,
    make,
    async (peer) => {
      const readable = interop.toReadableStream(peer.sock);
      const writable = interop.toWritableStream(peer.sock);
      let read = '';
      const reading = (async () => {
        for await (const bytes of readable) read += Buffer.from(bytes).toString();
      })();
      const writing = (async () => {
        const writer = writable.getWriter();
        writer.closed.catch(() => {});
        for (const text of SAID) await writer.write(Buffer.from(text));
        await writer.close();
      })();
      const both = Promise.allSettled([reading, writing]);
      await untilSettled(both, peer.turn, ROUNDS);
      const failures = (await both).filter(({ status }) => status === 'rejected');
      peer.check(read, failures.length > 0);
      const [first] = failures as PromiseRejectedResult[];
      if (first) throw first.reason;
    },
    { isOnce: true, covers: ['toReadableStream', 'toWritableStream'] },
  );

  on(
    `toNetSocket ${how}`,
    make,
    async (peer) => {
      const socket = interop.toNetSocket(peer.sock);
      let read = '';
      socket.setEncoding('latin1').on('data', (text) => {
        read += text;
      });
      const closed = once(socket, 'close');
      for (const text of SAID) socket.write(text);
      socket.end();
      await untilSettled(closed, peer.turn, ROUNDS);
      await closed;
      peer.check(read, false);
    },
    // What cannot be given away is still there, and can be the next time.
    {
      isOnce: true,
      check: async (peer) => assert.ok(peer.sock.fileno() === -1 || (await usable(peer))),
    },
  );
}

async function usable({ sock }: Peer): Promise<boolean> {
  return (await sock.send(Buffer.from('x'))) === 1;
}

/** A connection of TCP as a stream. */
class Connection {
  readonly server = blocking.create_server(['127.0.0.1', 0]);
  readonly sock = blocking.create_connection(this.server.getsockname());
  readonly stream = interop.toStream(this.sock);

  async close(): Promise<void> {
    const closed = once(this.stream, 'close');
    this.stream.destroy();
    if (!this.stream.closed) await closed;
    this.server.close();
  }
}

const connection = () => new Connection();
// As Node's do, these overlook that the system refuses; reading and writing tell.
const members = [
  'localAddress',
  'localPort',
  'localFamily',
  'remoteAddress',
  'remotePort',
  'remoteFamily',
  'address',
] as const;
on(
  'SocketStream members that ask for names',
  connection,
  ({ stream }) => members.map((name) => typeof (stream[name] as unknown)).length,
  { covers: members.map((name) => `SocketStream.${name}`) },
);
on('SocketStream address()', connection, ({ stream }) => typeof stream.address().port, {
  covers: ['SocketStream.address'],
  alsoRight: (value) => value === 'undefined',
});
on(
  'SocketStream setters of options',
  connection,
  ({ stream }) => {
    stream.setNoDelay(true);
    stream.setKeepAlive(true, 5000);
  },
  { covers: ['setNoDelay', 'setKeepAlive'].map((name) => `SocketStream.${name}`) },
);
for (const name of ['destroySoon', 'resetAndDestroy'] as const) {
  on(
    `SocketStream.${name}`,
    connection,
    async ({ stream }) => {
      const errors: Error[] = [];
      stream.on('error', (error) => errors.push(error));
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream[name]();
      await closed;
      assert.ok(errors.length < 2);
      if (errors.length > 0) throw errors[0];
    },
    { isOnce: true },
  );
}

/** One of Node's own. */
class Nodes {
  private constructor(
    readonly server: net.Server,
    readonly socket: net.Socket,
    readonly other: net.Socket,
  ) {}

  static async make(): Promise<Nodes> {
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connected = once(server, 'connection');
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const [other] = (await connected) as [net.Socket];
    return new Nodes(server, socket, other);
  }

  async close(): Promise<void> {
    for (const socket of [this.socket, this.other]) {
      const closed = once(socket, 'close');
      socket.destroy();
      await closed;
    }
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}

on(
  'fromNode',
  () => Nodes.make(),
  ({ socket }) => {
    const borrowed = interop.fromNode(socket);
    return borrowed.getsockopt(blocking.SOL_SOCKET, blocking.SO_TYPE);
  },
  { covers: ['fromNode', 'BorrowedSocket.getsockopt'] },
);
