// The calls for several messages at once, each written once for both flavours; `wait` is as in
// calls.ts.

import { MSG_TRUNC } from '../constants.js';
import { ValueError } from '../errors.js';
import { native } from '../native.js';
import { toAncillary, toSize } from './arguments.js';
import { MEMORY, type Message, MessageBatch } from './batch.js';
import { type BytesLike, copyOf, isBytes, toBytes } from './bytes.js';
import { refused } from './calls.js';
import { PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';

/** Receives into a batch: how many messages came. */
export function receiveBatch(
  descriptor: Descriptor,
  wait: number,
  batch: MessageBatch,
  flags: number,
): number | Pending {
  const memory = batch[MEMORY];
  memory.beginReceiving();
  const { entries, data, control } = memory;
  const { count } = batch;
  const came = native.recvmmsg(descriptor.fd, entries, data, control, 0, count, flags, wait);
  if (came < 0) return refused(came, wait, 'recvmmsg');
  memory.endReceiving(descriptor, came);
  return came;
}

/** Sends the messages of a batch from `first` on: how many went. */
export function sendBatch(
  descriptor: Descriptor,
  wait: number,
  batch: MessageBatch,
  first: number,
  count: number,
  flags: number,
): number | Pending {
  const memory = batch[MEMORY];
  memory.beginSending(descriptor);
  if (count === 0) return 0;
  const { entries, data, control } = memory;
  const went = native.sendmmsg(descriptor.fd, entries, data, control, first, count, flags, wait);
  return went >= 0 ? went : refused(went, wait, 'sendmmsg');
}

/** The range of messages of a batch that a call sends. */
export function toRange(batch: MessageBatch, first: unknown, count: unknown): [number, number] {
  const start = toSize(first, 'negative index of the first message');
  const rest = batch.length - start;
  if (rest < 0) throw new ValueError(`no message ${start} in the batch`);
  const wanted = count === undefined ? rest : toSize(count, 'negative count of messages');
  if (wanted > rest) throw new ValueError(`no ${wanted} messages from ${start} on in the batch`);
  return [start, wanted];
}

// The batch of the last `recvmmsg`, for the next one that wants the same.
let receiver: MessageBatch | undefined;
/** Memory up to this size is kept for the next call. */
const KEPT = 4 * 1024 * 1024;

/** The batch that a `recvmmsg` receives into. */
export function receiverFor(count: unknown, size: unknown, ancbufsize: unknown): MessageBatch {
  const messages = toSize(count, 'negative count of messages');
  const bytes = toSize(size, 'negative buffersize in recvmmsg');
  const room = toSize(ancbufsize, 'invalid ancillary data buffer length');
  const isSame =
    receiver?.count === messages && receiver.size === bytes && receiver.ancbufsize === room;
  if (isSame) return receiver as MessageBatch;
  const batch = new MessageBatch(messages, bytes, { ancbufsize: room });
  receiver = messages * (bytes + room) <= KEPT ? batch : undefined;
  return batch;
}

/** Receives messages as `recvmsg` gives them, each with memory of its own. */
export function recvmmsg(
  descriptor: Descriptor,
  wait: number,
  batch: MessageBatch,
  flags: number,
): Message[] | Pending {
  // Bytes that a TCP socket counts without writing them must not be those of the call before.
  if ((flags & MSG_TRUNC) !== 0) batch[MEMORY].data.fill(0);
  if (receiveBatch(descriptor, wait, batch, flags) === PENDING) return PENDING;
  // Control messages first: descriptors among them are the caller's even if the rest fails.
  const messages = Array.from(batch, ([data, ...rest]): Message => [copyOf(data), ...rest]);
  batch.clear();
  return messages;
}

/** A message of `sendmmsg`: its bytes, or the arguments of `sendmsg` without flags. */
export type MessageInput<A> =
  | BytesLike
  | readonly [
      buffers: BytesLike | Iterable<BytesLike>,
      ancdata?: Parameters<typeof toAncillary>[0],
      address?: A | null,
    ];

interface Parts {
  readonly views: readonly Uint8Array[];
  readonly items: [number, number, Uint8Array][];
  readonly address: unknown;
}

function partsOf(message: unknown): Parts {
  if (!Array.isArray(message)) return { views: [toBytes(message)], items: [], address: null };
  if (message.length < 1 || message.length > 3) {
    throw new TypeError(`a message has 1 to 3 items, not ${message.length}`);
  }
  const [buffers, ancdata = [], address = null] = message as unknown[];
  const isOne = isBytes(buffers) || ArrayBuffer.isView(buffers) || !isIterable(buffers);
  const views = isOne ? [toBytes(buffers)] : Array.from(buffers, (item) => toBytes(item));
  return { views, items: toAncillary(ancdata), address };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    typeof value === 'object' &&
    typeof (value as Iterable<unknown> | null)?.[Symbol.iterator] === 'function'
  );
}

/** The batch that a `sendmmsg` sends. */
export function senderFor(messages: unknown): MessageBatch {
  if (!isIterable(messages) || ArrayBuffer.isView(messages)) {
    throw new TypeError('sendmmsg() argument 1 must be an iterable of messages');
  }
  const all = Array.from(messages, partsOf);
  const sizes = all.map(({ views }) => views.reduce((sum, view) => sum + view.length, 0));
  const rooms = all.map(({ items }) =>
    items.reduce((sum, [, , data]) => sum + native.ancillarySpace(data.length), 0),
  );
  const size = Math.max(0, ...sizes);
  const batch = new MessageBatch(Math.max(all.length, 1), size, {
    ancbufsize: Math.max(0, ...rooms),
  });
  all.forEach(({ views, items, address }, index) => {
    const room = batch.room(index);
    let offset = 0;
    for (const view of views) {
      room.set(view, offset);
      offset += view.length;
    }
    batch.add(offset, items, address as never);
  });
  return batch;
}

/** Sends messages: how many bytes of each that went. */
export function sendmmsg(
  descriptor: Descriptor,
  wait: number,
  batch: MessageBatch,
  flags: number,
): number[] | Pending {
  const went = sendBatch(descriptor, wait, batch, 0, batch.length, flags);
  if (went === PENDING) return PENDING;
  return Array.from({ length: went }, (_, index) => batch.data(index).length);
}
