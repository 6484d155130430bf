// Addresses and bytes in packets: from the caller's values, and to what parsing gives.

import { AF_INET, AF_INET6 } from '../constants.js';
import { ValueError } from '../errors.js';
import { native } from '../native.js';
import { type BytesLike, toBytes } from '../socket/bytes.js';
import { typeName } from '../types.js';

export const MAC_BYTES = 6;
export const IPV4_BYTES = 4;
export const IPV6_BYTES = 16;

const EMPTY = Buffer.alloc(0);

/** The caller's bytes as a Buffer on the same memory. */
export function toBuffer(value: unknown, what: string): Buffer {
  const bytes = toBytes(value, `${what} must be bytes-like, not {argument}`);
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The payload of a packet; one that is left out is empty. */
export function toPayload(value: unknown, protocol: string): Buffer {
  return value === undefined ? EMPTY : toBuffer(value, `${protocol}.payload`);
}

/** Bytes, which must be that many. */
export function toSized(value: unknown, length: number, what: string): Buffer {
  const bytes = toBuffer(value, what);
  if (bytes.length === length) return bytes;
  throw new ValueError(`${what} must be ${length} bytes, not ${bytes.length}`);
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A hardware address as text: `'02:00:00:00:00:01'`. */
export function macText(bytes: Uint8Array): string {
  let text = HEX[bytes[0] as number] as string;
  for (let index = 1; index < bytes.length; index += 1) text += `:${HEX[bytes[index] as number]}`;
  return text;
}

const MAC = /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i;

/** The bytes of a hardware address: of its text, or the bytes themselves. */
export function toMac(value: unknown, what: string): Buffer {
  if (typeof value !== 'string') return toSized(value, MAC_BYTES, what);
  if (!MAC.test(value)) throw new ValueError(`${what}: '${value}' is no hardware address`);
  return Buffer.from(value.replaceAll(/[:-]/g, ''), 'hex');
}

/** Four bytes as an IPv4 address. */
export function ipv4Text(bytes: Buffer, offset = 0): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`;
}

/** Sixteen bytes as an IPv6 address (RFC 5952). */
export function ipv6Text(bytes: Buffer, offset = 0): string {
  const address = bytes.subarray(offset, offset + IPV6_BYTES);
  return native.bytesToPresentation(AF_INET6, address) as string;
}

function toNumericAddress(
  value: unknown,
  what: string,
  family: number,
  length: number,
  kind: string,
): Buffer {
  if (typeof value !== 'string') return toSized(value, length, what);
  const bytes = value.includes('\0') ? null : native.presentationToBytes(family, value);
  if (bytes === null || typeof bytes === 'number') {
    throw new ValueError(`${what}: '${value}' is no ${kind} address`);
  }
  return bytes;
}

/** The bytes of an IPv4 address: of its text, or the bytes themselves. */
export function toIpv4(value: unknown, what: string): Buffer {
  return toNumericAddress(value, what, AF_INET, IPV4_BYTES, 'IPv4');
}

/** The bytes of an IPv6 address. */
export function toIpv6(value: unknown, what: string): Buffer {
  return toNumericAddress(value, what, AF_INET6, IPV6_BYTES, 'IPv6');
}

/** The bytes of an address of either kind. */
export function toIp(value: unknown, what: string): Buffer {
  const isSix = typeof value === 'string' ? value.includes(':') : isLong(value, what);
  return isSix ? toIpv6(value, what) : toIpv4(value, what);
}

function isLong(value: unknown, what: string): boolean {
  return toBuffer(value, what).length === IPV6_BYTES;
}

/** A list of the caller's. */
export function toList(value: unknown, what: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError(`${what} must be an array, not ${typeName(value)}`);
}

/** An address as text, or its bytes. */
export type AddressLike = string | BytesLike;
