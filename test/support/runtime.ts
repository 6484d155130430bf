// What other runtimes than Node.js cannot do, so that a test of it would say nothing of this package.

import { readFileSync, readlinkSync } from 'node:fs';

/** The runtime that runs this. */
export const runtime =
  'bun' in process.versions ? 'bun' : 'deno' in process.versions ? 'deno' : 'node';

/** For the option `skip` of a test: the reason where one is given for this runtime, else false. */
export function cannotOn(reasons: { readonly bun?: string; readonly deno?: string }) {
  return (runtime !== 'node' && reasons[runtime]) || false;
}

/** For tests that hand a descriptor to node:fs which that did not open. */
export const STRANGE_DESCRIPTOR = {
  deno: "Deno's node:fs knows only the descriptors that it opened itself, in the same thread",
};

/** For tests that borrow the descriptor of a socket of the runtime's. */
export const HIDDEN_DESCRIPTORS = {
  deno: 'Deno shows the descriptors of AF_UNIX streams, but no others of its sockets',
};

/** For tests that emit the connections of an `https.Server`. */
export const PLAIN_CONNECTIONS = {
  bun: "Bun's https.Server takes the connections that are emitted for plain http",
};

/** For tests that terminate a worker in the middle of a call. */
export const BUSY_WORKER = {
  deno: "Deno's worker.terminate() lets a busy worker go on, even in a loop of JavaScript",
};

/** For tests of programs that have no descriptor left. */
export const NO_DESCRIPTOR = { deno: 'Deno ends with a panic where no descriptor is left' };

/** For tests of what child processes inherit. */
export const NO_INHERITANCE = { bun: 'Bun closes all descriptors in its child processes' };

/** For tests that count the open descriptors of the process, or that expect a certain number. */
export const OWN_DESCRIPTORS = {
  bun: 'Bun opens and closes descriptors of its own meanwhile',
  deno: 'Deno opens sockets and epoll sets of its own meanwhile',
};

/**
 * Files that the runtime opens for itself at some time: Deno has nameless streams for threads and
 * signals, and Bun a copy of each of its standard streams.
 */
export function ownFiles(): Set<string> {
  if (runtime === 'bun') return new Set([0, 1, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`)));
  if (runtime !== 'deno') return new Set();
  const table = readFileSync('/proc/net/unix', 'latin1');
  const nameless = table.matchAll(/^\S+ \S+ \S+ \S+ 0001 \S+ +(\d+)$/gm);
  return new Set([...nameless].map(([, inode]) => `socket:[${inode}]`));
}
