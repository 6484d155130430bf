// `toStream`: a socket as Node's Duplex, with what Node's own modules ask of a `net.Socket`.

import { addAbortSignal, Duplex } from 'node:stream';
import { SHUT_WR, SO_LINGER, SOL_SOCKET } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import { toRecord } from '../fields.js';
import { errnos, native } from '../native.js';
import { type Special, WaitGroup } from '../operation.js';
import { perform, performNow } from '../reactor.js';
import { pythonRepr } from '../repr.js';
import * as calls from '../socket/calls.js';
import { ATTEMPT, PENDING, type Pending } from '../socket/compose.js';
import type { Descriptor } from '../socket/descriptor.js';
import type { Endpoint } from '../socket/endpoint.js';
import { retryToPeer } from '../socket/promise-calls.js';
import { gather } from './gather.js';
import { type EndpointInfo, keepAlive, localInfo, noDelay, peerInfo } from './net-options.js';
import { streamDescriptor } from './sockets.js';

/** Bytes of one read, as many as Node's own sockets take. */
const PIECE = 64 * 1024;
const LONGEST_TIMER = 2 ** 31 - 1;
const BAD_DESCRIPTOR = -(errnos.EBADF as number);
const NOT_CONNECTED = -(errnos.ENOTCONN as number);
/** `struct linger` that drops the connection at once: on, and no seconds. */
const NO_LINGER = new Uint8Array(new Int32Array([1, 0]).buffer);

type Done = (error?: Error | null) => void;

/** The options of {@link toStream}. */
export interface StreamOptions {
  /** Whether the stream may be written to after the peer has ended; false if left out. */
  allowHalfOpen?: boolean | undefined;
  /** Bytes that are read ahead, and written, before back-pressure begins; Node's default. */
  highWaterMark?: number | undefined;
  /** Destroys the stream with an AbortError. */
  signal?: AbortSignal | undefined;
}

/** Descriptors that have a stream. */
const streamed = new WeakSet<Descriptor>();

/**
 * A connected stream socket as a Duplex of Node's. It has the members of `net.Socket` that Node's
 * modules and the usual clients use, and can stand where they take a Duplex.
 */
export class SocketStream<S extends Endpoint<number> = Endpoint<number>> extends Duplex {
  /** The socket, for its options and names. */
  readonly socket: S;
  /** The milliseconds of {@link SocketStream.setTimeout}; undefined while it was never called. */
  timeout: number | undefined;
  /** Bytes received so far. */
  bytesRead = 0;
  /** Bytes that the kernel has taken so far. */
  bytesWritten = 0;
  readonly #descriptor: Descriptor;
  readonly #group = new WaitGroup();
  readonly #special = { group: this.#group };
  readonly #writing: Special;
  #timer: NodeJS.Timeout | undefined;
  #local: EndpointInfo | undefined;
  #peer: EndpointInfo | undefined;

  /** @internal */
  constructor(sock: S, options: StreamOptions = {}) {
    toRecord(options, 'options');
    const descriptor = streamDescriptor(sock, 'toStream');
    if (streamed.has(descriptor)) throw new ValueError('the socket has a stream already');
    const { allowHalfOpen = false, highWaterMark, signal } = options;
    super({ allowHalfOpen, highWaterMark });
    streamed.add(descriptor);
    this.socket = sock;
    this.#descriptor = descriptor;
    this.#writing = { ...retryToPeer(descriptor), group: this.#group };
    // Not before all this is there: a signal may have been aborted long ago.
    if (signal) addAbortSignal(signal, this);
    // Reading begins at once, as that of a `net.Socket`: the peer's end and errors are noticed
    // although nobody reads yet.
    this.read(0);
  }

  /** False: the socket is connected. */
  get connecting(): boolean {
    return false;
  }

  /** False: the socket is connected. */
  get pending(): boolean {
    return false;
  }

  /** `'open'`, `'readOnly'`, `'writeOnly'` or `'closed'`. */
  get readyState(): 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get #localInfo(): EndpointInfo {
    this.#local ??= localInfo(this.socket);
    return this.#local ?? {};
  }

  get #peerInfo(): EndpointInfo {
    this.#peer ??= peerInfo(this.socket);
    return this.#peer ?? {};
  }

  /** The local IP address; undefined for other families. */
  get localAddress(): string | undefined {
    return this.#localInfo.address;
  }

  /** The local port. */
  get localPort(): number | undefined {
    return this.#localInfo.port;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get localFamily(): string | undefined {
    return this.#localInfo.family;
  }

  /** The peer's IP address; undefined for other families. */
  get remoteAddress(): string | undefined {
    return this.#peerInfo.address;
  }

  /** The peer's port. */
  get remotePort(): number | undefined {
    return this.#peerInfo.port;
  }

  /** `'IPv4'` or `'IPv6'`. */
  get remoteFamily(): string | undefined {
    return this.#peerInfo.family;
  }

  /** The local address as Node has it: `address`, `port` and `family`; empty if it is not IP. */
  address(): EndpointInfo {
    return { ...this.#localInfo };
  }

  /**
   * Emits 'timeout' when nothing was sent or received for so long. Like `net.Socket`'s.
   *
   * @param milliseconds how long; 0 for never
   * @param callback called at the next 'timeout'
   */
  setTimeout(milliseconds: number, callback?: () => void): this {
    if (typeof milliseconds !== 'number' || !(milliseconds >= 0)) {
      throw new ValueError(
        `a timeout must be a number of at least 0, not ${pythonRepr(milliseconds)}`,
      );
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.timeout = milliseconds;
    if (milliseconds > 0 && !this.destroyed) {
      const limit = Math.min(milliseconds, LONGEST_TIMER);
      this.#timer = setTimeout(() => void this.emit('timeout'), limit).unref();
      if (callback) this.once('timeout', callback);
    } else if (callback) {
      this.removeListener('timeout', callback);
    }
    return this;
  }

  /** Whether small pieces are sent at once: TCP_NODELAY; tcp(7). Other families overlook it. */
  setNoDelay(isOn = true): this {
    if (!this.destroyed) noDelay(this.#descriptor, isOn);
    return this;
  }

  /**
   * Whether an idle connection is probed: SO_KEEPALIVE; tcp(7).
   *
   * @param isOn whether
   * @param initialDelay milliseconds before the first probe; 0 leaves the system's
   */
  setKeepAlive(isOn = false, initialDelay = 0): this {
    if (!this.destroyed) keepAlive(this.#descriptor, isOn, initialDelay);
    return this;
  }

  /** The event loop stays alive while the stream waits. It does unless told otherwise. */
  ref(): this {
    this.#group.holdsLoop = true;
    return this;
  }

  /** The event loop may end although the stream waits. */
  unref(): this {
    this.#group.holdsLoop = false;
    return this;
  }

  /** Destroys the stream when all that was written is sent. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', this.destroy);
  }

  /** Destroys the stream so that the peer sees a reset: SO_LINGER of 0 seconds; socket(7). */
  resetAndDestroy(): this {
    const { fd } = this.#descriptor;
    if (fd >= 0) native.setsockopt(fd, SOL_SOCKET, SO_LINGER, NO_LINGER);
    return this.destroy();
  }

  #touch(): void {
    this.#timer?.refresh();
  }

  /** @internal */
  override _read(): void {
    const descriptor = this.#descriptor;
    const attempt = () => calls.recv(descriptor, ATTEMPT, PIECE, 0);
    this.#wait('read', attempt).then(this.#received, this.#refused);
  }

  #wait<T>(direction: 'read' | 'write', attempt: () => T | Pending): Promise<T> {
    const special = direction === 'read' ? this.#special : this.#writing;
    return perform(this.#descriptor.fd, direction, -1, attempt, undefined, special);
  }

  readonly #received = (data: Buffer): void => {
    if (this.destroyed) return;
    this.#touch();
    this.bytesRead += data.length;
    if (data.length > 0) {
      this.push(data);
    } else {
      this.push(null);
      // Where nothing is left to be read, 'end' comes although nobody reads.
      this.read(0);
    }
  };

  readonly #refused = (error: Error): void => {
    // Who closed the socket knows of it.
    this.destroy(this.#descriptor.closed ? undefined : error);
  };

  /** @internal */
  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  /** @internal */
  override _writev(chunks: readonly { chunk: Uint8Array }[], done: Done): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  #send(chunks: readonly Uint8Array[], done: Done): void {
    const descriptor = this.#descriptor;
    const attempt = gather(descriptor, chunks, this.#sent);
    this.#touch();
    // What goes at once is done at once: the http of Node 26 stops for ever at some sizes otherwise,
    // since it takes its connection for one of libuv's, where that is so.
    let isDone = false;
    try {
      isDone = performNow(descriptor.fd, 'write', attempt) !== PENDING;
    } catch (error) {
      done(error as Error);
      return;
    }
    if (isDone) done();
    else this.#wait('write', attempt).then(() => done(), done);
  }

  readonly #sent = (count: number): void => {
    this.bytesWritten += count;
    this.#touch();
  };

  /** @internal */
  override _final(done: Done): void {
    const result = native.shutdown(this.#descriptor.fd, SHUT_WR);
    // A connection that is gone has ended; reading tells how.
    const isEnded = result >= 0 || result === NOT_CONNECTED;
    done(isEnded ? null : osError(result, 'shutdown'));
  }

  /** @internal */
  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#group.end(error ?? osError(BAD_DESCRIPTOR, 'close'));
    let problem = error;
    try {
      this.#descriptor.close();
    } catch (thrown) {
      problem ??= thrown as Error;
    }
    done(problem);
  }
}

/**
 * A connected stream socket as Node's Duplex: for `tls`, `http`, `pipeline` and whatever takes one.
 *
 * The stream reads from now on, and closes the socket when it is destroyed, which it is by itself
 * when both directions have ended. The timeout of the socket does not count; `setTimeout()` of the
 * stream tells of idle time. Errors of the system come as 'error'.
 *
 * @param sock a connected SOCK_STREAM socket of either flavour
 * @throws ValueError for another kind of socket, or one that has a stream already; OSError (EBADF)
 *   for a closed one
 */
export function toStream<S extends Endpoint<number>>(
  sock: S,
  options: StreamOptions = {},
): SocketStream<S> {
  return new SocketStream(sock, options);
}
