// The exception for bytes that are no packet of their protocol: which field, and where it is.

import { ValueError } from '../errors.js';

/** Bytes that are no packet of a protocol: `'udp.length at offset 4: 7 is less than a header of 8'`. */
export class PacketError extends ValueError {
  constructor(
    /** The protocol: `'ipv4'`. */
    readonly protocol: string,
    /** The field: `'totalLength'`. */
    readonly field: string,
    /** Where the field begins in the bytes that were parsed. */
    readonly offset: number,
    /** What is wrong with it. */
    readonly reason: string,
  ) {
    super(`${protocol}.${field} at offset ${offset}: ${reason}`);
  }
}

Object.defineProperty(PacketError.prototype, 'name', {
  value: PacketError.name,
  configurable: true,
  writable: true,
});

/** The same error in terms of a packet that has the bytes from `start` on. */
export function shifted(error: PacketError, start: number): PacketError {
  return new PacketError(error.protocol, error.field, error.offset + start, error.reason);
}

/** Refuses bytes that end before a header does; the field is the first that is not there. */
export function requireLength(
  bytes: Uint8Array,
  length: number,
  protocol: string,
  field = 'header',
): void {
  if (bytes.length >= length) return;
  const reason = `${length} bytes are needed, there are ${bytes.length}`;
  throw new PacketError(protocol, field, bytes.length, reason);
}
