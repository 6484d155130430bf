// The arguments of Python's look-up functions, checked and put into requests to the addon.

import { OSError, OverflowError, ValueError } from './errors.js';
import { idnaEncode } from './idna.js';
import {
  type AddressEntry,
  finishLookup,
  type HostEntry,
  type Lookup,
  makeLookup,
} from './lookup.js';
import { type LookupAnswer, LookupKind } from './native-resolver.js';
import { isBytes, toBytes } from './socket/bytes.js';
import { requireUtf8 } from './text.js';
import {
  argumentName,
  checkCount,
  integerOf,
  isOptions,
  lacks,
  toInt,
  toUnsignedBits,
  typeName,
  withOptions,
} from './types.js';

const GETADDRINFO = {
  name: 'getaddrinfo',
  names: ['host', 'port', 'family', 'type', 'proto', 'flags'],
  required: 2,
};

/** The arguments of `getaddrinfo`, checked in Python's order: numbers, host, port. */
export function prepareGetaddrinfo(args: readonly unknown[]): Lookup<AddressEntry[]> {
  const [host, port, ...rest] = withOptions(GETADDRINFO, args);
  const number = (value: unknown = 0): number => toInt(value, 'signed');
  const numbers = [number(rest[0]), number(rest[1]), number(rest[2]), number(rest[3])] as const;
  return makeLookup('getaddrinfo', LookupKind.addresses, readHost(host), readPort(port), numbers);
}

function readHost(host: unknown): string | Buffer | null {
  if (host === null || Buffer.isBuffer(host)) return host;
  if (typeof host === 'string') return idnaEncode(host);
  throw new TypeError('getaddrinfo() argument 1 must be string or None');
}

function readPort(port: unknown): string | Buffer | null {
  if (port === null || Buffer.isBuffer(port)) return port;
  if (typeof port === 'string') return requireUtf8(port);
  // A boolean is an int to most of Python, but not to this function.
  const number = typeof port === 'boolean' ? undefined : integerOf(port);
  if (number !== undefined) return BigInt(number).toString();
  throw new OSError('Int or String expected');
}

/** The arguments of `getnameinfo`. */
export function prepareGetnameinfo(
  args: readonly unknown[],
): Lookup<[host: string, service: string]> {
  checkCount('getnameinfo', args, 2);
  const [sockaddr, flags] = args;
  const flagBits = toInt(flags, 'signed');
  if (!Array.isArray(sockaddr)) throw new TypeError('getnameinfo() argument 1 must be a tuple');
  const [host, port, flowinfo = 0, scope = 0] = sockaddr as unknown[];
  const count = sockaddr.length;
  if (count < 2 || count > 4 || typeof host !== 'string') {
    throw new TypeError('getnameinfo(): illegal sockaddr argument');
  }
  const name = requireTextWithoutNul(host);
  const service = String(toInt(port, 'signed'));
  const flow = toUnsignedBits(flowinfo);
  const scopeBits = toUnsignedBits(scope);
  if (flow > 0xfffff) {
    throw new OverflowError('getnameinfo(): flowinfo must be 0-1048575.');
  }
  const numbers = [flow, scopeBits, flagBits, count] as const;
  return makeLookup('getnameinfo', LookupKind.nameOfAddress, name, service, numbers);
}

function requireTextWithoutNul(text: string): string {
  requireUtf8(text);
  if (text.includes('\0')) throw new ValueError('embedded null character');
  return text;
}

/** The bytes of a name; undefined of anything else. */
function bytesOf(value: unknown): Uint8Array | undefined {
  return isBytes(value) ? toBytes(value) : undefined;
}

/** The only argument of the functions that take a host's name. */
function prepareHost<T>(name: string, kind: number, args: readonly unknown[]): Lookup<T> {
  checkCount(name, args, 1);
  return makeLookup(name, kind, readHostName(name, args[0]));
}

function readHostName(name: string, host: unknown): string | Buffer {
  const encoded = typeof host === 'string' ? idnaEncode(host) : bytesOf(host);
  if (encoded === undefined) {
    throw new TypeError(
      `${name}() argument 1 must be str, bytes or bytearray, not ${argumentName(host)}`,
    );
  }
  const hasNul = typeof encoded === 'string' ? encoded.includes('\0') : encoded.includes(0);
  if (hasNul) {
    throw new TypeError(
      `${name}() argument 1 must be encoded string without null bytes, not ${typeName(host)}`,
    );
  }
  return typeof encoded === 'string' ? encoded : Buffer.from(encoded);
}

/** The argument of `gethostbyname`. */
export function prepareGethostbyname(args: readonly unknown[]): Lookup<string> {
  return prepareHost('gethostbyname', LookupKind.hostByName, args);
}

/** The argument of `gethostbyname_ex`. */
export function prepareGethostbynameEx(args: readonly unknown[]): Lookup<HostEntry> {
  return prepareHost('gethostbyname_ex', LookupKind.hostEntry, args);
}

/** The argument of `gethostbyaddr`. */
export function prepareGethostbyaddr(args: readonly unknown[]): Lookup<HostEntry> {
  return prepareHost('gethostbyaddr', LookupKind.hostByAddress, args);
}

/** A string argument of a function that reads C strings. */
function readString(name: string, position: number, value: unknown): string {
  if (typeof value === 'string') return requireTextWithoutNul(value);
  throw new TypeError(`${name}() argument ${position} must be str, not ${argumentName(value)}`);
}

function readProtocol(name: string, value: unknown): string | null {
  return value === undefined || isOptions(value) ? null : readString(name, 2, value);
}

/** The arguments of `getservbyname`. */
export function prepareGetservbyname(args: readonly unknown[]): Lookup<number> {
  checkCount('getservbyname', args, 1, 2);
  const name = readString('getservbyname', 1, args[0]);
  const protocol = readProtocol('getservbyname', args[1]);
  return makeLookup('getservbyname', LookupKind.serviceByName, name, protocol);
}

/** The arguments of `getservbyport`. */
export function prepareGetservbyport(args: readonly unknown[]): Lookup<string> {
  checkCount('getservbyport', args, 1, 2);
  const port = toInt(args[0], 'signed');
  const protocol = readProtocol('getservbyport', args[1]);
  if (port < 0 || port > 0xffff) {
    throw new OverflowError('getservbyport: port must be 0-65535.');
  }
  const numbers = [port, 0, 0, 0] as const;
  return makeLookup('getservbyport', LookupKind.serviceByPort, null, protocol, numbers);
}

/** The argument of `getprotobyname`. */
export function prepareGetprotobyname(args: readonly unknown[]): Lookup<number> {
  checkCount('getprotobyname', args, 1);
  const name = readString('getprotobyname', 1, args[0]);
  return makeLookup('getprotobyname', LookupKind.protocolByName, name);
}

const GETFQDN = { name: 'getfqdn', names: ['name'] };

/** What `getfqdn` looks up, and the name that it gives where nothing is known about it. */
export interface FqdnLookup {
  readonly name: string | Uint8Array;
  readonly lookup: Lookup<HostEntry>;
}

/** The name that `getfqdn` looks up: without blanks, and this host's name for "any address". */
export function prepareGetfqdn(args: readonly unknown[], gethostname: () => string): FqdnLookup {
  const [given = ''] = withOptions(GETFQDN, args);
  if (typeof given !== 'string' && !isBytes(given)) {
    throw lacks(given, 'strip');
  }
  let name = typeof given === 'string' ? given.trim() : given;
  if (name.length === 0 || name === '0.0.0.0' || name === '::') name = gethostname();
  return { name, lookup: prepareGethostbyaddr([name]) };
}

/** The first name with a dot among those of the answer, or the name that was asked for. */
export function finishGetfqdn(
  { name, lookup }: FqdnLookup,
  answer: LookupAnswer,
): string | Uint8Array {
  try {
    const [hostname, aliases] = finishLookup(lookup, answer);
    return [hostname, ...aliases].find((alias) => alias.includes('.')) ?? hostname;
  } catch (error) {
    if (error instanceof OSError) return name;
    throw error;
  }
}
