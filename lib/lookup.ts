// Look-ups of names as a question and an answer, so that both flavours share all but the waiting.

import { herror, nameError, OSError, osError } from './errors.js';
import { native } from './native.js';
import { type LookupAnswer, LookupFailure, type LookupRequest } from './native-resolver.js';

/** A numeric host and a port; flow info and scope id are there for IPv6. */
export type InternetAddress =
  | [host: string, port: number]
  | [host: string, port: number, flowinfo: number, scope_id: number];

/** One result of `getaddrinfo`: what `socket()` and `connect()` take. */
export type AddressEntry = [
  family: number,
  type: number,
  proto: number,
  canonname: string,
  sockaddr: InternetAddress,
];

/** The result of `gethostbyname_ex` and `gethostbyaddr`. */
export type HostEntry = [hostname: string, aliases: string[], addresses: string[]];

/** A question to the addon, the function that asks it, and the type of the result. */
export interface Lookup<T> {
  readonly name: string;
  readonly request: LookupRequest;
  /** Never there; carries the type from the question to {@link finishLookup}. */
  readonly result?: T;
}

/** A question; left-out texts are null and left-out numbers 0. */
export function makeLookup<T>(
  name: string,
  kind: number,
  first: string | Buffer | null,
  second: string | Buffer | null = null,
  numbers: readonly [number, number, number, number] = [0, 0, 0, 0],
): Lookup<T> {
  return { name, request: [kind, first, second, ...numbers] };
}

/**
 * The result of a look-up.
 *
 * @throws gaierror, herror or OSError as the answer says
 */
export function finishLookup<T>(lookup: Lookup<T>, answer: LookupAnswer): T {
  const [failure, what] = answer;
  if (failure === LookupFailure.none) return what as T;
  throw lookupError(lookup.name, failure, what);
}

function lookupError(syscall: string, failure: number, what: unknown): OSError {
  const code = Number(what);
  if (failure === LookupFailure.name) return nameError(code, syscall);
  if (failure === LookupFailure.errno) return osError(-code, syscall);
  const error =
    failure === LookupFailure.host
      ? new herror(code, native.hostErrorText(code))
      : new OSError(String(what));
  error.syscall = syscall;
  return error;
}

/** Asks and waits for the answer on this thread. */
export function answerHere(lookup: Lookup<unknown>): LookupAnswer {
  return native.lookup(...lookup.request);
}

/** The result of a question that is asked on this thread. */
export function lookUpHere<T>(lookup: Lookup<T>): T {
  return finishLookup(lookup, answerHere(lookup));
}
