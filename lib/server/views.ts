// A server's socket: in the flavour that is needed, and also if it is an object of the caller's.

import { methodOf } from '../socket/arguments.js';
import { socket } from '../socket/blocking.js';
import { socket as PromiseSocket } from '../socket/promises.js';

/**
 * The socket in the blocking flavour, where `bind` works at once whatever the address is; anything
 * else stays what it is.
 */
export function blockingView(sock: unknown): unknown {
  return sock instanceof PromiseSocket ? sock.blocking : sock;
}

/** Calls a method of what may be no socket; throws Python's AttributeError if it has none. */
export function invoke(target: unknown, name: string, ...given: unknown[]): unknown {
  return methodOf(target, name)(...given);
}

/** A socket in the promise flavour; anything else stays what it is. */
export function promiseView<Value>(value: Value): Value | PromiseSocket<number> {
  return value instanceof socket ? value.promises : value;
}
