// A worker of the soak run: it echoes in one of the flavours, or blocks in a call, until it is ended.

import { parentPort, workerData } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { waits } from '../process/fixtures/waits.js';

/** What a worker is told to do. */
export interface Task {
  readonly manner: 'block' | 'echo' | 'echo with promises' | 'leave';
  /** The descriptor that it takes over, or -1. */
  readonly fd: number;
  /** Becomes 1 once the descriptor belongs to the worker. */
  readonly owned: Int32Array;
  /** A name in `waits`, and the timeout. */
  readonly call: string;
  readonly timeout: number | null;
}

const PIECE = 16 * 1024;

const task = workerData as Task;

/** Kept, so that it is the end of the worker that finds them. */
const kept: unknown[] = [];
Object.assign(globalThis, { kept });

function own<T>(sock: T): T {
  kept.push(sock);
  Atomics.store(task.owned, 0, 1);
  return sock;
}

function echo(): void {
  const sock = own(new socket.socket<number>({ fileno: task.fd }));
  parentPort?.postMessage('ready');
  for (let data = sock.recv(PIECE); data.length > 0; data = sock.recv(PIECE)) sock.sendall(data);
  sock.close();
}

async function echoWithPromises(): Promise<void> {
  const sock = own(new promises.socket<number>({ fileno: task.fd }));
  parentPort?.postMessage('ready');
  // Something that waits in vain, besides.
  const [idle, other] = promises.socketpair();
  kept.push(other);
  idle.recv(1).catch(() => {});
  for (;;) {
    const data = await sock.recv(PIECE);
    if (data.length === 0) break;
    await sock.sendall(data);
  }
  sock.close();
  idle.close();
}

function block(): void {
  const wait = waits[task.call]?.(task.timeout);
  parentPort?.postMessage('ready');
  wait?.();
}

function leave(): void {
  kept.push(own(new socket.socket<number>({ fileno: task.fd })), socket.socketpair());
  parentPort?.postMessage('ready');
  process.exit(0);
}

if (task.manner === 'block') block();
else if (task.manner === 'echo') echo();
else if (task.manner === 'leave') leave();
else void echoWithPromises();
