// getsockopt and setsockopt: an integer, bytes, or nothing but a length.

import { isLittleEndian } from '../builtins.js';
import { OSError, OverflowError } from '../errors.js';
import { constants, native } from '../native.js';
import { argumentName, isInteger, toInt } from '../types.js';
import { toBytes } from './bytes.js';
import type { Descriptor } from './descriptor.js';

const { AF_VSOCK, IPPROTO_TCP, TCP_ULP } = constants;
const LONGEST_OPTION = 1024;

const number = new DataView(new ArrayBuffer(8));
const numberBytes = new Uint8Array(number.buffer);

function readInteger(descriptor: Descriptor, level: number, option: number): number {
  // The options of AF_VSOCK are 64 bits wide (vsock(7)), all others that are numbers 32.
  const isWide = descriptor.family === AF_VSOCK;
  const width = isWide ? 8 : 4;
  const result = native.getsockoptInt(descriptor.fd, level, option, numberBytes, width);
  if (result < 0) descriptor.refuse(result, 'getsockopt');
  if (isWide) return Number(number.getBigUint64(0, isLittleEndian));
  return number.getInt32(0, isLittleEndian);
}

export function getOption(
  descriptor: Descriptor,
  levelArgument: unknown,
  nameArgument: unknown,
  buflenArgument: unknown,
): number | Buffer {
  const level = toInt(levelArgument, 'signed');
  const option = toInt(nameArgument, 'signed');
  const buflen = buflenArgument === undefined ? 0 : toInt(buflenArgument, 'signed');
  if (buflen === 0) return readInteger(descriptor, level, option);
  if (descriptor.family === AF_VSOCK) throw new OSError('getsockopt string buffer not allowed');
  if (buflen < 0 || buflen > LONGEST_OPTION) throw new OSError('getsockopt buflen out of range');
  const result = native.getsockopt(descriptor.fd, level, option, buflen);
  return typeof result === 'number' ? descriptor.refuse(result, 'getsockopt') : result;
}

function writeValue(descriptor: Descriptor, level: number, option: number, value: unknown): number {
  const { fd, family } = descriptor;
  const isInteger =
    Number.isInteger(value) || typeof value === 'boolean' || typeof value === 'bigint';
  if (family === AF_VSOCK) {
    if (!isInteger) {
      throw new TypeError(`setsockopt() argument 3 must be int, not ${argumentName(value)}`);
    }
    const exact = BigInt(value as number);
    if (exact !== BigInt.asUintN(64, exact) && exact !== BigInt.asIntN(64, exact)) {
      throw new OverflowError('Python int too large to convert to C long');
    }
    number.setBigUint64(0, exact, isLittleEndian);
    return native.setsockopt(fd, level, option, numberBytes);
  }
  const integer = typeof value === 'boolean' || typeof value === 'bigint' ? Number(value) : value;
  if (typeof integer === 'number' && (integer | 0) === integer) {
    return native.setsockoptInt(fd, level, option, integer);
  }
  return native.setsockopt(fd, level, option, toBytes(value));
}

export function setOption(
  descriptor: Descriptor,
  levelArgument: unknown,
  nameArgument: unknown,
  value: unknown,
  optlen?: unknown,
): void {
  const level = toInt(levelArgument, 'signed');
  const option = toInt(nameArgument, 'signed');
  let result: number;
  if (optlen === undefined) {
    result = writeValue(descriptor, level, option, value);
  } else if (value === null && isInteger(optlen) && descriptor.family !== AF_VSOCK) {
    result = native.setsockoptNull(descriptor.fd, level, option, toInt(optlen, 'signed'));
  } else {
    throw new TypeError('setsockopt() takes exactly 3 arguments (4 given)');
  }
  if (result < 0) descriptor.refuse(result, 'setsockopt');
  // Another protocol is laid over TCP now: a read may end anywhere.
  if (level === IPPROTO_TCP && option === TCP_ULP) descriptor.isPlainTcp = false;
}
