// Addresses between JavaScript and the scratch memory; the bytes are made and read in C++.

import { nameError, OSError, OverflowError, osError, ValueError } from '../errors.js';
import { encodeHost } from '../idna.js';
import {
  constants,
  type NativeAddressError,
  native,
  SOURCE_CHANGED,
  SOURCE_LENGTH,
  scratch,
  shared,
  sourceBytes,
  TARGET_LENGTH,
  targetBytes,
} from '../native.js';
import { requireEncodable } from '../text.js';
import { typeName } from '../types.js';
import type { Descriptor } from './descriptor.js';

const AF_INET = constants.AF_INET;
const HOST_FAMILIES: ReadonlySet<number> = new Set(
  [AF_INET, constants.AF_INET6, constants.AF_RDS].filter((family) => typeof family === 'number'),
);

// The order of AddressError::Kind in native/core/address.h.
const ERRNO = 1;
const NAME = 2;
const TYPE = 3;
const VALUE = 4;
const OVERFLOW = 5;

function addressError(
  [kind, code, text, field]: NativeAddressError,
  method: string,
  address: unknown,
): Error {
  const culprit = field >= 0 ? (address as unknown[])[field] : address;
  const message = text.replace('{method}', method).replace('{type}', typeName(culprit));
  switch (kind) {
    case ERRNO:
      return osError(-code, method);
    case NAME:
      return nameError(code, method);
    case TYPE:
      return new TypeError(message);
    case VALUE:
      // A text without bytes has an error of its own, which says where.
      for (const item of Array.isArray(address) ? address : [address]) {
        if (typeof item === 'string') requireEncodable(item);
      }
      return new ValueError(message);
    case OVERFLOW:
      return new OverflowError(message);
    default:
      return new OSError(message);
  }
}

/** Families whose addresses name an interface, where the kernel gives a number. */
const INTERFACE_FAMILIES: ReadonlySet<unknown> = new Set([constants.AF_PACKET, constants.AF_CAN]);

/** A host that needs IDNA before the kernel's resolver sees it. */
const NOT_ASCII = /[^\0-\x7f]/;

function withAsciiHost(family: number, address: unknown): unknown {
  if (!HOST_FAMILIES.has(family) || !Array.isArray(address)) return address;
  const host: unknown = address[0];
  if (typeof host !== 'string' || !NOT_ASCII.test(host)) return address;
  return [encodeHost(host), ...address.slice(1)];
}

/** The most items that an address of any family has. */
const MOST_ITEMS = 5;

/** An address whose items stay what they are: a caller's array may have getters that run code. */
export function settled(address: unknown): unknown {
  return Array.isArray(address) && address.length <= MOST_ITEMS ? [...address] : address;
}

// The address that lies in the scratch as the target: only a numeric one, because a name may
// stand for another address the next time.
const { target } = shared;
const NUMERIC_HOST = /^\d+\.\d+\.\d+\.\d+$/;

/** Puts an address into the scratch for the call that follows; `method` is named in errors. */
export function loadTarget(descriptor: Descriptor, given: unknown, method: string): void {
  const { fd, family, proto } = descriptor;
  if (
    family === target.family &&
    Array.isArray(given) &&
    given.length === 2 &&
    given[0] === target.host &&
    given[1] === target.port
  ) {
    return;
  }
  const address = settled(given);
  target.family = -1;
  const error = native.encodeAddress(fd, family, proto, withAsciiHost(family, address));
  if (error !== 0) throw addressError(error, method, address);
  if (family !== AF_INET) return;
  const [host, port] = address as [unknown, unknown];
  if (typeof host !== 'string' || typeof port !== 'number' || !NUMERIC_HOST.test(host)) return;
  target.host = host;
  target.port = port;
  target.family = family;
}

/** The call that follows goes to the peer of a connected socket. */
export function clearTarget(): void {
  target.family = -1;
  scratch[TARGET_LENGTH] = 0;
}

/** The address that the last call gave; each caller gets an array of its own. */
export function readSource(descriptor: Descriptor): unknown {
  let { source } = shared;
  // The same peer as before costs no second crossing; CAN has an address form per protocol.
  if (scratch[SOURCE_CHANGED] !== 0 || source === undefined || source.proto !== descriptor.proto) {
    source = decodeSource(descriptor);
  }
  const { address } = source;
  if (!Array.isArray(address)) return own(address);
  return address.length === 2 ? [address[0], address[1]] : address.map(own);
}

/** An address out of memory where the kernel wrote it: a message's in a batch. */
export function readAddress(descriptor: Descriptor, bytes: Uint8Array): unknown {
  const { length } = bytes;
  const last = sourceBytes.subarray(0, length);
  const isSame = scratch[SOURCE_LENGTH] === length && Buffer.compare(last, bytes) === 0;
  sourceBytes.set(bytes);
  scratch[SOURCE_LENGTH] = length;
  scratch[SOURCE_CHANGED] = isSame ? 0 : 1;
  return readSource(descriptor);
}

/** Writes an address as the kernel reads it; gives its length in bytes. */
export function writeAddress(
  descriptor: Descriptor,
  address: unknown,
  method: string,
  memory: Uint8Array,
): number {
  loadTarget(descriptor, address, method);
  const length = scratch[TARGET_LENGTH] as number;
  memory.set(targetBytes.subarray(0, length));
  return length;
}

/** Bytes in an address are the caller's own, too. */
function own(item: unknown): unknown {
  return Buffer.isBuffer(item) ? Buffer.from(item) : item;
}

function decodeSource({ fd, family, proto }: Descriptor) {
  shared.source = undefined;
  const address = native.decodeAddress(fd, family, proto);
  if (scratch[SOURCE_LENGTH] === -1) {
    throw addressError(address as NativeAddressError, 'getsockaddr', null);
  }
  const decoded = { address, proto };
  // An interface may get another name while its number in the address stays the same.
  if (!INTERFACE_FAMILIES.has(family)) shared.source = decoded;
  return decoded;
}

const known = new Map<number, boolean>();

/** Throws, before any call is made, where addresses of the socket's family cannot be given. */
export function requireKnownFamily({ family }: Descriptor): void {
  let isKnown = known.get(family);
  if (isKnown === undefined) {
    isKnown = native.knowsFamily(family);
    known.set(family, isKnown);
  }
  if (!isKnown) throw new OSError('getsockaddrlen: bad family');
}
