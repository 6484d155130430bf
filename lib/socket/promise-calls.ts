// What the calls of a promise socket share: their options, their waiting, and connecting.

import { asyncHooks } from '../builtins.js';
import {
  AF_UNIX,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_OOB,
  SO_ERROR,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.js';
import { resolveTarget } from '../host-address.js';
import { checkOptions, takeOptions } from '../lookup-promises.js';
import { errnos, native, shared } from '../native.js';
import { Attempt, Operation, type Special } from '../operation.js';
import { perform, performOperation, type WaitOptions } from '../reactor.js';
import { lengthOf } from '../remembered.js';
import { checkCount, isOptions } from '../types.js';
import { settled } from './address.js';
import * as args from './arguments.js';
import type { IntoOptions } from './base.js';
import { isPlainBytes, requireLength } from './bytes.js';
import * as calls from './calls.js';
import { attemptWhole, endWith, PENDING, type Pending } from './compose.js';
import { sendfile } from './composed.js';
import { type Descriptor, toTimeout, toWait } from './descriptor.js';
import { getOption } from './options.js';
import { keeping } from './same-file.js';

const IN_PROGRESS = -(errnos.EINPROGRESS as number);
const NOT_CONNECTED = -(errnos.ENOTCONN as number);
/** AF_UNIX tells nobody that there is room again: the milliseconds between tries. */
const RETRYING: Special = { retryEvery: 5 };

/** Splits the trailing object with `signal` and `timeout` from the arguments. */
export function split(
  given: readonly unknown[],
): [values: readonly unknown[], options: WaitOptions] {
  if (!isOptions(given.at(-1))) return [given, NO_OPTIONS];
  const [values, options] = takeOptions(given);
  checkOptions(options);
  return [values, options];
}

const NO_OPTIONS: WaitOptions = {};

/** Splits the arguments of a method that takes so many, and counts them. */
export function splitMethod(
  name: string,
  given: readonly unknown[],
  least: number,
  most: number = least,
): [values: readonly unknown[], options: WaitOptions] {
  const last = given.at(-1);
  const isCounted = given.length >= least && given.length <= most;
  // The usual case first: what is no object, or bytes, holds no options.
  if (isCounted && (typeof last === 'number' || ArrayBuffer.isView(last))) {
    return [given, NO_OPTIONS];
  }
  const [values, options] = split(given);
  // Python tells methods with a single argument apart.
  if (most === 1) checkCount(`socket.${name}`, values, 1);
  else args.checkMethod(name, values, least, most);
  return [values, options];
}

/** Flags with which a call without a timeout does not wait: the caller's wish, or the kernel's way. */
const NEVER_WAITS = MSG_DONTWAIT | MSG_ERRQUEUE;

/** How long a call may wait: its own timeout, or the socket's; in milliseconds. */
export function waitOf(descriptor: Descriptor, { timeout }: WaitOptions, flags = 0): number {
  const wait = timeout === undefined ? descriptor.wait : toWait(toTimeout(timeout));
  return wait < 0 && (flags & NEVER_WAITS) !== 0 ? 0 : wait;
}

/** A function of `calls.ts`, as all of them are called. */
export type Make<T, A, B, C> = (
  descriptor: Descriptor,
  wait: number,
  first: A,
  second: B,
  third: C,
) => T | Pending;

/** One call on a descriptor, with its arguments. */
export class Call<T, A, B, C> extends Operation<T> {
  constructor(
    readonly make: Make<T, A, B, C>,
    readonly descriptor: Descriptor,
    readonly first: A,
    readonly second?: B,
    readonly third?: C,
  ) {
    super();
  }

  attempt(wait: number): T | Pending {
    const { make, descriptor, first, second, third } = this;
    return make(descriptor, wait, first, second as B, third as C);
  }
}

/** Flags of reads that take no ordinary data. */
const UNUSUAL = MSG_ERRQUEUE | MSG_OOB;

/** Performs a call on the descriptor. */
export function startCall<T>(
  descriptor: Descriptor,
  direction: 'read' | 'write',
  options: WaitOptions,
  operation: Operation<T>,
  flags = 0,
  special?: Special,
): Promise<T> {
  if (special) operation.special = special;
  const wait = waitOf(descriptor, options, flags);
  const way = direction === 'read' && (flags & UNUSUAL) !== 0 ? 'unusual' : direction;
  return performOperation(descriptor.fd, way, wait, operation, options.signal);
}

/** The same for a function. */
export function start<T>(
  descriptor: Descriptor,
  direction: 'read' | 'write',
  options: WaitOptions,
  attempt: (wait: number) => T | Pending,
  flags = 0,
  special?: Special,
): Promise<T> {
  return startCall(descriptor, direction, options, new Attempt(attempt), flags, special);
}

/** Nobody who waits to write to an AF_UNIX socket is told that either end has shut that down. */
const RETRYING_SLOWLY: Special = { retryEvery: 200 };

/** What sending to the peer needs. */
export function retryToPeer({ family }: Descriptor): Special | undefined {
  return family === AF_UNIX ? RETRYING_SLOWLY : undefined;
}

/** An AF_UNIX datagram socket is not told when its receiver's queue has room again. */
export function retryOf(descriptor: Descriptor): Special | undefined {
  const { family, type } = descriptor;
  return family === AF_UNIX && type !== SOCK_STREAM ? RETRYING : retryToPeer(descriptor);
}

/** Connects: what is under way is waited for. Gives 0, or a negative error number. */
export function connect(
  descriptor: Descriptor,
  address: unknown,
  options: WaitOptions,
  method: string,
) {
  let isUnderWay = false;
  const wait = waitOf(descriptor, options);
  const attempt = (limit: number): number | Pending => {
    if (isUnderWay) return finishConnect(descriptor);
    const result = calls.connect(descriptor, limit, address, method);
    // A connection that has only begun is the answer of a call that does not wait.
    if (wait === 0) return result;
    // AF_UNIX says EAGAIN while the listener's queue is full; Python waits only without a timeout.
    const isQueueFull = result === calls.WOULD_BLOCK && descriptor.family === AF_UNIX;
    if (isQueueFull && (options.timeout !== undefined || descriptor.wait < 0)) return PENDING;
    isUnderWay = result === IN_PROGRESS;
    return isUnderWay ? PENDING : result;
  };
  const special = descriptor.family === AF_UNIX ? RETRYING : undefined;
  return start(descriptor, 'write', options, attempt, 0, special);
}

/** What became of a connection attempt. */
export function finishConnect(descriptor: Descriptor): number | Pending {
  const error = getOption(descriptor, SOL_SOCKET, SO_ERROR, 0) as number;
  if (error !== 0) return -error;
  // A watched socket that was never connected reports a hang-up; the attempt may still go on.
  const result = native.getpeername(descriptor.fd);
  shared.source = undefined;
  return result === NOT_CONNECTED ? PENDING : 0;
}

/** A call that sends bytes. */
export class Sending<B, C> extends Call<number, Uint8Array, B, C> {
  readonly #length = lengthOf.call(this.first);

  override attempt(wait: number): number | Pending {
    requireLength(this.first, this.#length, 'send');
    return super.attempt(wait);
  }
}

/** `sendall`: one operation, so that nothing sent later gets between its parts. */
export class SendWhole extends Operation<undefined> {
  #length: number;

  constructor(
    readonly descriptor: Descriptor,
    private rest: Uint8Array,
    readonly flags: number,
  ) {
    super();
    this.#length = lengthOf.call(rest);
  }

  attempt(wait: number): undefined | Pending {
    for (;;) {
      requireLength(this.rest, this.#length, 'send');
      const sent = calls.send(this.descriptor, wait, this.rest, this.flags);
      if (sent === PENDING) return PENDING;
      if (sent === this.#length) return undefined;
      this.rest = this.rest.subarray(sent);
      this.#length -= sent;
    }
  }
}

/** `sendfile` as one operation, for the same reason. */
export async function sendWholeFile(
  descriptor: Descriptor,
  file: unknown,
  offset: unknown,
  count: unknown,
  { signal, timeout }: WaitOptions,
): Promise<number> {
  signal?.throwIfAborted();
  const composed = sendfile(descriptor, file, offset, count);
  const first = composed.next();
  if (first.done) return first.value;
  const { fd, direction } = first.value;
  const wait = waitOf(descriptor, { timeout });
  // The file may be the caller's own: its methods are called as if he had made the call himself.
  const attempt = asyncHooks().AsyncResource.bind(attemptWhole(composed, first));
  try {
    const special = { ...retryToPeer(descriptor), renews: timeout === undefined };
    return await perform(fd, direction, wait, attempt, signal, special);
  } catch (error) {
    return endWith(composed, error);
  }
}

/**
 * Calls back with the address, whose host name is looked up first if it has one. The caller may use
 * his array for something else while the call waits.
 */
export function withTarget<T>(
  descriptor: Descriptor,
  address: unknown,
  options: WaitOptions,
  use: (target: unknown) => Promise<T>,
): Promise<T> {
  const target = resolveTarget(descriptor.family, address, options);
  // Without a name the call begins at once: it must not be overtaken by one that comes after it.
  if (!(target instanceof Promise)) return use(settled(target));
  const check = keeping(() => descriptor.fd, 'close');
  return target.then((found) => {
    check();
    return use(found);
  });
}

/** Runs a method's body so that whatever it throws rejects the promise. */
export function rejecting<T>(body: () => T | Promise<T>): Promise<T> {
  // Not an async function: that would be another promise around the body's own.
  try {
    const result = body();
    return result instanceof Promise ? result : Promise.resolve(result);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** The arguments of `recv_into` and `recvfrom_into`. */
export function into(method: string, given: readonly unknown[], tooSmall: string) {
  const [only] = given;
  // The usual case first.
  if (given.length === 1 && isPlainBytes(only)) {
    return { view: only, length: only.length, flags: 0, options: NO_OPTIONS };
  }
  const [values, options] = split(given);
  const last = values.at(-1);
  const named = isOptions(last) ? (last as IntoOptions) : {};
  const positional = isOptions(last) ? values.slice(0, -1) : values;
  const view = args.toWritable(positional[0], method);
  const nbytes = positional[1] ?? named.nbytes;
  const length = args.toIntoLength(view, nbytes, method, tooSmall);
  return { view, length, flags: args.toFlags(positional[2] ?? named.flags ?? 0), options };
}
