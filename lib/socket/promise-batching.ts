// The calls of a promise socket for several messages or segments at once, which Python's lacks.

import { resolveTarget } from '../host-address.js';
import type { WaitOptions } from '../reactor.js';
import type { AddressInput, MaybeAddress } from './address-types.js';
import { MEMORY, type Message, type MessageBatch } from './batch.js';
import type { MessageInput } from './batch-calls.js';
import * as plans from './batch-plans.js';
import type {
  CallOptions,
  ReceiveManyOptions,
  SegmentOptions,
  SendManyOptions,
} from './batching.js';
import type { BytesLike } from './bytes.js';
import type { Descriptor } from './descriptor.js';
import { DESCRIPTOR, Endpoint } from './endpoint.js';
import { rejecting, retryOf, split, start } from './promise-calls.js';
import { keeping } from './same-file.js';

type Signal = Pick<WaitOptions, 'signal'>;
type Planner<T> = (descriptor: Descriptor, given: readonly unknown[]) => plans.Plan<T>;

function run<T>(endpoint: Endpoint, planner: Planner<T>, given: readonly unknown[]): Promise<T> {
  return rejecting(() => {
    const [values, options] = split(given);
    const descriptor = endpoint[DESCRIPTOR];
    const { direction, flags, batch, targets, attempt } = planner(descriptor, values);
    const special = direction === 'write' ? retryOf(descriptor) : undefined;
    const begin = () => start(descriptor, direction, options, attempt, flags, special);
    const found = targets.map((target) => resolveTarget(descriptor.family, target, options));
    // Without a name the call begins at once: it must not be overtaken by one that comes after it.
    const isKnown = !found.some((target) => target instanceof Promise);
    const check = isKnown ? undefined : keeping(() => descriptor.fd, 'close');
    const call = isKnown
      ? begin()
      : Promise.all(found).then((addresses) => {
          check?.();
          targets.splice(0, targets.length, ...addresses);
          return begin();
        });
    return batch === undefined ? call : batch[MEMORY].keepUntil(call);
  });
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
   */
  recvmmsg(
    count: number,
    size: number,
    options?: ReceiveManyOptions & Signal,
  ): Promise<Message<F>[]>;
  recvmmsg(...given: unknown[]): Promise<Message<F>[]> {
    return run(this, plans.recvmmsg as Planner<Message<F>[]>, given);
  }

  /**
   * The same into a batch's memory, without an object for each message; recvmmsg(2).
   *
   * @returns how many messages came
   */
  recvmmsg_into(batch: MessageBatch<F>, options?: CallOptions & Signal): Promise<number>;
  recvmmsg_into(...given: unknown[]): Promise<number> {
    return run(this, plans.recvmmsgInto, given);
  }

  /**
   * Sends several messages with one system call; sendmmsg(2). It waits until one can go, and then
   * sends as many as go at once.
   *
   * @param messages each the bytes of a message, or `[buffers, ancdata, address]`
   * @returns how many bytes of each message went that did: as many numbers as messages
   */
  sendmmsg(
    messages: Iterable<MessageInput<AddressInput<F>>>,
    options?: CallOptions & Signal,
  ): Promise<number[]>;
  sendmmsg(...given: unknown[]): Promise<number[]> {
    return run(this, plans.sendmmsg, given);
  }

  /**
   * Sends the messages of a batch, as many as go at once; sendmmsg(2). A host name in an address is
   * looked up once, off the event loop.
   *
   * @returns how many messages went; go on with `{ first }`
   */
  sendmmsg_from(batch: MessageBatch<F>, options?: SendManyOptions & Signal): Promise<number>;
  sendmmsg_from(...given: unknown[]): Promise<number> {
    return run(this, plans.sendmmsgFrom, given);
  }

  /**
   * Sends one buffer as datagrams of a size, which the kernel or the network card cuts (UDP GSO);
   * udp(7), UDP_SEGMENT.
   *
   * @param data the bytes of all datagrams; the last one may be shorter
   * @param segment_size bytes of each datagram
   * @returns how many bytes went
   */
  send_segmented(
    data: BytesLike,
    segment_size: number,
    options?: SegmentOptions<F> & Signal,
  ): Promise<number>;
  send_segmented(...given: unknown[]): Promise<number> {
    return run(this, plans.sendSegmented, given);
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
    options?: CallOptions & Signal,
  ): Promise<[data: Buffer, segment_size: number, address: MaybeAddress<F>]>;
  recv_segmented(...given: unknown[]): Promise<[Buffer, number, MaybeAddress<F>]> {
    return run(this, plans.recvSegmented as Planner<[Buffer, number, MaybeAddress<F>]>, given);
  }

  /** The same into the caller's memory: `[nbytes, segment_size, address]`. */
  recv_segmented_into(
    buffer: BytesLike,
    options?: CallOptions & Signal,
  ): Promise<[nbytes: number, segment_size: number, address: MaybeAddress<F>]>;
  recv_segmented_into(...given: unknown[]): Promise<[number, number, MaybeAddress<F>]> {
    return run(this, plans.recvSegmentedInto as Planner<[number, number, MaybeAddress<F>]>, given);
  }
}
