// The calls that may wait, each written once for both flavours.
//
// `wait` is how long a call may wait inside the system: the descriptor's timeout in milliseconds in
// the blocking flavour, ATTEMPT in the promise flavour, where a call that would block answers
// PENDING and is made again when the descriptor is ready. Arguments have been checked.

import { MSG_TRUNC } from '../constants.js';
import { MemoryError, osError } from '../errors.js';
import {
  CONTROL_LENGTH,
  errnos,
  MESSAGE_FLAGS,
  type NativeAncillary,
  native,
  receive,
  recvfromTransfer,
  recvTransfer,
  scratch,
  sendTransfer,
  sendtoTransfer,
  transmit,
} from '../native.js';
import { loadTarget, readSource } from './address.js';
import { slabFor } from './bytes.js';
import { isAttempt, PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';

/** What a native call gives that would block. */
export const WOULD_BLOCK = -(errnos.EAGAIN as number);

/** A control message: `[level, type, bytes]`. */
export type AncillaryItem = [level: number, type: number, data: Buffer];

/** What a negative result means: try again later, or an exception. */
export function refused(result: number, wait: number, syscall: string): Pending {
  if (result === WOULD_BLOCK && isAttempt(wait)) return PENDING;
  throw osError(result, syscall);
}

/**
 * Memory for `size` bytes; a size that no memory has is Python's MemoryError.
 *
 * @param flags those of the call. With MSG_TRUNC a TCP socket counts bytes without writing them
 *   (tcp(7)): the memory must not show what it held before
 */
export function reserve(size: number, flags: number) {
  try {
    const slab = slabFor(size);
    if ((flags & MSG_TRUNC) !== 0) slab.clean(size);
    return slab;
  } catch {
    throw new MemoryError('');
  }
}

const NOTHING = Buffer.alloc(0);

export function recv(
  descriptor: Descriptor,
  wait: number,
  bufsize: number,
  flags: number,
): Buffer | Pending {
  if (bufsize === 0) return NOTHING;
  const slab = reserve(bufsize, flags);
  const received = receive(
    recvTransfer,
    descriptor.fd,
    slab.bytes,
    slab.offset,
    bufsize,
    flags,
    wait,
  );
  if (received < 0) return refused(received, wait, 'recv');
  // With MSG_TRUNC the kernel tells the datagram's length, of which only bufsize bytes are there.
  return slab.take(received > bufsize ? bufsize : received);
}

export function recvInto(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  length: number,
  flags: number,
): number | Pending {
  if (length === 0) return 0;
  const received = receive(recvTransfer, descriptor.fd, view, 0, length, flags, wait);
  return received >= 0 ? received : refused(received, wait, 'recv');
}

export function recvfrom(
  descriptor: Descriptor,
  wait: number,
  bufsize: number,
  flags: number,
): [Buffer, unknown] | Pending {
  const slab = reserve(bufsize, flags);
  const received = receive(
    recvfromTransfer,
    descriptor.fd,
    slab.bytes,
    slab.offset,
    bufsize,
    flags,
    wait,
  );
  if (received < 0) return refused(received, wait, 'recvfrom');
  return [slab.take(received > bufsize ? bufsize : received), readSource(descriptor)];
}

export function recvfromInto(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  length: number,
  flags: number,
): [number, unknown] | Pending {
  const received = receive(recvfromTransfer, descriptor.fd, view, 0, length, flags, wait);
  if (received < 0) return refused(received, wait, 'recvfrom');
  return [received, readSource(descriptor)];
}

/** What comes with a message: `[ancdata, msg_flags, address]`. */
function messageRest(descriptor: Descriptor): [AncillaryItem[], number, unknown] {
  const flags = scratch[MESSAGE_FLAGS] as number;
  // First what may throw: descriptors in control messages that nobody takes are closed.
  const address = readSource(descriptor);
  return [takeAncillary(), flags, address];
}

function takeAncillary(): AncillaryItem[] {
  if ((scratch[CONTROL_LENGTH] as number) <= 0) return [];
  return ancillaryItems(native.takeAncillary());
}

/** The control messages that the addon gives. */
export function ancillaryItems(taken: NativeAncillary | number): AncillaryItem[] {
  if (typeof taken === 'number') throw new MemoryError('');
  const [items, isMalformed] = taken;
  if (isMalformed) {
    process.emitWarning(
      'received malformed or improperly-truncated ancillary data',
      'RuntimeWarning',
    );
  }
  return items;
}

export function recvmsg(
  descriptor: Descriptor,
  wait: number,
  bufsize: number,
  ancbufsize: number,
  flags: number,
): [Buffer, AncillaryItem[], number, unknown] | Pending {
  const slab = reserve(bufsize, flags);
  const view = slab.bytes.subarray(slab.offset, slab.offset + bufsize);
  const received = native.recvmsg(descriptor.fd, [view], ancbufsize, flags, wait);
  if (received < 0) return refused(received, wait, 'recvmsg');
  const rest = messageRest(descriptor);
  return [slab.take(received > bufsize ? bufsize : received), ...rest];
}

export function recvmsgInto(
  descriptor: Descriptor,
  wait: number,
  views: readonly Uint8Array[],
  ancbufsize: number,
  flags: number,
): [number, AncillaryItem[], number, unknown] | Pending {
  const received = native.recvmsg(descriptor.fd, views, ancbufsize, flags, wait);
  if (received < 0) return refused(received, wait, 'recvmsg');
  return [received, ...messageRest(descriptor)];
}

export function send(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  flags: number,
): number | Pending {
  const sent = transmit(sendTransfer, descriptor.fd, view, flags, wait);
  return sent >= 0 ? sent : refused(sent, wait, 'send');
}

export function sendto(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  flags: number,
  address: unknown,
): number | Pending {
  loadTarget(descriptor, address, 'sendto');
  const sent = transmit(sendtoTransfer, descriptor.fd, view, flags, wait);
  return sent >= 0 ? sent : refused(sent, wait, 'sendto');
}

export function sendmsg(
  descriptor: Descriptor,
  wait: number,
  views: readonly Uint8Array[],
  items: readonly (readonly [number, number, Uint8Array])[],
  flags: number,
  address: unknown,
): number | Pending {
  const hasTarget = address !== null && address !== undefined;
  if (hasTarget) loadTarget(descriptor, address, 'sendmsg');
  const sent = native.sendmsg(descriptor.fd, views, items, flags, wait, hasTarget);
  return sent >= 0 ? sent : refused(sent, wait, 'sendmsg');
}

/** The new descriptor and the peer's address. */
export function accept(descriptor: Descriptor, wait: number): [number, unknown] | Pending {
  const fd = native.accept(descriptor.fd, wait);
  if (fd < 0) return refused(fd, wait, 'accept');
  try {
    return [fd, readSource(descriptor)];
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

/** 0, or a negative error number as the native calls give it. */
export function connect(descriptor: Descriptor, wait: number, address: unknown, method: string) {
  loadTarget(descriptor, address, method);
  return native.connect(descriptor.fd, wait);
}

/** Gives the socket a local address; never waits once the address has no name in it. */
export function bind(descriptor: Descriptor, address: unknown): void {
  loadTarget(descriptor, address, 'bind');
  const result = native.bind(descriptor.fd);
  if (result < 0) descriptor.refuse(result, 'bind');
}

/** Sends a piece of a file: how many bytes went, 0 at its end. */
export function sendfile(
  descriptor: Descriptor,
  wait: number,
  file: number,
  offset: number,
  count: number,
): number | Pending {
  const sent = native.sendfile(descriptor.fd, file, offset, count, wait);
  return sent >= 0 ? sent : refused(sent, wait, 'sendfile');
}

const POLLOUT = 4;

/** Waits, in the blocking flavour, until the descriptor can be written to. */
export function waitWritable(descriptor: Descriptor): void {
  const result = native.wait(descriptor.fd, POLLOUT, -1);
  if (result < 0) throw osError(result, 'poll');
}
