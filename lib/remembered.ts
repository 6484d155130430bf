// The memory of the last transfer in a direction, which the addon need not be given again.
//
// To ask Node-API for it costs a third of a call. It is still the same if the view is the same and
// as long as it was: a view whose memory was transferred or shrunk is empty.

/** Memory that the addon remembers, and how long it was; -1 stands for none. */
export interface Remembered {
  view: Uint8Array;
  length: number;
  /** Transfers in a row with other memory than the one before. */
  misses: number;
}

/** Memory of more bytes is not kept alive for that. */
const LARGEST_KEPT = 1024 * 1024;
// To ask how large memory is costs as much as it saves, in vain where each connection has its own.
const MOST_MISSES = 8;

const NOBODY = new Uint8Array(0);

/** Nothing remembered so far. */
export function nothingRemembered(): Remembered {
  return { view: NOBODY, length: -1, misses: 0 };
}

/**
 * The engine's own reading of a length: a property of that name, which anybody may define, would
 * hide that the memory is gone.
 */
export const lengthOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype),
  'length',
)?.get as (this: Uint8Array) => number;

/** Forgets the memory before the addon is given another one. */
export function forget(memory: Remembered): void {
  memory.view = NOBODY;
  memory.length = -1;
}

/** Remembers the memory that the addon was just given; seldom where that has been of no use. */
export function remember(memory: Remembered, view: Uint8Array): void {
  memory.misses += 1;
  if (memory.misses > MOST_MISSES && memory.misses % MOST_MISSES !== 0) return;
  if (view.buffer.byteLength > LARGEST_KEPT) return;
  memory.view = view;
  memory.length = lengthOf.call(view);
}
