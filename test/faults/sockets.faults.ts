// What is left of both flavours' sockets: names and ends, files of the kernel's, descriptors that are
// sent and received, iterating, with each system call failing.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { untilSettled } from './late.js';
import { type Outcome, walksOf } from './walk.js';

type Sock = InstanceType<typeof blocking.socket<number>>;
type AsyncSock = InstanceType<typeof promises.socket<number>>;

const DATA = Buffer.from('12345678');
const here = walksOf('berkeley-sockets');
const there = walksOf('berkeley-sockets/promises');

/** A connection, and somebody who knows its number. */
class Connection {
  readonly server = blocking.create_server(['127.0.0.1', 0]);
  readonly sock: Sock | AsyncSock;

  constructor(module: typeof blocking | typeof promises) {
    const sock = blocking.create_connection(this.server.getsockname()) as Sock;
    this.sock = module === blocking ? sock : (sock.promises as AsyncSock);
  }

  close(): void {
    this.sock.close();
    this.server.close();
  }
}

for (const [walks, module] of [
  [here, blocking],
  [there, promises],
] as const) {
  const make = () => new Connection(module);
  const { on } = walks;
  on('getpeername', make, ({ sock }) => sock.getpeername()[0]);
  on('shutdown', make, ({ sock }) => sock.shutdown(blocking.SHUT_WR));
  on('settimeout', make, ({ sock }) => sock.settimeout(5));
  on('fromfd', make, ({ sock }) => {
    const { fromfd } = module as typeof blocking;
    return fromfd(sock.fileno(), blocking.AF_INET, blocking.SOCK_STREAM);
  });
  on('dup of a descriptor', make, ({ sock }) => {
    fs.closeSync(module.dup(sock.fileno()));
  });
  on('socket.dup', make, ({ sock }) => sock.dup());
  on('close of a descriptor', make, ({ sock }) => {
    const fd = fs.openSync('/dev/null', 'r');
    module.close(fd);
    sock.fileno();
  });
  on('detach', make, ({ sock }) => {
    const copy = sock.dup();
    fs.closeSync(copy.detach());
  });
  on(
    'Symbol.dispose',
    make,
    ({ sock }) => {
      const copy = sock.dup();
      copy[Symbol.dispose]();
    },
    { covers: ['nodejs.dispose'] },
  );
}
there.on(
  'nodejs.asyncDispose',
  () => new Connection(promises),
  async ({ sock }) => {
    const copy = sock.dup() as AsyncSock;
    await copy[Symbol.asyncDispose]();
  },
);

class Pair<S extends Sock | AsyncSock> {
  readonly ends: readonly [S, S];
  readonly file = fs.openSync(new URL(import.meta.url), 'r');

  constructor(module: typeof blocking | typeof promises, type: number, timeout: number | null) {
    const { socketpair } = module as typeof blocking;
    this.ends = socketpair(blocking.AF_UNIX, type) as unknown as [S, S];
    for (const end of this.ends) end.settimeout(timeout);
  }

  get first(): S {
    return this.ends[0];
  }

  /** How many bytes have come to the other end, and whether they are the file's. */
  checkFile(outcome: Outcome): void {
    const bytes = Buffer.alloc(10_000);
    const expected = Buffer.alloc(COUNT);
    fs.readSync(this.file, expected, 0, COUNT, 0);
    this.ends[1].settimeout(0);
    let length = 0;
    try {
      length = fs.readSync(this.ends[1].fileno(), bytes);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
    }
    const arrived = bytes.subarray(0, length);
    // All of the second time, and of the first time what came before an error.
    const front = arrived.subarray(0, -COUNT);
    assert.ok(arrived.subarray(-COUNT).equals(expected));
    assert.ok(front.equals(expected.subarray(0, front.length)));
    if ('value' in outcome) assert.equal(front.length, COUNT);
  }

  close(): void {
    for (const end of this.ends) end.close();
    fs.closeSync(this.file);
  }
}

/** How much of this file is sent. */
const COUNT = 1000;
for (const timeout of [null, 5]) {
  const how = timeout === null ? 'without a timeout' : 'with a timeout';
  const { SOCK_STREAM } = blocking;
  for (const [walks, module] of [
    [here, blocking],
    [there, promises],
  ] as const) {
    const make = () => new Pair(module, SOCK_STREAM, timeout);
    const check = (pair: Pair<Sock | AsyncSock>, outcome: Outcome) => pair.checkFile(outcome);
    walks.on(
      `sendfile ${how} of a file`,
      make,
      ({ first, file }) => first.sendfile(file, 0, COUNT),
      { check },
    );
    // What has no descriptor is read and sent.
    walks.on(
      `sendfile ${how} of an object`,
      make,
      ({ first, file }) => {
        let position = 0;
        return first.sendfile(
          {
            read(size: number) {
              const bytes = Buffer.alloc(Math.min(size, 300));
              const length = fs.readSync(file, bytes, 0, bytes.length, position);
              position += length;
              return bytes.subarray(0, length);
            },
          },
          0,
          COUNT,
        );
      },
      { check },
    );
  }
  there.on(
    `send_fds and recv_fds ${how}`,
    () => new Pair<AsyncSock>(promises, SOCK_STREAM, timeout),
    async ({ ends }) => {
      await promises.send_fds(ends[1], [DATA], [0]);
      const [, fds] = await promises.recv_fds(ends[0], 100, 4);
      for (const fd of fds) fs.closeSync(fd);
      return fds.length;
    },
    { covers: ['send_fds', 'recv_fds'] },
  );
  there.on(
    `recvmsg_into ${how}`,
    () => new Pair<AsyncSock>(promises, blocking.SOCK_DGRAM, timeout),
    async ({ ends }) => {
      fs.writeSync(ends[1].fileno(), DATA);
      return ends[0].recvmsg_into([new Uint8Array(8)], 100);
    },
    { alsoRight: (value, code) => code.startsWith('a') && (value as [number])[0] === 4 },
  );
}
there.on(
  'sendto',
  () => new promises.socket(blocking.AF_INET, blocking.SOCK_DGRAM),
  (sock) => sock.sendto(DATA, ['127.0.0.1', 9]),
  { alsoRight: (value, code) => code.startsWith('a') && value === 4 },
);

/** A loop that ends with an error can be begun again, and nothing is lost in between. */
there.on(
  'datagrams',
  () => new Pair<AsyncSock>(promises, blocking.SOCK_DGRAM, null),
  async ({ ends }) => {
    const waiting = (async () => {
      for await (const [data] of ends[0].datagrams()) return data.toString();
      return undefined;
    })();
    await untilSettled(waiting, () => fs.writeSync(ends[1].fileno(), DATA));
    return waiting;
  },
  { alsoRight: (value, code) => code.startsWith('a') && DATA.toString().startsWith(String(value)) },
);
there.on(
  'connections',
  () => new Connection(promises),
  async ({ server }) => {
    for await (const [connection] of (server as unknown as Sock).promises.connections()) {
      connection.close();
      break;
    }
  },
  { isOnce: true },
);
