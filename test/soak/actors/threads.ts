// Workers that are started, talked to, and ended in the middle of blocking and awaited calls.

import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets/promises';
import { cases, timeoutFrom } from '../../process/fixtures/waits.js';
import type { Flow } from '../bytes.js';
import { type Episode, isBroken } from '../episode.js';
import type { Sock } from '../links.js';
import type { Task } from '../worker.js';

/** Milliseconds in which a worker has to end once it is told so. */
const LIMIT = 20_000;
/** Bytes that a worker echoes at most. */
const MOST = 1 << 20;
const PIECE = 32 * 1024;

const program = new URL('../worker.js', import.meta.url);

/** Which socket a number is, or undefined if it is none. */
function identity(fd: number): number | undefined {
  try {
    return fstatSync(fd).ino;
  } catch {
    return undefined;
  }
}

interface Running {
  readonly worker: Worker;
  readonly ended: Promise<unknown>;
  /** Settles when the worker is ready, or gone. */
  readonly ready: Promise<unknown>;
}

function start(episode: Episode, task: Task): Running {
  episode.begin(`worker: ${task.manner}`);
  const worker = new Worker(program, { workerData: task });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject).once('exit', () => resolve());
  });
  // A worker that fails is noticed when its end is waited for.
  ended.catch(() => {});
  // Not earlier: of a worker that is ended while it loads modules Node.js leaves files open.
  const ready = Promise.race([once(worker, 'message').catch(() => {}), ended]);
  return { worker, ended, ready };
}

async function terminate(episode: Episode, { worker, ended }: Running): Promise<void> {
  episode.begin('worker terminated');
  const start = performance.now();
  await worker.terminate();
  const took = performance.now() - start;
  episode.expect(took < LIMIT, `a worker took ${took} ms to end`);
  await ended;
}

/** Ends a worker that blocks, or is about to. */
async function blocked(episode: Episode): Promise<void> {
  const { random } = episode;
  const [call, timeout] = random.pick(cases);
  const task: Task = {
    manner: 'block',
    fd: -1,
    owned: new Int32Array(new SharedArrayBuffer(4)),
    call,
    timeout: timeoutFrom(timeout),
  };
  const running = start(episode, task);
  episode.last = `worker blocked in ${call}, timeout ${timeout}`;
  await running.ready;
  await delay(random.integer(0, 80));
  await terminate(episode, running);
}

async function send(episode: Episode, sock: Sock, there: Flow, total: number): Promise<void> {
  while (there.sent < total) {
    there.sent += await sock.send(there.next(episode.random.size(PIECE)));
    await episode.pause();
  }
  sock.shutdown(socket.SHUT_WR);
}

async function receive(episode: Episode, sock: Sock, back: Flow): Promise<void> {
  for (;;) {
    const data = await sock.recv(episode.random.size(PIECE));
    if (data.length === 0) return;
    episode.take(back, data);
  }
}

/** Talks to a worker that echoes, to the end or until the worker is ended. */
async function echoed(episode: Episode, manner: Task['manner']): Promise<void> {
  const { random } = episode;
  const [near, far] = socket.socketpair() as [Sock, Sock];
  episode.closing(near);
  const inode = identity(far.fileno());
  const fd = far.detach();
  const owned = new Int32Array(new SharedArrayBuffer(4));
  const flow = episode.flow(`worker that does ${manner}`);
  const isComplete = manner !== 'leave' && random.chance(0.4);
  let running: Running;
  try {
    running = start(episode, { manner, fd, owned, call: '', timeout: null });
  } catch (error) {
    socket.close(fd);
    throw error;
  }
  const { ended } = running;
  // The echo's bytes are those that went: the same flow counts both.
  const broken = (error: unknown) => {
    if (isComplete || !isBroken(error)) throw error;
  };
  const talking = [
    send(episode, near, flow, random.size(MOST)).catch(broken),
    receive(episode, near, flow).catch(broken),
  ] as const;
  const ending = async () => {
    if (isComplete) return;
    await running.ready;
    await delay(random.integer(0, 60));
    await terminate(episode, running);
    if (identity(fd) !== inode) return;
    // It was ended before it had taken the descriptor.
    episode.expect(Atomics.load(owned, 0) === 0, 'the end of a worker left its socket open');
    socket.close(fd);
  };
  await episode.together(...talking, ending());
  await ended;
  if (isComplete) flow.finish();
}

export async function threads(episode: Episode): Promise<void> {
  await episode.world.starting(async () => {
    const manner = episode.random.pick([
      'block',
      'block',
      'echo',
      'echo',
      'echo with promises',
      'echo with promises',
      'leave',
    ] as const);
    if (manner === 'block') await blocked(episode);
    else await echoed(episode, manner);
  });
  await episode.pause(200);
}
