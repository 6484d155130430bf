// Importing this file makes a test file fail that leaves a socket or a file open.

import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { after } from 'node:test';

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

const before = openDescriptors();

after(() => {
  const left = [...openDescriptors()].filter((descriptor) => !before.has(descriptor));
  assert.deepEqual(left, [], 'descriptors are left open');
});
