// Starts worker threads for a pool.

import { entry } from './entry.js';
import { type Member, type MemberEvents, remade } from './member.js';
import type { Answer, Plan, Remark } from './plan.js';

function threads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

/** The ports in a value, which have to be moved because they cannot be copied. */
function portsIn(value: unknown, found = new Set<unknown>()): unknown[] {
  if (typeof value !== 'object' || value === null || found.has(value)) return [];
  found.add(value);
  if (value instanceof MessagePort) return [value];
  if (ArrayBuffer.isView(value)) return [];
  const inner = value instanceof Map ? [...value.entries()].flat() : [];
  const items = value instanceof Set ? [...value] : inner;
  return [...items, ...Object.values(value)].flatMap((item) => portsIn(item, found));
}

/**
 * Starts a thread.
 *
 * @throws DataCloneError if `server.shared` cannot be cloned, or has a port that was moved before
 */
export function startThread(plan: Plan, events: MemberEvents): Member {
  const title = `Thread-${plan.id}`;
  const { Worker, SHARE_ENV } = threads();
  const worker = new Worker(entry('thread'), {
    workerData: plan,
    name: title,
    // As in Python the threads of a process have one environment.
    env: SHARE_ENV as never,
    argv: process.argv.slice(2),
    transferList: portsIn(plan.shared) as never[],
  });
  let reason: string | undefined;
  // A handler may use its parentPort, too; what it posts there is not for the server.
  worker.on('message', (remark: Remark | null | undefined) => {
    if (remark?.what === 'ready') events.ready();
    else if (remark?.what === 'failed') events.failed(remade(remark));
    else if (remark?.what === 'shutdown') {
      const answer: Answer = { call: remark.call };
      const reply = () => worker.postMessage(answer);
      void events.shutdown().then(reply, reply);
    }
  });
  worker.on('error', (error: unknown) => {
    reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  });
  worker.on('exit', (code) => {
    events.ended(reason ?? (code === 0 ? undefined : `exit code ${code}`));
  });
  return {
    title,
    pid: process.pid,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    stop: () => void worker.terminate(),
    // Node would leave the files open that a thread is loading when it is terminated. The thread
    // ends by itself when it finds the channel closed.
    dismiss: () => {},
  };
}
