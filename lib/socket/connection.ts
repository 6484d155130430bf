// `create_connection`: one address after the other, written once for both flavours.

import { ExceptionGroup, OSError, ValueError } from '../errors.js';
import { typeName, withOptions } from '../types.js';
import type { SocketType } from './base.js';
import { toBytes } from './bytes.js';
import * as calls from './calls.js';
import type { Composed, Step } from './compose.js';
import { DESCRIPTOR } from './endpoint.js';

/** The keyword arguments of `create_connection`. */
export interface ConnectionOptions {
  /** Seconds for each attempt; null waits for ever, left out it is the default timeout. */
  timeout?: number | null;
  /** `[host, port]` to bind to before connecting. */
  source_address?: readonly [host: string, port: number] | null;
  /** Throw an {@link ExceptionGroup} of all errors instead of the last one. */
  all_errors?: boolean;
}

/** `[family, type, proto, canonname, address]` of a look-up. */
export type Candidate = readonly [number, number, number, string, unknown];

/** A socket as the composed calls use it. */
type Connecting = Pick<SocketType<number>, typeof DESCRIPTOR | 'settimeout'> & {
  close(): unknown;
};

/** What differs between the flavours. */
export interface Connector<S extends Connecting> {
  open(family: number, type: number, proto: number): S;
  bind(sock: S, address: readonly [string, number]): Composed<void>;
  connect(sock: S, address: unknown): Composed<void>;
  lookUp(host: unknown, port: unknown): Composed<readonly Candidate[]>;
  /**
   * Makes the attempts so that they overlap; without it they are made one after the other. Gives
   * the errors, in their order, if all of them fail.
   */
  race?(attempts: readonly (() => Composed<S>)[]): Composed<S | readonly Error[]>;
}

const SIGNATURE = {
  name: 'create_connection',
  names: ['address', 'timeout', 'source_address', 'all_errors'],
  required: 1,
  positional: 3,
};

/** Python's unpacking of a pair. */
export function unpackPair(value: unknown): readonly [unknown, unknown] {
  const isIterable =
    typeof value === 'string' ||
    (typeof value === 'object' &&
      typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function');
  if (!isIterable) throw new TypeError(`cannot unpack non-iterable ${typeName(value)} object`);
  if (ArrayBuffer.isView(value)) toBytes(value);
  const items: unknown[] = [];
  for (const item of value as Iterable<unknown>) {
    // No further: what is iterated may have no end.
    if (items.push(item) > 2) throw new ValueError('too many values to unpack (expected 2)');
  }
  if (items.length < 2) {
    throw new ValueError(`not enough values to unpack (expected 2, got ${items.length})`);
  }
  return [items[0], items[1]];
}

/** Connects a socket of the blocking flavour. */
export function connectStep(sock: Connecting, address: unknown): Step<void> {
  const descriptor = sock[DESCRIPTOR];
  return {
    fd: descriptor.fd,
    direction: 'write',
    wait: descriptor.wait,
    attempt: (wait) => {
      const result = calls.connect(descriptor, wait, address, 'connect');
      if (result < 0) descriptor.refuse(result, 'connect');
    },
  };
}

/** Whether an error of an attempt leaves the next address to be tried. */
export function isFailedAttempt(error: unknown): error is OSError {
  return error instanceof OSError;
}

/** Connects a new socket to one of the addresses. */
function* attempt<S extends Connecting>(
  connector: Connector<S>,
  [family, type, proto, , target]: Candidate,
  timeout: unknown,
  source: unknown,
): Composed<S> {
  const sock = connector.open(family, type, proto);
  try {
    if (timeout !== undefined) sock.settimeout(timeout as number | null);
    if (isGiven(source)) yield* connector.bind(sock, source);
    yield* connector.connect(sock, target);
    return sock;
  } catch (error) {
    sock.close();
    throw error;
  }
}

/** Makes the attempts one after the other. */
function* attemptInTurn<S>(attempts: readonly (() => Composed<S>)[]): Composed<S | Error[]> {
  const errors: Error[] = [];
  for (const begin of attempts) {
    try {
      return yield* begin();
    } catch (error) {
      if (!isFailedAttempt(error)) throw error;
      errors.push(error);
    }
  }
  return errors;
}

export function* createConnection<S extends Connecting>(
  connector: Connector<S>,
  given: readonly unknown[],
): Composed<S> {
  const [address, timeout, source, allErrors] = withOptions(SIGNATURE, given);
  const [host, port] = unpackPair(address);
  const candidates = yield* connector.lookUp(host, port);
  const attempts = candidates.map(
    (candidate) => () => attempt(connector, candidate, timeout, source),
  );
  const outcome = yield* connector.race?.(attempts) ?? attemptInTurn(attempts);
  if (!Array.isArray(outcome)) return outcome as S;
  const errors: Error[] = outcome;
  const last = errors.at(-1);
  if (last === undefined) throw new OSError('getaddrinfo returns an empty list');
  if (!allErrors) throw last;
  const count = errors.length === 1 ? '1 sub-exception' : `${errors.length} sub-exceptions`;
  throw new ExceptionGroup(errors, `create_connection failed (${count})`);
}

/** As in Python an empty source address is none. */
function isGiven(source: unknown): source is readonly [string, number] {
  if (Array.isArray(source)) return source.length > 0;
  return source !== undefined && source !== null && source !== '';
}
