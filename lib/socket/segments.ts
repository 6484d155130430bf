// Datagrams that the kernel cuts out of one buffer and puts together in one (UDP GSO and GRO).

import { SOL_UDP, UDP_GRO, UDP_SEGMENT } from '../constants.js';
import { OSError, osError, ValueError } from '../errors.js';
import { errnos, native } from '../native.js';
import { toSize } from './arguments.js';
import { type AncillaryItem, recvmsg, recvmsgInto, sendmsg } from './calls.js';
import { PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';

/** The most segments of one call (UDP_MAX_SEGMENTS of all kernels that know them). */
const MOST_SEGMENTS = 64;
/** The most bytes of one call: an IPv4 packet less its headers, which IPv6 has room for, too. */
const MOST_BYTES = 65_507;
const SEGMENT_BYTES = 2;
const INT_BYTES = 4;
const CONTROL_ROOM = native.ancillarySpace(INT_BYTES);
const INVALID = -(errnos.EINVAL as number);
const INPUT_OUTPUT = -(errnos.EIO as number);

let isKnown = false;

/** An old kernel would send one datagram, in fragments, and say nothing. */
function requireSegments({ fd }: Descriptor): void {
  if (isKnown) return;
  const value = new Uint8Array(INT_BYTES);
  const result = native.getsockoptInt(fd, SOL_UDP, UDP_SEGMENT, value, INT_BYTES);
  if (result < 0) throw osError(result, 'sendmsg');
  isKnown = true;
}

/** A segment's size in bytes. */
export function toSegmentSize(value: unknown): number {
  const size = toSize(value, 'negative segment size');
  if (size < 1 || size > MOST_BYTES) {
    throw new ValueError(`a segment has 1 to ${MOST_BYTES} bytes, not ${size}`);
  }
  return size;
}

/** What the kernel's refusal of a call with segments means. */
function explained(error: unknown, size: number): unknown {
  if (!(error instanceof OSError)) return error;
  const number = -(error.errno ?? 0);
  if (number === INVALID) {
    error.message += `: segments of ${size} bytes do not fit the path's packets, or no checksums`;
  } else if (number === INPUT_OUTPUT) {
    error.message += ': the path cannot carry segments (IPsec, UDP-Lite)';
  }
  return error;
}

/** Sends a buffer as datagrams of `size` bytes, the last one perhaps shorter: how many bytes went. */
export function sendSegments(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  size: number,
  flags: number,
  address: unknown,
): number | Pending {
  requireSegments(descriptor);
  const piece = size * Math.max(1, Math.min(MOST_SEGMENTS, Math.floor(MOST_BYTES / size)));
  const items = [[SOL_UDP, UDP_SEGMENT, new Uint8Array(new Uint16Array([size]).buffer)]] as [
    number,
    number,
    Uint8Array,
  ][];
  let sent = 0;
  do {
    const part = view.subarray(sent, sent + piece);
    // The kernel wants no size of segments for a datagram that is one.
    const control = part.length > size ? items : [];
    let went: number | Pending;
    try {
      went = sendmsg(descriptor, wait, [part], control, flags, address);
    } catch (error) {
      // An error of a later piece is the next call's: what went is the answer.
      if (sent > 0) return sent;
      throw explained(error, size);
    }
    if (went === PENDING) return sent > 0 ? sent : PENDING;
    sent += went;
  } while (sent < view.length);
  return sent;
}

/** The size of the segments that a received buffer is made of: all of it if it is one datagram. */
export function segmentSize(ancdata: readonly AncillaryItem[], length: number): number {
  const item = ancdata.find(([level, type]) => level === SOL_UDP && type === UDP_GRO);
  if (item === undefined || item[2].length < SEGMENT_BYTES) return length;
  const [, , data] = item;
  // Linux gives an int, the first kernels with GRO gave a short.
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  return data.length >= INT_BYTES ? view.getInt32(0, isLittle) : view.getUint16(0, isLittle);
}

/** Receives what came together: `[data, segment size, address]`. */
export function recvSegments(
  descriptor: Descriptor,
  wait: number,
  bufsize: number,
  flags: number,
): [Buffer, number, unknown] | Pending {
  const message = recvmsg(descriptor, wait, bufsize, CONTROL_ROOM, flags);
  if (message === PENDING) return PENDING;
  const [data, ancdata, , address] = message;
  return [data, segmentSize(ancdata, data.length), address];
}

/** The same into the caller's memory: `[bytes, segment size, address]`. */
export function recvSegmentsInto(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  flags: number,
): [number, number, unknown] | Pending {
  const message = recvmsgInto(descriptor, wait, [view], CONTROL_ROOM, flags);
  if (message === PENDING) return PENDING;
  const [length, ancdata, , address] = message;
  return [length, segmentSize(ancdata, length), address];
}
