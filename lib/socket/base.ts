// `SocketType`: the calls of a blocking socket that may wait, one system call each.

import { TIMED_OUT } from '../errors.js';
import { checkCount, isOptions } from '../types.js';
import { requireKnownFamily } from './address.js';
import type { AddressInput, MaybeAddress } from './address-types.js';
import { type AlgorithmOptions, algorithmItems } from './algorithm.js';
import * as args from './arguments.js';
import { BatchEndpoint } from './batching.js';
import { type BytesLike, isBytes, toBytes } from './bytes.js';
import * as calls from './calls.js';
import { ATTEMPT, PENDING, runBlocking } from './compose.js';
import { sendRest } from './composed.js';
import { DESCRIPTOR } from './endpoint.js';

export const BUFFER_TOO_SMALL = 'buffer too small for requested bytes';
export const NBYTES_TOO_LARGE = 'nbytes is greater than the length of the buffer';

/** A trailing object with the keyword arguments of `recv_into` and `recvfrom_into`. */
export interface IntoOptions {
  /** At most that many bytes; 0 for all the room there is. */
  nbytes?: number;
  /** `MSG_` flags. */
  flags?: number;
}

/**
 * The base class of {@link socket}, for `instanceof`. Like Python's `socket.SocketType`.
 *
 * `F` is the address family: it decides what an address is.
 */
export class SocketType<F extends number = number> extends BatchEndpoint<F> {
  /**
   * Receives up to `bufsize` bytes; nothing is the end of the stream. Like Python's `socket.recv`;
   * recv(2).
   *
   * @param bufsize the most bytes to take; a datagram's rest is lost
   * @param flags `MSG_` flags
   * @throws BlockingIOError, TimeoutError, ConnectionResetError and other kinds of OSError
   * @throws ValueError if `bufsize` is negative
   */
  recv(bufsize: number, flags = 0): Buffer {
    if (arguments.length !== 1 || typeof bufsize !== 'number') {
      args.checkMethod('recv', arguments, 1, 2);
    }
    const descriptor = this[DESCRIPTOR];
    const size = args.toSize(bufsize, 'negative buffersize in recv');
    return calls.recv(descriptor, descriptor.wait, size, args.toFlags(flags)) as Buffer;
  }

  /**
   * Receives into the caller's memory. Like Python's `socket.recv_into`; recv(2).
   *
   * @param buffer memory to write to
   * @param nbytes the most bytes to take; 0 or left out for all the room there is
   * @param flags `MSG_` flags
   * @returns how many bytes came, 0 at the end of the stream
   * @throws BlockingIOError, TimeoutError and other kinds of OSError
   * @throws ValueError if `nbytes` is negative or more than there is room for
   */
  recv_into(buffer: BytesLike, nbytes?: number, flags?: number): number;
  recv_into(buffer: BytesLike, options: IntoOptions): number;
  recv_into(options: IntoOptions & { buffer: BytesLike }): number;
  recv_into(buffer: unknown, nbytes?: unknown, flags: unknown = 0): number {
    let memory = buffer;
    let most = nbytes;
    let bits = flags;
    // The usual case first, without an array of the arguments.
    const isUsual = isBytes(buffer) && !isOptions(nbytes) && typeof flags === 'number';
    if (!isUsual || arguments.length > 3) {
      [memory, most, bits = 0] = args.toIntoArguments('recv_into', [...arguments]);
    }
    const descriptor = this[DESCRIPTOR];
    const view = args.toWritable(memory, 'recv_into');
    const length = args.toIntoLength(view, most, 'recv_into', BUFFER_TOO_SMALL);
    return calls.recvInto(descriptor, descriptor.wait, view, length, args.toFlags(bits)) as number;
  }

  /**
   * Receives up to `bufsize` bytes and says who sent them. Like Python's `socket.recvfrom`;
   * recvfrom(2).
   *
   * @param bufsize the most bytes to take; a datagram's rest is lost
   * @param flags `MSG_` flags
   * @returns the bytes and the sender's address, null where the kernel names none
   * @throws BlockingIOError, TimeoutError and other kinds of OSError
   */
  recvfrom(bufsize: number, flags = 0): [data: Buffer, address: MaybeAddress<F>] {
    if (arguments.length !== 1 || typeof bufsize !== 'number') {
      args.checkMethod('recvfrom', arguments, 1, 2);
    }
    const descriptor = this[DESCRIPTOR];
    const size = args.toSize(bufsize, 'negative buffersize in recvfrom');
    requireKnownFamily(descriptor);
    return calls.recvfrom(descriptor, descriptor.wait, size, args.toFlags(flags)) as [
      Buffer,
      MaybeAddress<F>,
    ];
  }

  /**
   * Receives into the caller's memory and says who sent it. Like Python's `socket.recvfrom_into`;
   * recvfrom(2).
   *
   * @param buffer memory to write to
   * @param nbytes the most bytes to take; 0 or left out for all the room there is
   * @param flags `MSG_` flags
   * @returns how many bytes came, and the sender's address
   */
  recvfrom_into(
    buffer: BytesLike,
    nbytes?: number,
    flags?: number,
  ): [nbytes: number, address: MaybeAddress<F>];
  recvfrom_into(
    buffer: BytesLike,
    options: IntoOptions,
  ): [nbytes: number, address: MaybeAddress<F>];
  recvfrom_into(
    options: IntoOptions & { buffer: BytesLike },
  ): [nbytes: number, address: MaybeAddress<F>];
  recvfrom_into(buffer: unknown, nbytes?: unknown, flags: unknown = 0): [number, MaybeAddress<F>] {
    let memory = buffer;
    let most = nbytes;
    let bits = flags;
    // The usual case first, without an array of the arguments.
    const isUsual = isBytes(buffer) && !isOptions(nbytes) && typeof flags === 'number';
    if (!isUsual || arguments.length > 3) {
      [memory, most, bits = 0] = args.toIntoArguments('recvfrom_into', [...arguments]);
    }
    const descriptor = this[DESCRIPTOR];
    const view = args.toWritable(memory, 'recvfrom_into');
    const length = args.toIntoLength(view, most, 'recvfrom_into', NBYTES_TOO_LARGE);
    requireKnownFamily(descriptor);
    const mask = args.toFlags(bits);
    return calls.recvfromInto(descriptor, descriptor.wait, view, length, mask) as [
      number,
      MaybeAddress<F>,
    ];
  }

  /**
   * Receives a message with its control messages. Like Python's `socket.recvmsg`; recvmsg(2).
   * Descriptors that come with it are close-on-exec.
   *
   * @param bufsize the most bytes of data to take
   * @param ancbufsize room for control messages in bytes, see {@link CMSG_SPACE}; 0 for none
   * @param flags `MSG_` flags
   * @returns the data, the control messages as `[level, type, bytes]`, the message's flags
   *   (MSG_TRUNC, MSG_CTRUNC, …) and the sender's address
   */
  recvmsg(
    bufsize: number,
    ancbufsize = 0,
    flags = 0,
  ): [data: Buffer, ancdata: calls.AncillaryItem[], msg_flags: number, address: MaybeAddress<F>] {
    if (arguments.length > 3 || typeof bufsize !== 'number') {
      args.checkMethod('recvmsg', arguments, 1, 3);
    }
    const descriptor = this[DESCRIPTOR];
    const size = args.toSize(bufsize, 'negative buffer size in recvmsg()');
    const room = args.toAncillaryLength(ancbufsize);
    requireKnownFamily(descriptor);
    return calls.recvmsg(descriptor, descriptor.wait, size, room, args.toFlags(flags)) as [
      Buffer,
      calls.AncillaryItem[],
      number,
      MaybeAddress<F>,
    ];
  }

  /**
   * Receives a message into several pieces of the caller's memory, one after the other. Like
   * Python's `socket.recvmsg_into`; recvmsg(2).
   *
   * @param buffers memory to write to
   * @param ancbufsize room for control messages in bytes, see {@link CMSG_SPACE}; 0 for none
   * @param flags `MSG_` flags
   * @returns how many bytes came, and what {@link SocketType.recvmsg} gives besides
   */
  recvmsg_into(
    buffers: Iterable<BytesLike>,
    ancbufsize = 0,
    flags = 0,
  ): [nbytes: number, ancdata: calls.AncillaryItem[], msg_flags: number, address: MaybeAddress<F>] {
    if (arguments.length < 1 || arguments.length > 3) {
      args.checkMethod('recvmsg_into', arguments, 1, 3);
    }
    const descriptor = this[DESCRIPTOR];
    const views = args.toWritables(buffers, 'recvmsg_into');
    const room = args.toAncillaryLength(ancbufsize);
    requireKnownFamily(descriptor);
    return calls.recvmsgInto(descriptor, descriptor.wait, views, room, args.toFlags(flags)) as [
      number,
      calls.AncillaryItem[],
      number,
      MaybeAddress<F>,
    ];
  }

  /**
   * Sends bytes to the peer; fewer may go than were given. Like Python's `socket.send`; send(2).
   *
   * @param data the bytes
   * @param flags `MSG_` flags
   * @returns how many bytes went
   * @throws BrokenPipeError, BlockingIOError, TimeoutError and other kinds of OSError
   */
  send(data: BytesLike, flags = 0): number {
    if (arguments.length !== 1) args.checkMethod('send', arguments, 1, 2);
    const descriptor = this[DESCRIPTOR];
    return calls.send(descriptor, descriptor.wait, toBytes(data), args.toFlags(flags)) as number;
  }

  /**
   * Sends all the bytes; the timeout is one for the whole of it. After an error nobody can tell
   * how much went. Like Python's `socket.sendall`.
   *
   * @param data the bytes
   * @param flags `MSG_` flags
   */
  sendall(data: BytesLike, flags = 0): void {
    if (arguments.length !== 1) args.checkMethod('sendall', arguments, 1, 2);
    const descriptor = this[DESCRIPTOR];
    const view = toBytes(data);
    const mask = args.toFlags(flags);
    const { wait } = descriptor;
    const start = wait > 0 ? performance.now() : 0;
    // What would wait for room is sent in steps, which notice when the number is lost meanwhile.
    const result = calls.send(descriptor, wait > 0 ? ATTEMPT : wait, view, mask);
    const sent = result === PENDING ? 0 : result;
    if (sent < view.length) {
      runBlocking(sendRest(descriptor, view.subarray(sent), mask, start));
    }
  }

  /**
   * Sends a datagram to an address. Like Python's `socket.sendto`; sendto(2).
   *
   * @param data the bytes
   * @param flags `MSG_` flags, may be left out
   * @param address the receiver's address
   * @returns how many bytes went
   */
  sendto(data: BytesLike, address: AddressInput<F>): number;
  sendto(data: BytesLike, flags: number, address: AddressInput<F>): number;
  sendto(data: BytesLike, flags: unknown, address?: unknown): number {
    const descriptor = this[DESCRIPTOR];
    let mask = 0;
    let target = flags;
    if (arguments.length !== 2) {
      if (arguments.length !== 3) {
        throw new TypeError(`sendto() takes 2 or 3 arguments (${arguments.length} given)`);
      }
      mask = args.toFlags(flags);
      target = address;
    }
    return calls.sendto(descriptor, descriptor.wait, toBytes(data), mask, target) as number;
  }

  /**
   * Sends a message made of several pieces, with control messages. Like Python's
   * `socket.sendmsg`; sendmsg(2).
   *
   * @param buffers the pieces
   * @param ancdata control messages, each `[level, type, bytes]`
   * @param flags `MSG_` flags
   * @param address the receiver's address; null or left out for a connected socket
   * @returns how many bytes went
   */
  sendmsg(
    buffers: Iterable<BytesLike>,
    ancdata: Iterable<args.AncillaryInput> = [],
    flags = 0,
    address: AddressInput<F> | null = null,
  ): number {
    if (arguments.length < 1 || arguments.length > 4) args.checkMethod('sendmsg', arguments, 1, 4);
    const descriptor = this[DESCRIPTOR];
    const views = args.toBuffers(buffers, 'sendmsg');
    const items = args.toAncillary(ancdata);
    const mask = args.toFlags(flags);
    return calls.sendmsg(descriptor, descriptor.wait, views, items, mask, address) as number;
  }

  /**
   * Sends a message to an AF_ALG socket with its parameters. Like Python's
   * `socket.sendmsg_afalg`.
   *
   * @param msg the pieces of data
   * @param options `op` (ALG_OP_ENCRYPT, …), `iv`, `assoclen` and `flags`
   * @returns how many bytes went
   */
  sendmsg_afalg(msg: Iterable<BytesLike>, options: AlgorithmOptions): number;
  sendmsg_afalg(options: AlgorithmOptions): number;
  sendmsg_afalg(...given: unknown[]): number {
    const descriptor = this[DESCRIPTOR];
    const { views, items, flags } = algorithmItems(descriptor, given);
    return calls.sendmsg(descriptor, descriptor.wait, views, items, flags, null) as number;
  }

  /**
   * Gives the socket a local address. Like Python's `socket.bind`; bind(2).
   *
   * @param address for AF_INET `[host, port]`, where `''` is every address of this machine
   * @throws OSError (EADDRINUSE, EACCES, …); gaierror if the host has no address
   */
  bind(address: AddressInput<F>): void {
    if (arguments.length !== 1) checkCount('socket.bind', [...arguments], 1);
    calls.bind(this[DESCRIPTOR], address);
  }

  /**
   * Connects to an address. Like Python's `socket.connect`; connect(2).
   *
   * @param address for AF_INET `[host, port]`
   * @throws ConnectionRefusedError, TimeoutError, BlockingIOError (EINPROGRESS of a non-blocking
   *   socket) and other kinds of OSError; gaierror if the host has no address
   */
  connect(address: AddressInput<F>): void {
    if (arguments.length !== 1) checkCount('socket.connect', [...arguments], 1);
    const descriptor = this[DESCRIPTOR];
    const result = calls.connect(descriptor, descriptor.wait, address, 'connect');
    if (result < 0) descriptor.refuse(result, 'connect');
  }

  /**
   * Like {@link SocketType.connect}, but gives the error number of a failed connect(2): 0 when it
   * worked, EAGAIN after a timeout. Like Python's `socket.connect_ex`.
   */
  connect_ex(address: AddressInput<F>): number {
    if (arguments.length !== 1) checkCount('socket.connect_ex', [...arguments], 1);
    const descriptor = this[DESCRIPTOR];
    const result = calls.connect(descriptor, descriptor.wait, address, 'connect_ex');
    return result === TIMED_OUT ? -calls.WOULD_BLOCK : -result || 0;
  }
}
