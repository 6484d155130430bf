// The calls of the promise flavour, at once and after waiting, with each system call failing.

import * as fs from 'node:fs';
import * as socket from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { untilSettled } from './late.js';
import { closeAll, short, walksOf } from './walk.js';

type Sock = InstanceType<typeof socket.socket<number>>;

const { on } = walksOf('berkeley-sockets/promises');
const DATA = Buffer.from('12345678');

/** A pair; the data come before the call, or while it waits. */
class Pair {
  readonly ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) as unknown as [Sock, Sock];

  get first(): Sock {
    return this.ends[0];
  }

  /** Sends while the call waits, by Node's own means: the fault is for the call alone. */
  async late<T>(start: (first: Sock) => Promise<T>): Promise<T> {
    const waiting = start(this.first);
    await untilSettled(waiting, () => fs.writeSync(this.ends[1].fileno(), DATA));
    return waiting;
  }

  async early<T>(start: (first: Sock) => Promise<T>): Promise<T> {
    fs.writeSync(this.ends[1].fileno(), DATA);
    return start(this.first);
  }

  close(): void {
    for (const end of this.ends) end.close();
  }
}

/** A call that waits on may find more than one message. */
const late = {
  alsoRight: (value: unknown, code: string) =>
    short.alsoRight(value, code) ||
    (code === 'EAGAIN' && Array.isArray(value) && value.length === 2 && Array.isArray(value[1])),
};

const receiving: Record<string, (sock: Sock) => Promise<unknown>> = {
  recv: (sock) => sock.recv(8),
  recv_into: (sock) => sock.recv_into(new Uint8Array(8)),
  recvfrom: (sock) => sock.recvfrom(8),
  recvfrom_into: (sock) => sock.recvfrom_into(new Uint8Array(8)),
  recvmsg: (sock) => sock.recvmsg(8, 100),
  recvmmsg: (sock) => sock.recvmmsg(2, 8),
};
for (const [name, call] of Object.entries(receiving)) {
  on(
    `${name} at once`,
    () => new Pair(),
    (pair) => pair.early(call),
    short,
  );
  on(
    `${name} after waiting`,
    () => new Pair(),
    (pair) => pair.late(call),
    { ...late, isOnce: true },
  );
}

const sending: Record<string, (sock: Sock) => Promise<unknown>> = {
  send: (sock) => sock.send(DATA),
  sendall: (sock) => sock.sendall(DATA),
  sendmsg: (sock) => sock.sendmsg([DATA]),
  sendmmsg: (sock) => sock.sendmmsg([DATA, DATA]),
};
for (const [name, call] of Object.entries(sending)) {
  on(
    name,
    () => new Pair(),
    (pair) => call(pair.first),
    short,
  );
}

class Listener {
  readonly server = new socket.socket() as Sock;
  readonly clients: Sock[] = [];

  constructor() {
    this.server.bind(['127.0.0.1', 0]);
    this.server.listen();
  }

  async connect(): Promise<void> {
    const client = new socket.socket() as Sock;
    this.clients.push(client);
    await client.connect(this.server.getsockname());
  }

  close(): void {
    this.server.close();
    void closeAll(this.clients);
  }
}

on(
  'connect',
  () => new Listener(),
  (listener) => listener.connect(),
);
on(
  'create_connection',
  () => new Listener(),
  ({ server }) => socket.create_connection(server.getsockname() as [string, number]),
  { hides: [] },
);
on(
  'accept at once',
  () => new Listener(),
  async (listener) => {
    await listener.connect();
    const [connection] = await listener.server.accept();
    return connection;
  },
  { isOnce: true },
);
on(
  'accept after waiting',
  () => new Listener(),
  async (listener) => {
    const waiting = listener.server.accept();
    // Also where a connection comes although connecting failed.
    waiting.then(
      ([connection]) => listener.clients.push(connection),
      () => {},
    );
    await untilSettled(waiting, () => listener.connect());
    const [connection] = await waiting;
    return connection;
  },
  { isOnce: true },
);
on(
  'wait_readable',
  () => new Pair(),
  (pair) => pair.early((sock) => socket.wait_readable(sock)),
);
on(
  'wait_writable',
  () => new Pair(),
  (pair) => socket.wait_writable(pair.first),
);
