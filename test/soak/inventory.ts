// What this process has at a quiet moment: descriptors, threads, children, memory.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Inventory {
  readonly descriptors: number;
  /** What they are: `5 socket:[4711]`. */
  readonly targets: readonly string[];
  readonly threads: number;
  readonly children: number;
  /** Bytes of V8's heap and of memory outside it that are in use. */
  readonly used: number;
  /** Resident bytes. */
  readonly resident: number;
}

/** Milliseconds in which threads end and collected sockets are closed. */
const LIMIT = 10_000;
const GLANCE = 50;
/** Milliseconds in which nothing changes any more. */
const STEADY = 1000;

/** How many descriptors are open; undefined at the limit, where the directory cannot be opened. */
export function descriptorCount(): number | undefined {
  try {
    // One of them lists the directory.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

function threadNumbers(): string[] {
  return readdirSync('/proc/self/task');
}

function childCount(): number {
  return threadNumbers().reduce((sum, thread) => {
    try {
      const children = readFileSync(`/proc/self/task/${thread}/children`, 'latin1');
      return sum + children.split(' ').filter(Boolean).length;
    } catch {
      // The thread has ended by now.
      return sum;
    }
  }, 0);
}

function targets(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
    } catch {
      // The descriptor that lists the directory is gone by now.
      return [];
    }
  });
}

function look(): Inventory {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    descriptors: descriptorCount() ?? Number.POSITIVE_INFINITY,
    targets: targets(),
    threads: threadNumbers().length,
    children: childCount(),
    used: heapUsed + external,
    resident: rss,
  };
}

function isWithin(now: Inventory, before: Inventory): boolean {
  return (
    now.descriptors <= before.descriptors &&
    now.threads <= before.threads &&
    now.children <= before.children
  );
}

/**
 * Looks until there are no more descriptors, threads and children than before, or, if there is no
 * before, until their number stays; for some seconds at most.
 */
export async function takeInventory(before?: Inventory): Promise<Inventory> {
  const end = performance.now() + LIMIT;
  let last = look();
  for (;;) {
    // What is collected in one turn is closed in a later one.
    await delay(before === undefined ? STEADY : GLANCE);
    const now = look();
    if (isWithin(now, before ?? last) || performance.now() > end) return now;
    last = now;
  }
}
