// The calls of a promise socket that may wait, one system call each.

import { osError, TimeoutError } from '../errors.js';
import { resolveTarget } from '../host-address.js';
import type { WaitOptions } from '../reactor.js';
import { checkCount } from '../types.js';
import { requireKnownFamily } from './address.js';
import type { AddressInput, MaybeAddress } from './address-types.js';
import { type AlgorithmOptions, algorithmItems } from './algorithm.js';
import * as args from './arguments.js';
import { BUFFER_TOO_SMALL, type IntoOptions, NBYTES_TOO_LARGE } from './base.js';
import { type BytesLike, lasting, toBytes } from './bytes.js';
import * as calls from './calls.js';
import { DESCRIPTOR } from './endpoint.js';
import { BatchEndpoint } from './promise-batching.js';
import {
  Call,
  connect,
  into,
  rejecting,
  retryOf,
  retryToPeer,
  Sending,
  SendWhole,
  split,
  splitMethod,
  start,
  startCall,
  withTarget,
} from './promise-calls.js';
import { keeping } from './same-file.js';
import { Read } from './short-reads.js';

/** The base class of the promise flavour's sockets. Like Python's `socket.SocketType`. */
export class SocketType<F extends number = number> extends BatchEndpoint<F> {
  /**
   * Receives up to `bufsize` bytes, none at the end. Like Python's `socket.recv`; recv(2).
   *
   * @param bufsize the most bytes to take; a datagram's rest is lost
   * @param flags `MSG_` flags
   */
  recv(bufsize: number, flags?: number, options?: WaitOptions): Promise<Buffer>;
  recv(bufsize: number, options: WaitOptions): Promise<Buffer>;
  recv(...given: unknown[]): Promise<Buffer> {
    return rejecting(() => {
      const [values, options] = splitMethod('recv', given, 1, 2);
      const descriptor = this[DESCRIPTOR];
      const size = args.toSize(values[0], 'negative buffersize in recv');
      const flags = args.toFlags(values[1] ?? 0);
      const read = new Read(size, flags, calls.recv, descriptor, size, flags);
      return startCall(descriptor, 'read', options, read, flags);
    });
  }

  /**
   * Receives into the caller's memory. Like Python's `socket.recv_into`; recv(2).
   *
   * @param buffer memory to write to
   * @param nbytes the most bytes to take; 0 or left out for all the room there is
   * @param flags `MSG_` flags
   * @returns how many bytes came, 0 at the end of the stream
   */
  recv_into(
    buffer: BytesLike,
    nbytes?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<number>;
  recv_into(buffer: BytesLike, options: IntoOptions & WaitOptions): Promise<number>;
  recv_into(...given: unknown[]): Promise<number> {
    return rejecting(() => {
      const { view, length, flags, options } = into('recv_into', given, BUFFER_TOO_SMALL);
      const descriptor = this[DESCRIPTOR];
      const read = new Read(length, flags, calls.recvInto, descriptor, view, length, flags);
      return startCall(descriptor, 'read', options, read, flags);
    });
  }

  /**
   * Receives up to `bufsize` bytes and says who sent them. Like Python's `socket.recvfrom`;
   * recvfrom(2).
   *
   * @param bufsize the most bytes to take; a datagram's rest is lost
   * @param flags `MSG_` flags
   * @returns the bytes and the sender's address, null where the kernel names none
   */
  recvfrom(
    bufsize: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<[data: Buffer, address: MaybeAddress<F>]>;
  recvfrom(
    bufsize: number,
    options: WaitOptions,
  ): Promise<[data: Buffer, address: MaybeAddress<F>]>;
  recvfrom(...given: unknown[]): Promise<[Buffer, unknown]> {
    return rejecting(() => {
      const [values, options] = splitMethod('recvfrom', given, 1, 2);
      const descriptor = this[DESCRIPTOR];
      const size = args.toSize(values[0], 'negative buffersize in recvfrom');
      const flags = args.toFlags(values[1] ?? 0);
      requireKnownFamily(descriptor);
      const call = new Call(calls.recvfrom, descriptor, size, flags);
      return startCall(descriptor, 'read', options, call, flags);
    });
  }

  /**
   * Receives into the caller's memory and says who sent it. Like Python's `socket.recvfrom_into`;
   * recvfrom(2).
   *
   * @returns how many bytes came, and the sender's address
   */
  recvfrom_into(
    buffer: BytesLike,
    nbytes?: number,
    flags?: number,
    options?: WaitOptions,
  ): Promise<[nbytes: number, address: MaybeAddress<F>]>;
  recvfrom_into(
    buffer: BytesLike,
    options: IntoOptions & WaitOptions,
  ): Promise<[nbytes: number, address: MaybeAddress<F>]>;
  recvfrom_into(...given: unknown[]): Promise<[number, unknown]> {
    return rejecting(() => {
      const { view, length, flags, options } = into('recvfrom_into', given, NBYTES_TOO_LARGE);
      const descriptor = this[DESCRIPTOR];
      requireKnownFamily(descriptor);
      const call = new Call(calls.recvfromInto, descriptor, view, length, flags);
      return startCall(descriptor, 'read', options, call, flags);
    });
  }

  /**
   * Receives a message with its control messages. Like Python's `socket.recvmsg`; recvmsg(2).
   *
   * @param bufsize the most bytes of data to take
   * @param ancbufsize room for control messages in bytes, see `CMSG_SPACE`; 0 for none
   * @param flags `MSG_` flags
   */
  recvmsg(
    bufsize: number,
    ancbufsize?: number | WaitOptions,
    flags?: number | WaitOptions,
    options?: WaitOptions,
  ): Promise<[Buffer, calls.AncillaryItem[], number, MaybeAddress<F>]>;
  recvmsg(...given: unknown[]): Promise<[Buffer, calls.AncillaryItem[], number, unknown]> {
    return rejecting(() => {
      const [values, options] = splitMethod('recvmsg', given, 1, 3);
      const descriptor = this[DESCRIPTOR];
      const size = args.toSize(values[0], 'negative buffer size in recvmsg()');
      const room = args.toAncillaryLength(values[1] ?? 0);
      const flags = args.toFlags(values[2] ?? 0);
      requireKnownFamily(descriptor);
      const call = new Call(calls.recvmsg, descriptor, size, room, flags);
      return startCall(descriptor, 'read', options, call, flags);
    });
  }

  /**
   * Receives a message into several pieces of the caller's memory, one after the other. Like
   * Python's `socket.recvmsg_into`; recvmsg(2).
   */
  recvmsg_into(
    buffers: Iterable<BytesLike>,
    ancbufsize?: number | WaitOptions,
    flags?: number | WaitOptions,
    options?: WaitOptions,
  ): Promise<[number, calls.AncillaryItem[], number, MaybeAddress<F>]>;
  recvmsg_into(...given: unknown[]): Promise<[number, calls.AncillaryItem[], number, unknown]> {
    return rejecting(() => {
      const [values, options] = splitMethod('recvmsg_into', given, 1, 3);
      const descriptor = this[DESCRIPTOR];
      const views = args.toWritables(values[0], 'recvmsg_into');
      const room = args.toAncillaryLength(values[1] ?? 0);
      const flags = args.toFlags(values[2] ?? 0);
      requireKnownFamily(descriptor);
      const check = lasting(views, 'recvmsg');
      const attempt = (wait: number) => {
        check();
        return calls.recvmsgInto(descriptor, wait, views, room, flags);
      };
      return start(descriptor, 'read', options, attempt, flags);
    });
  }

  /**
   * Sends bytes to the peer; fewer may go than were given. Like Python's `socket.send`; send(2).
   *
   * @returns how many bytes went
   */
  send(data: BytesLike, flags?: number | WaitOptions, options?: WaitOptions): Promise<number>;
  send(...given: unknown[]): Promise<number> {
    return rejecting(() => {
      const [values, options] = splitMethod('send', given, 1, 2);
      const descriptor = this[DESCRIPTOR];
      const view = toBytes(values[0]);
      const flags = args.toFlags(values[1] ?? 0);
      const call = new Sending(calls.send, descriptor, view, flags);
      return startCall(descriptor, 'write', options, call, flags, retryToPeer(descriptor));
    });
  }

  /**
   * Sends all the bytes; the timeout is one for the whole of it. After an error nobody can tell
   * how much went. Like Python's `socket.sendall`.
   */
  sendall(data: BytesLike, flags?: number | WaitOptions, options?: WaitOptions): Promise<void>;
  sendall(...given: unknown[]): Promise<undefined> {
    return rejecting(() => {
      const [values, options] = splitMethod('sendall', given, 1, 2);
      const descriptor = this[DESCRIPTOR];
      const view = toBytes(values[0]);
      const flags = args.toFlags(values[1] ?? 0);
      const whole = new SendWhole(descriptor, view, flags);
      return startCall(descriptor, 'write', options, whole, flags, retryToPeer(descriptor));
    });
  }

  /**
   * Sends a datagram to an address. Like Python's `socket.sendto`; sendto(2). A host name is looked
   * up off the event loop.
   *
   * @returns how many bytes went
   */
  sendto(data: BytesLike, address: AddressInput<F>, options?: WaitOptions): Promise<number>;
  sendto(
    data: BytesLike,
    flags: number,
    address: AddressInput<F>,
    options?: WaitOptions,
  ): Promise<number>;
  sendto(...given: unknown[]): Promise<number> {
    return rejecting(async () => {
      const [values, options] = split(given);
      if (values.length < 2 || values.length > 3) {
        throw new TypeError(`sendto() takes 2 or 3 arguments (${values.length} given)`);
      }
      const descriptor = this[DESCRIPTOR];
      const view = toBytes(values[0]);
      const flags = values.length === 3 ? args.toFlags(values[1]) : 0;
      return withTarget(descriptor, values.at(-1), options, (address) =>
        startCall(
          descriptor,
          'write',
          options,
          new Sending(calls.sendto, descriptor, view, flags, address),
          flags,
          retryOf(descriptor),
        ),
      );
    });
  }

  /**
   * Sends a message made of several pieces, with control messages. Like Python's
   * `socket.sendmsg`; sendmsg(2).
   *
   * @returns how many bytes went
   */
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata?: Iterable<args.AncillaryInput> | WaitOptions,
    flags?: number | WaitOptions,
    address?: AddressInput<F> | null | WaitOptions,
    options?: WaitOptions,
  ): Promise<number>;
  sendmsg(...given: unknown[]): Promise<number> {
    return rejecting(async () => {
      const [values, options] = splitMethod('sendmsg', given, 1, 4);
      const descriptor = this[DESCRIPTOR];
      const views = args.toBuffers(values[0], 'sendmsg');
      const items = args.toAncillary(values[1] === undefined ? [] : values[1]);
      const flags = args.toFlags(values[2] ?? 0);
      const check = lasting(views, 'sendmsg');
      return withTarget(descriptor, values[3] ?? null, options, (address) => {
        const attempt = (wait: number) => {
          check();
          return calls.sendmsg(descriptor, wait, views, items, flags, address);
        };
        return start(descriptor, 'write', options, attempt, flags, retryOf(descriptor));
      });
    });
  }

  /** Sends a message to an AF_ALG socket. Like `socket.sendmsg_afalg`. */
  sendmsg_afalg(msg: Iterable<BytesLike>, options: AlgorithmOptions): Promise<number>;
  sendmsg_afalg(options: AlgorithmOptions): Promise<number>;
  sendmsg_afalg(...given: unknown[]): Promise<number> {
    return rejecting(() => {
      const descriptor = this[DESCRIPTOR];
      const { views, items, flags } = algorithmItems(descriptor, given);
      const check = lasting(views, 'sendmsg');
      return start(descriptor, 'write', {}, (wait) => {
        check();
        return calls.sendmsg(descriptor, wait, views, items, flags, null);
      });
    });
  }

  /**
   * Gives the socket a local address. Like Python's `socket.bind`; bind(2). An address is bound at
   * once; a host name is looked up off the event loop first, and a promise is returned then. So
   * `await` it where the host may be a name.
   *
   * @throws OSError (EADDRINUSE, EACCES, …); gaierror if the host has no address
   */
  bind(address: AddressInput<F>): void | Promise<void> {
    if (arguments.length !== 1) checkCount('socket.bind', [...arguments], 1);
    const descriptor = this[DESCRIPTOR];
    const target = resolveTarget(descriptor.family, address);
    if (target instanceof Promise) {
      const check = keeping(() => descriptor.fd, 'bind');
      return target.then((found) => {
        check();
        calls.bind(descriptor, found);
      });
    }
    calls.bind(descriptor, target);
    return undefined;
  }

  /**
   * Connects to an address. Like Python's `socket.connect`; connect(2). A host name is looked up
   * off the event loop. After an abort or a timeout the attempt goes on in the kernel, as in
   * Python: close the socket.
   */
  connect(address: AddressInput<F>, options?: WaitOptions): Promise<void>;
  connect(...given: unknown[]): Promise<void> {
    return rejecting(async () => {
      const [values, options] = splitMethod('connect', given, 1);
      const descriptor = this[DESCRIPTOR];
      const result = await withTarget(descriptor, values[0], options, (address) =>
        connect(descriptor, address, options, 'connect'),
      );
      if (result < 0) throw osError(result, 'connect');
    });
  }

  /**
   * Like {@link socket.connect}, but gives the error number of a failed connect(2): 0 when it
   * worked, EAGAIN after a timeout. Like Python's `socket.connect_ex`.
   */
  connect_ex(address: AddressInput<F>, options?: WaitOptions): Promise<number>;
  connect_ex(...given: unknown[]): Promise<number> {
    return rejecting(async () => {
      const [values, options] = splitMethod('connect_ex', given, 1);
      const descriptor = this[DESCRIPTOR];
      try {
        const result = await withTarget(descriptor, values[0], options, (address) =>
          connect(descriptor, address, options, 'connect_ex'),
        );
        return -result || 0;
      } catch (error) {
        if (error instanceof TimeoutError && error.errno === undefined) return -calls.WOULD_BLOCK;
        throw error;
      }
    });
  }
}
