// A thread that makes calls on the sockets of a test: the script of the workers of threads.ts.

import { readFileSync, readlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import { put } from './decoys.js';

/** A call on a descriptor, which the thread borrows for it. */
export interface Call {
  readonly fd: number;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Seconds for `settimeout`; left out, the descriptor's mode stays as it is. */
  readonly timeout?: number | null;
}

/** What became of a call, in a form that can be compared and sent. */
export interface Outcome {
  /** The value; bytes as text, a socket (which is closed) as `'socket'`. */
  readonly value?: unknown;
  /** The error's name and number. */
  readonly error?: string;
  readonly elapsed: number;
}

/** Makes the calls, after the thread of that number has begun to wait, if one is given. */
export interface Order {
  readonly calls: readonly Call[];
  readonly waiter?: number;
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof socket.socket)) return value;
  value.close();
  return 'socket';
}

/** Makes a call and says what came of it, and how long it took. */
export function perform(make: () => unknown): Outcome {
  const start = performance.now();
  try {
    const value = plain(make());
    return { value, elapsed: performance.now() - start };
  } catch (thrown) {
    const elapsed = performance.now() - start;
    if (!(thrown instanceof Error)) throw thrown;
    const { name, message } = thrown;
    const code = thrown instanceof socket.OSError && thrown.errno !== undefined && thrown.code;
    return { error: `${name}: ${code || message}`, elapsed };
  }
}

/** How many milliseconds a thread waits for what comes at once unless something is wrong. */
const PATIENCE = 20_000;

// The system calls in which a thread waits for a socket, by their numbers in syscalls(2).
const WAITING: Readonly<Record<string, readonly number[]>> = {
  // poll ppoll recvfrom recvmsg sendto sendmsg accept accept4 connect sendfile
  x64: [7, 271, 45, 47, 44, 46, 43, 288, 42, 40],
  arm64: [73, 207, 212, 206, 211, 202, 242, 203, 71],
};

/** Whether a thread of this process waits in a system call for a socket. */
export function isWaiting(thread: number): boolean {
  const line = readFileSync(`/proc/self/task/${thread}/syscall`, 'latin1');
  return WAITING[process.arch]?.includes(Number.parseInt(line, 10)) ?? false;
}

/** The number of this thread in the system. */
export function threadNumber(): number {
  return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
}

/** Spins until the thread waits; gives up, with false, when it does not. */
function awaitWaiter(thread: number): boolean {
  const end = performance.now() + PATIENCE;
  while (!isWaiting(thread)) {
    if (performance.now() > end) return false;
  }
  return true;
}

/** What a thread can do besides the methods of a socket. */
const OTHERS: Record<string, (sock: socket.socket<number>, ...args: never[]) => unknown> = {
  /** Receives exactly so many bytes. */
  receive(sock, size: number) {
    sock.settimeout(PATIENCE / 1000);
    const room = new Uint8Array(65536);
    let rest = size;
    while (rest > 0) {
      const received = sock.recv_into(room, Math.min(rest, room.length));
      if (received === 0) break;
      rest -= received;
    }
    return size - rest;
  },
  /** Closes the number, and makes it a copy of another descriptor at once. */
  replace(sock, by: number) {
    const fd = sock.fileno();
    socket.close(fd);
    put(fd, by);
  },
  /** Receives a little now and then, until told to stop. */
  trickle(sock, stop: Int32Array) {
    let total = 0;
    while (Atomics.wait(stop, 0, 0, 10) === 'timed-out') {
      total += sock.recv(32768).length;
    }
    return total;
  },
};

/** Calls a method of a socket, or one of the others. */
export function invoke(
  sock: socket.socket<number>,
  method: string,
  args: readonly unknown[],
): unknown {
  const other = OTHERS[method];
  if (other !== undefined) return other(sock, ...(args as never[]));
  const methods = sock as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  return methods[method]?.(...args);
}

function makeCall({ fd, method, args, timeout }: Call): Outcome {
  const sock = new socket.socket<number>({ fileno: fd });
  try {
    if (timeout !== undefined) sock.settimeout(timeout);
    return perform(() => invoke(sock, method, args));
  } finally {
    sock.detach();
  }
}

parentPort?.on('message', ({ calls, waiter }: Order) => {
  const waited = waiter === undefined || awaitWaiter(waiter);
  parentPort?.postMessage({ waited, outcomes: calls.map(makeCall) });
});
parentPort?.postMessage(threadNumber());
