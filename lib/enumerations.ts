// Python's enumerations of constants: two-way maps between names and numbers.

import type * as names from './constants.js';
import { constants } from './native.js';
import { argumentName, toInt } from './types.js';

/** The constants whose names start with a prefix. */
type Members<Prefix extends string> = Pick<
  typeof names,
  Extract<keyof typeof names, `${Prefix}${string}`>
>;

/** A two-way map as TypeScript's numeric enums are: names to numbers and numbers to names. */
export type Enumeration<Prefix extends string> = Members<Prefix> & {
  readonly [value: number]: string | undefined;
};

/** The parts of an enumeration that need no knowledge of its names. */
type AnyEnumeration = { readonly [value: number]: string | undefined };

const maps: Record<string, Record<string, number | string>> = { AF: {}, SOCK: {}, MSG: {}, AI: {} };

// One pass over the table, because this happens at each import of the package.
for (const name in constants) {
  const map = maps[name.slice(0, name.indexOf('_'))];
  if (map === undefined) continue;
  const value = constants[name] as number;
  map[name] = value;
  // As in Python's enumerations the first name of a number is its name, later ones are aliases.
  map[value] ??= name;
}
Object.values(maps).forEach(Object.freeze);

/**
 * The address families by name and by number: `AddressFamily.AF_INET` is 2, `AddressFamily[2]` is
 * `'AF_INET'`, an unknown number gives undefined. Where a number has two names the first of
 * address_families(7) is given: `AF_NETLINK`, not `AF_ROUTE`. Like Python's
 * `socket.AddressFamily`, without the classes of its members: they are plain numbers.
 */
export const AddressFamily = maps.AF as unknown as Enumeration<'AF_'>;

/**
 * The socket types, and the bits `SOCK_CLOEXEC` and `SOCK_NONBLOCK`, by name and by number. Like
 * Python's `socket.SocketKind`; see socket(2).
 */
export const SocketKind = maps.SOCK as unknown as Enumeration<'SOCK_'>;

/**
 * The flags of the send and receive calls by name and by number; a combination of flags has no
 * name. Like Python's `socket.MsgFlag`; see send(2) and recv(2).
 */
export const MsgFlag = maps.MSG as unknown as Enumeration<'MSG_'>;

/**
 * The flags of `getaddrinfo()` by name and by number; a combination of flags has no name. Like
 * Python's `socket.AddressInfo`; see getaddrinfo(3).
 */
export const AddressInfo = maps.AI as unknown as Enumeration<'AI_'>;

/** The name of a number in an enumeration, or its digits where it has none. For inspection. */
export function constantName(enumeration: AnyEnumeration, value: number): string {
  if (typeof enumeration !== 'object' || enumeration === null) {
    throw new TypeError(
      `constantName() argument 1 must be an enumeration, not ${argumentName(enumeration)}`,
    );
  }
  const number = toInt(value);
  return enumeration[number] ?? String(number);
}
