// Internet addresses as text and as bytes, and numbers in the host's and the network's byte order.

import { OSError, OverflowError, osError, ValueError } from './errors.js';
import { native } from './native.js';
import { type BytesLike, toBytes } from './socket/bytes.js';
import { requireUtf8 } from './text.js';
import { argumentName, checkCount, integerOf, toInt, typeName } from './types.js';

/** Memory with bytes. */

function readText(refusal: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${refusal}, not ${argumentName(value)}`);
  requireUtf8(value);
  if (value.includes('\0')) throw new ValueError('embedded null character');
  return value;
}

/** The bytes in a Buffer of their own; `SharedArrayBuffer` memory may change underneath. */
function readBytes(value: unknown): Buffer {
  return Buffer.from(toBytes(value));
}

/**
 * An IPv4 address as four bytes. Like Python's `socket.inet_aton`; inet_aton(3), which also takes
 * `'127.1'`, hexadecimal and octal spellings, and on glibc anything after a blank.
 *
 * @throws OSError (without a number) if the text is no address
 */
export function inet_aton(ip_addr: string): Buffer;
export function inet_aton(...args: unknown[]): Buffer {
  checkCount('_socket.inet_aton', args, 1);
  const text = readText('inet_aton() argument must be str', args[0]);
  const bytes = native.internetTextToBytes(text);
  if (bytes === null) throw new OSError('illegal IP address string passed to inet_aton');
  return bytes;
}

/**
 * Four bytes as a dotted IPv4 address. Like Python's `socket.inet_ntoa`; inet_ntoa(3).
 *
 * @throws OSError (without a number) if there are not four bytes
 */
export function inet_ntoa(packed_ip: BytesLike): string;
export function inet_ntoa(...args: unknown[]): string {
  checkCount('_socket.inet_ntoa', args, 1);
  const bytes = readBytes(args[0]);
  if (bytes.length !== 4) throw new OSError('packed IP wrong length for inet_ntoa');
  return bytes.join('.');
}

/**
 * An address as bytes: four for `AF_INET`, sixteen for `AF_INET6`. Like Python's
 * `socket.inet_pton`; inet_pton(3).
 *
 * @throws OSError without a number if the text is no address, with EAFNOSUPPORT for another family
 */
export function inet_pton(address_family: number, ip_string: string): Buffer;
export function inet_pton(...args: unknown[]): Buffer {
  checkCount('inet_pton', args, 2);
  const family = toInt(args[0], 'signed');
  const text = readText('inet_pton() argument 2 must be str', args[1]);
  const bytes = native.presentationToBytes(family, text);
  if (typeof bytes === 'number') throw osError(bytes, 'inet_pton');
  if (bytes === null) throw new OSError('illegal IP address string passed to inet_pton');
  return bytes;
}

/**
 * Bytes as an address: four for `AF_INET`, sixteen for `AF_INET6`. Like Python's
 * `socket.inet_ntop`; inet_ntop(3).
 *
 * @throws ValueError for a wrong number of bytes or another family
 */
export function inet_ntop(address_family: number, packed_ip: BytesLike): string;
export function inet_ntop(...args: unknown[]): string {
  checkCount('inet_ntop', args, 2);
  const family = toInt(args[0], 'signed');
  const text = native.bytesToPresentation(family, readBytes(args[1]));
  if (typeof text === 'number') throw new ValueError(`unknown address family ${family}`);
  if (text === null) throw new ValueError('invalid length of packed IP address string');
  return text;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function swapShort(name: string, args: readonly unknown[]): number {
  checkCount(`_socket.${name}`, args, 1);
  const number = toInt(args[0]);
  if (number < 0) {
    throw new OverflowError(
      `${name}: can't convert negative Python int to C 16-bit unsigned integer`,
    );
  }
  if (number > 0xffff) {
    throw new OverflowError(
      `${name}: Python int too large to convert to C 16-bit unsigned integer`,
    );
  }
  return IS_LITTLE_ENDIAN ? ((number & 0xff) << 8) | (number >> 8) : number;
}

const UNSIGNED_LONG_MAX = 0xffff_ffff_ffff_ffffn;

function swapLong(name: string, args: readonly unknown[]): number {
  checkCount(`_socket.${name}`, args, 1);
  const integer = integerOf(args[0]);
  if (integer === undefined) throw new TypeError(`expected int, ${typeName(args[0])} found`);
  if (integer < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (integer > UNSIGNED_LONG_MAX) {
    throw new OverflowError('Python int too large to convert to C unsigned long');
  }
  if (integer > 0xffff_ffff) throw new OverflowError('int larger than 32 bits');
  const number = Number(integer);
  if (!IS_LITTLE_ENDIAN) return number;
  const swapped =
    (number << 24) | ((number & 0xff00) << 8) | ((number >>> 8) & 0xff00) | (number >>> 24);
  return swapped >>> 0;
}

/**
 * A 16-bit number from the host's to the network's byte order. Like Python's `socket.htons`;
 * htons(3).
 *
 * @throws OverflowError for a number outside 0-65535
 */
export function htons(x: number): number;
export function htons(...args: unknown[]): number {
  return swapShort('htons', args);
}

/**
 * A 16-bit number from the network's to the host's byte order. Like Python's `socket.ntohs`;
 * ntohs(3).
 *
 * @throws OverflowError for a number outside 0-65535
 */
export function ntohs(x: number): number;
export function ntohs(...args: unknown[]): number {
  return swapShort('ntohs', args);
}

/**
 * A 32-bit number from the host's to the network's byte order. Like Python's `socket.htonl`;
 * htonl(3).
 *
 * @throws OverflowError for a number outside 0-4294967295
 */
export function htonl(x: number | bigint): number;
export function htonl(...args: unknown[]): number {
  return swapLong('htonl', args);
}

/**
 * A 32-bit number from the network's to the host's byte order. Like Python's `socket.ntohl`;
 * ntohl(3).
 *
 * @throws OverflowError for a number outside 0-4294967295
 */
export function ntohl(x: number | bigint): number;
export function ntohl(...args: unknown[]): number {
  return swapLong('ntohl', args);
}
