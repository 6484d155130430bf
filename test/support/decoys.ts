// Strangers that get a descriptor's number as soon as it is free, and notice when they are touched.

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';

/** More than the numbers that are free below the one that is wanted. */
const MOST = 100;
const CONTENT = Buffer.from('not for you');

/**
 * Makes a number, which is free, a copy of another descriptor: the kernel gives the lowest ones out
 * first (dup(2)). No object is made on it, as when somebody else in the process opens a file.
 */
export function put(fd: number, original: number): void {
  const others: number[] = [];
  try {
    for (let count = 0; count < MOST; count += 1) {
      const copy = socket.dup(original);
      if (copy === fd) return;
      others.push(copy);
    }
  } finally {
    for (const other of others) socket.close(other);
  }
  assert.fail(`the number ${fd} is not given out again`);
}

/** A socket of somebody else, which gets a number that was another socket's. */
export class Decoy {
  #fd = -1;

  constructor(
    /** The socket under a number of its own. */
    readonly sock: socket.socket<number>,
    private readonly others: readonly socket.socket<number>[],
    private readonly check: () => void,
  ) {}

  /** Takes the number, which was just closed. */
  take(fd: number): void {
    put(fd, this.sock.fileno());
    this.#fd = fd;
  }

  /** Says that the number was taken already, in another thread. */
  hasTaken(fd: number): void {
    this.#fd = fd;
  }

  /** Fails if a byte went in or out or its connection is gone; closes it. */
  assertUntouched(): void {
    assert.ok(this.#fd >= 0);
    try {
      this.check();
    } finally {
      socket.close(this.#fd);
      for (const each of [this.sock, ...this.others]) each.close();
    }
  }
}

/** A connection with something to read, and with room for much to be sent. */
function connection(): Decoy {
  const [here, there] = socket.socketpair();
  there.send(CONTENT);
  return new Decoy(here, [there], () => {
    there.setblocking(false);
    assert.throws(() => there.recv(99), socket.BlockingIOError, 'bytes went to the stranger');
    assert.deepEqual(here.recv(99, socket.MSG_DONTWAIT), CONTENT, 'bytes were the stranger’s');
  });
}

/** A datagram socket with something to read. */
function datagrams(): Decoy {
  const [here, there] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM);
  there.send(CONTENT);
  return new Decoy(here, [there], () => {
    assert.deepEqual(here.recv(99, socket.MSG_DONTWAIT), CONTENT, 'a datagram was the stranger’s');
    there.setblocking(false);
    assert.throws(() => there.recv(99), socket.BlockingIOError, 'a datagram went to the stranger');
  });
}

/** A listener to which a client has connected. */
function listener(): Decoy {
  const here = socket.create_server(['127.0.0.1', 0]);
  const client = socket.create_connection(here.getsockname());
  return new Decoy(here, [client], () => {
    here.setblocking(false);
    const [accepted, address] = here.accept();
    accepted.close();
    assert.deepEqual(address, client.getsockname(), 'a connection was the stranger’s');
  });
}

/** A socket that is not connected. */
function fresh(family: number): Decoy {
  const here = new socket.socket<number>(family);
  return new Decoy(here, [], () => {
    assert.throws(() => here.getpeername(), { code: 'ENOTCONN' }, 'the stranger was connected');
  });
}

/** A stranger whom the call on a socket would find to its liking. */
export function decoyFor(method: string, sock: socket.socket<number>): Decoy {
  if (method === 'accept') return listener();
  if (method.startsWith('connect')) return fresh(sock.family);
  return sock.type === socket.SOCK_DGRAM ? datagrams() : connection();
}
