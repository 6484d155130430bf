// The calls of a blocking socket for several messages or segments at once, which Python's lacks.

import type { AddressInput, MaybeAddress } from './address-types.js';
import { type Message, MessageBatch } from './batch.js';
import type { MessageInput } from './batch-calls.js';
import * as plans from './batch-plans.js';
import type { BytesLike } from './bytes.js';
import { toTimeout, toWait } from './descriptor.js';
import { DESCRIPTOR, Endpoint } from './endpoint.js';

/** What all these calls take by name. */
export interface CallOptions {
  /** `MSG_` flags. */
  flags?: number;
  /** Seconds for this call instead of the socket's timeout; null waits for ever. */
  timeout?: number | null;
}

/** What `recvmmsg` takes by name. */
export interface ReceiveManyOptions extends CallOptions {
  /** Room for the control messages of each message, in bytes; see {@link CMSG_SPACE}. */
  ancbufsize?: number;
}

/** What `sendmmsg_from` takes by name. */
export interface SendManyOptions extends CallOptions {
  /** The index of the first message to send; 0 if left out. */
  first?: number;
  /** How many messages to send; all from the first one on if left out. */
  count?: number;
}

/** What `send_segmented` takes by name. */
export interface SegmentOptions<F extends number> extends CallOptions {
  /** Where the datagrams go; null or left out for a connected socket. */
  address?: AddressInput<F> | null;
}

function run<T>(endpoint: Endpoint, plan: plans.Plan<T>): T {
  const { timeout } = plan;
  const wait = timeout === undefined ? endpoint[DESCRIPTOR].wait : toWait(toTimeout(timeout));
  return plan.attempt(wait) as T;
}

/** Several messages at once. `F` is the address family. */
export class BatchEndpoint<F extends number = number> extends Endpoint<F> {
  /**
   * Receives several messages with one system call: waits for the first one and takes those that
   * are there then; recvmmsg(2). Linux's.
   *
   * @param count the most messages to take, at most 1024
   * @param size the most bytes of each; a datagram's rest is lost
   * @returns the messages, each as {@link SocketType.recvmsg} gives it
   * @throws BlockingIOError, TimeoutError and other kinds of OSError; ValueError for wrong numbers
   */
  recvmmsg(count: number, size: number, options?: ReceiveManyOptions): Message<F>[];
  recvmmsg(...given: unknown[]): Message<F>[] {
    return run(this, plans.recvmmsg(this[DESCRIPTOR], given)) as Message<F>[];
  }

  /**
   * The same into a batch's memory, without an object for each message; recvmmsg(2).
   *
   * @returns how many messages came
   */
  recvmmsg_into(batch: MessageBatch<F>, options?: CallOptions): number;
  recvmmsg_into(...given: unknown[]): number {
    // The usual arguments take no detour.
    const [batch] = given;
    if (given.length === 1 && batch instanceof MessageBatch) {
      return plans.recvmmsgIntoDirectly(this[DESCRIPTOR], batch);
    }
    return run(this, plans.recvmmsgInto(this[DESCRIPTOR], given));
  }

  /**
   * Sends several messages with one system call; sendmmsg(2). Without a timeout all of them go
   * unless one fails; with one, those that went until it passed. After the first message an error
   * ends the call, and the next call meets it.
   *
   * @param messages each the bytes of a message, or `[buffers, ancdata, address]`
   * @returns how many bytes of each message went that did: as many numbers as messages
   * @throws OSError if the first message could not be sent
   */
  sendmmsg(messages: Iterable<MessageInput<AddressInput<F>>>, options?: CallOptions): number[];
  sendmmsg(...given: unknown[]): number[] {
    return run(this, plans.sendmmsg(this[DESCRIPTOR], given));
  }

  /**
   * Sends the messages of a batch; sendmmsg(2). A host name in an address is looked up once.
   *
   * @returns how many messages went; go on with `{ first }`
   */
  sendmmsg_from(batch: MessageBatch<F>, options?: SendManyOptions): number;
  sendmmsg_from(...given: unknown[]): number {
    return run(this, plans.sendmmsgFrom(this[DESCRIPTOR], given));
  }

  /**
   * Sends one buffer as datagrams of a size, which the kernel or the network card cuts (UDP GSO);
   * udp(7), UDP_SEGMENT.
   *
   * @param data the bytes of all datagrams; the last one may be shorter
   * @param segment_size bytes of each datagram
   * @returns how many bytes went
   * @throws OSError (EINVAL) if such datagrams do not fit the path's packets, (ENOPROTOOPT) if the
   *   kernel knows no segments
   */
  send_segmented(data: BytesLike, segment_size: number, options?: SegmentOptions<F>): number;
  send_segmented(...given: unknown[]): number {
    return run(this, plans.sendSegmented(this[DESCRIPTOR], given));
  }

  /**
   * Receives datagrams of one sender that the kernel put together (UDP GRO); udp(7). Ask for that
   * with `setsockopt(IPPROTO_UDP, UDP_GRO, 1)`; without it each call gives one datagram.
   *
   * @param bufsize the most bytes to take; 65535 if left out
   * @returns the bytes, how many of them each datagram has but for the last, and the sender
   */
  recv_segmented(
    bufsize?: number,
    options?: CallOptions,
  ): [data: Buffer, segment_size: number, address: MaybeAddress<F>];
  recv_segmented(...given: unknown[]): [Buffer, number, MaybeAddress<F>] {
    const result = run(this, plans.recvSegmented(this[DESCRIPTOR], given));
    return result as [Buffer, number, MaybeAddress<F>];
  }

  /** The same into the caller's memory: `[nbytes, segment_size, address]`. */
  recv_segmented_into(
    buffer: BytesLike,
    options?: CallOptions,
  ): [nbytes: number, segment_size: number, address: MaybeAddress<F>];
  recv_segmented_into(...given: unknown[]): [number, number, MaybeAddress<F>] {
    const result = run(this, plans.recvSegmentedInto(this[DESCRIPTOR], given));
    return result as [number, number, MaybeAddress<F>];
  }
}
