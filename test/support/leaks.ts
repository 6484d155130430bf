// Importing this file makes a test file fail that leaves a socket or a file open.

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ownFiles, runtime } from './runtime.js';

/** What each open descriptor of this process is: `'5 socket:[4711]'`. */
export function openDescriptors(): Set<string> {
  const found = new Set<string>();
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      const target = readlinkSync(`/proc/self/fd/${fd}`);
      if (target.startsWith('socket:') || target.startsWith('/')) found.add(`${fd} ${target}`);
    } catch {
      // The descriptor that lists the directory is gone by now.
    }
  }
  return found;
}

/** Fails unless the same are open as before; Bun and Deno close some of their own meanwhile. */
export function assertSameDescriptors(before: ReadonlySet<string>): void {
  const now = openDescriptors();
  const kept = runtime === 'node' ? before : [...before].filter((each) => now.has(each));
  assert.deepEqual(now, new Set(kept));
}

/** Milliseconds that a runtime takes at most, on a busy machine, to close what it has opened. */
const LIMIT = 10_000;

const before = openDescriptors();

function leftOpen(): string[] {
  const own = ownFiles();
  return [...openDescriptors()].filter(
    (descriptor) => !before.has(descriptor) && !own.has(descriptor.replace(/^\d+ /, '')),
  );
}

after(async () => {
  const end = performance.now() + LIMIT;
  while (leftOpen().length > 0 && performance.now() < end) await delay(5);
  assert.deepEqual(leftOpen(), [], 'descriptors are left open');
});
