// Datagrams that the kernel cuts out of one buffer and puts together in one (UDP GSO and GRO).

import { SOL_UDP, UDP_SEGMENT } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import {
  errnos,
  native,
  receive,
  recvsegmentsTransfer,
  SEGMENT_SIZE,
  scratch,
  sendsegmentsTransfer,
  transmit,
} from '../native.js';
import { clearTarget, loadTarget, readSource } from './address.js';
import { toSize } from './arguments.js';
import { refused, reserve, WOULD_BLOCK } from './calls.js';
import { ATTEMPT, PENDING, type Pending } from './compose.js';
import type { Descriptor } from './descriptor.js';

/** The most segments of one call (UDP_MAX_SEGMENTS of all kernels that know them). */
const MOST_SEGMENTS = 64;
/** The most bytes of one call: an IPv4 packet less its headers, which IPv6 has room for, too. */
const MOST_BYTES = 65_507;
const INT_BYTES = 4;
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

/** The exception for the kernel's refusal of a call with segments, with what it means. */
function refusal(result: number, size: number): Error {
  const error = osError(result, 'sendmsg');
  if (result === INVALID) {
    error.message += `: segments of ${size} bytes do not fit the path's packets, or no checksums`;
  } else if (result === INPUT_OUTPUT) {
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
  let sent = 0;
  do {
    if (address === null || address === undefined) clearTarget();
    else loadTarget(descriptor, address, 'send_segmented');
    scratch[SEGMENT_SIZE] = size;
    const isAll = sent === 0 && view.length <= piece;
    const part = isAll ? view : view.subarray(sent, sent + piece);
    const went = transmit(sendsegmentsTransfer, descriptor.fd, part, flags, wait);
    if (went < 0) {
      // An error of a later piece is the next call's: what went is the answer.
      if (sent > 0) return sent;
      if (wait === ATTEMPT && went === WOULD_BLOCK) return PENDING;
      throw refusal(went, size);
    }
    sent += went;
  } while (sent < view.length);
  return sent;
}

/** Receives what came together: `[data, segment size, address]`. */
export function recvSegments(
  descriptor: Descriptor,
  wait: number,
  bufsize: number,
  flags: number,
): [Buffer, number, unknown] | Pending {
  const { fd } = descriptor;
  const slab = reserve(bufsize, flags);
  const { bytes, offset } = slab;
  const received = receive(recvsegmentsTransfer, fd, bytes, offset, bufsize, flags, wait);
  if (received < 0) return refused(received, wait, 'recvmsg');
  const size = scratch[SEGMENT_SIZE] as number;
  return [slab.take(Math.min(received, bufsize)), size, readSource(descriptor)];
}

/** The same into the caller's memory: `[bytes, segment size, address]`. */
export function recvSegmentsInto(
  descriptor: Descriptor,
  wait: number,
  view: Uint8Array,
  flags: number,
): [number, number, unknown] | Pending {
  const { fd } = descriptor;
  const received = receive(recvsegmentsTransfer, fd, view, 0, view.length, flags, wait);
  if (received < 0) return refused(received, wait, 'recvmsg');
  return [received, scratch[SEGMENT_SIZE] as number, readSource(descriptor)];
}
