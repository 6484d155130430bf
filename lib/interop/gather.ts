// Sends a list of buffers with as few system calls as the kernel allows.

import { lasting } from '../socket/bytes.js';
import * as calls from '../socket/calls.js';
import { ATTEMPT, PENDING, type Pending } from '../socket/compose.js';
import type { Descriptor } from '../socket/descriptor.js';

/** The most pieces that sendmsg(2) takes: IOV_MAX of every system. */
const MOST_PIECES = 1024;

/**
 * An attempt that sends all of the buffers, or as much as can be sent without waiting; the next
 * attempt goes on behind that.
 *
 * @param sent is told how many bytes went, after each call
 */
export function gather(
  descriptor: Descriptor,
  buffers: readonly Uint8Array[],
  sent: (count: number) => void,
): () => undefined | Pending {
  let rest = buffers.filter(({ length }) => length > 0);
  let check = lasting(rest, 'send');
  return () => {
    while (rest.length > 0) {
      check();
      const count =
        rest.length === 1
          ? calls.send(descriptor, ATTEMPT, rest[0] as Uint8Array, 0)
          : calls.sendmsg(descriptor, ATTEMPT, rest.slice(0, MOST_PIECES), [], 0, null);
      if (count === PENDING) return PENDING;
      sent(count);
      rest = without(rest, count);
      check = lasting(rest, 'send');
    }
    return undefined;
  };
}

/** What is left of the buffers behind the first `count` bytes. */
function without(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  for (const { length } of buffers) {
    if (left < length) break;
    left -= length;
    index += 1;
  }
  const [first, ...others] = buffers.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
