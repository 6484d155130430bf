// What each call for several messages or segments does with its arguments, once for both flavours.

import { type Signature, withOptions } from '../types.js';
import { requireKnownFamily } from './address.js';
import { toFlags, toSize, toWritable } from './arguments.js';
import { MEMORY, type Message, MessageBatch } from './batch.js';
import * as calls from './batch-calls.js';
import { lasting, toBytes } from './bytes.js';
import type { Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';
import * as segments from './segments.js';

/** A call that is ready to be made: its arguments are checked. */
export interface Plan<T> {
  readonly direction: 'read' | 'write';
  readonly flags: number;
  /** Seconds for this call as the caller gave them; undefined for the socket's timeout. */
  readonly timeout: unknown;
  /** The caller's batch, which has to stay as it is while the call waits. */
  readonly batch?: MessageBatch;
  /** The addresses that it sends to; the promise flavour looks names up first. */
  readonly targets: unknown[];
  attempt(wait: number): T | Pending;
}

const RECVMMSG: Signature = {
  name: 'socket.recvmmsg',
  names: ['count', 'size', 'flags', 'ancbufsize', 'timeout'],
  required: 2,
  method: true,
};
const RECVMMSG_INTO: Signature = {
  name: 'socket.recvmmsg_into',
  names: ['batch', 'flags', 'timeout'],
  required: 1,
  method: true,
};
const SENDMMSG: Signature = {
  name: 'socket.sendmmsg',
  names: ['messages', 'flags', 'timeout'],
  required: 1,
  method: true,
};
const SENDMMSG_FROM: Signature = {
  name: 'socket.sendmmsg_from',
  names: ['batch', 'first', 'count', 'flags', 'timeout'],
  required: 1,
  method: true,
};
const SEND_SEGMENTED: Signature = {
  name: 'socket.send_segmented',
  names: ['data', 'segment_size', 'flags', 'address', 'timeout'],
  required: 2,
  method: true,
};
const RECV_SEGMENTED: Signature = {
  name: 'socket.recv_segmented',
  names: ['bufsize', 'flags', 'timeout'],
  method: true,
};
const RECV_SEGMENTED_INTO: Signature = {
  name: 'socket.recv_segmented_into',
  names: ['buffer', 'flags', 'timeout'],
  required: 1,
  method: true,
};

/** The largest datagram, and as much as the kernel puts together. */
const LARGEST = 0xffff;

function toBatch(value: unknown, method: string): MessageBatch {
  if (value instanceof MessageBatch) return value;
  throw new TypeError(`${method}() argument 1 must be a MessageBatch`);
}

export function recvmmsg(descriptor: Descriptor, given: readonly unknown[]): Plan<Message[]> {
  const [count, size, bits = 0, ancbufsize = 0, timeout] = withOptions(RECVMMSG, given);
  const flags = toFlags(bits);
  const batch = calls.receiverFor(count, size, ancbufsize);
  requireKnownFamily(descriptor);
  const attempt = (wait: number) => calls.recvmmsg(descriptor, wait, batch, flags);
  return { direction: 'read', flags, timeout, targets: [], attempt };
}

export function recvmmsgInto(descriptor: Descriptor, given: readonly unknown[]): Plan<number> {
  const [value, bits = 0, timeout] = withOptions(RECVMMSG_INTO, given);
  const batch = toBatch(value, 'recvmmsg_into');
  const flags = toFlags(bits);
  batch[MEMORY].requireIdle();
  requireKnownFamily(descriptor);
  const attempt = (wait: number) => calls.receiveBatch(descriptor, wait, batch, flags);
  return { direction: 'read', flags, timeout, batch, targets: [], attempt };
}

/** What a blocking `recvmmsg_into` does that is given a batch and nothing else. */
export function recvmmsgIntoDirectly(descriptor: Descriptor, batch: MessageBatch): number {
  batch[MEMORY].requireIdle();
  requireKnownFamily(descriptor);
  return calls.receiveBatch(descriptor, descriptor.wait, batch, 0) as number;
}

export function sendmmsg(descriptor: Descriptor, given: readonly unknown[]): Plan<number[]> {
  const [messages, bits = 0, timeout] = withOptions(SENDMMSG, given);
  const batch = calls.senderFor(messages);
  const flags = toFlags(bits);
  const { targets } = batch[MEMORY];
  const attempt = (wait: number) => calls.sendmmsg(descriptor, wait, batch, flags);
  return { direction: 'write', flags, timeout, targets, attempt };
}

export function sendmmsgFrom(descriptor: Descriptor, given: readonly unknown[]): Plan<number> {
  const [value, from = 0, most, bits = 0, timeout] = withOptions(SENDMMSG_FROM, given);
  const batch = toBatch(value, 'sendmmsg_from');
  const [first, count] = calls.toRange(batch, from, most);
  const flags = toFlags(bits);
  const { targets } = batch[MEMORY];
  const attempt = (wait: number) => calls.sendBatch(descriptor, wait, batch, first, count, flags);
  return { direction: 'write', flags, timeout, batch, targets, attempt };
}

export function sendSegmented(descriptor: Descriptor, given: readonly unknown[]): Plan<number> {
  const [data, value, bits = 0, address = null, timeout] = withOptions(SEND_SEGMENTED, given);
  const view = toBytes(data);
  const size = segments.toSegmentSize(value);
  const flags = toFlags(bits);
  const targets = [address];
  const check = lasting([view], 'sendmsg');
  const attempt = (wait: number) => {
    check();
    return segments.sendSegments(descriptor, wait, view, size, flags, targets[0]);
  };
  return { direction: 'write', flags, timeout, targets, attempt };
}

type Segments<T> = [data: T, segment_size: number, address: unknown];

export function recvSegmented(
  descriptor: Descriptor,
  given: readonly unknown[],
): Plan<Segments<Buffer>> {
  const [bufsize = LARGEST, bits = 0, timeout] = withOptions(RECV_SEGMENTED, given);
  const size = toSize(bufsize, 'negative buffersize in recv_segmented');
  const flags = toFlags(bits);
  requireKnownFamily(descriptor);
  const attempt = (wait: number) => segments.recvSegments(descriptor, wait, size, flags);
  return { direction: 'read', flags, timeout, targets: [], attempt };
}

export function recvSegmentedInto(
  descriptor: Descriptor,
  given: readonly unknown[],
): Plan<Segments<number>> {
  const [buffer, bits = 0, timeout] = withOptions(RECV_SEGMENTED_INTO, given);
  const view = toWritable(buffer, 'recv_segmented_into');
  const flags = toFlags(bits);
  requireKnownFamily(descriptor);
  const check = lasting([view], 'recvmsg');
  const attempt = (wait: number) => {
    check();
    return segments.recvSegmentsInto(descriptor, wait, view, flags);
  };
  return { direction: 'read', flags, timeout, targets: [], attempt };
}
