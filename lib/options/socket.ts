// What these calls need of a socket: its descriptor and its options.

import { OSError } from '../errors.js';
import type { BytesLike } from '../socket/bytes.js';
import { typeName } from '../types.js';

/** A socket of either flavour, or anything else that has a socket's options. */
export interface OptionSocket {
  readonly family: number;
  fileno(): number;
  getsockopt(level: number, optname: number, buflen: number): Buffer;
  setsockopt(level: number, optname: number, value: number | BytesLike): void;
}

/**
 * The socket that was given.
 *
 * @throws TypeError if it has no options
 */
export function toSocket(value: unknown): OptionSocket {
  const sock = value as Partial<OptionSocket> | null | undefined;
  const isSocket =
    typeof sock?.fileno === 'function' &&
    typeof sock.getsockopt === 'function' &&
    typeof sock.setsockopt === 'function';
  if (!isSocket) throw new TypeError(`sock must be a socket, not ${typeName(value)}`);
  return sock as OptionSocket;
}

/**
 * An option's number, which some systems lack.
 *
 * @throws OSError (without a number) if this one does
 */
export function requireOption(number: number | undefined, name: string): number {
  if (number === undefined) throw new OSError(`this system has no ${name}`);
  return number;
}
