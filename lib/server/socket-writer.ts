// `_SocketWriter`: the unbuffered `wfile` of a stream handler, which sends all that is written.

import { FileCore, stepless, unsupported } from '../io/core.js';
import { CORE, type Driver, type Flavour, IOBase, type Outcome, type Waits } from '../io/files.js';
import { runPromises } from '../promise-driver.js';
import { methodOf } from '../socket/arguments.js';
import { type BytesLike, toBytes } from '../socket/bytes.js';
import { type Composed, perform, runBlocking } from '../socket/compose.js';
import { isThenable } from './flow.js';

/** What is written to: a socket of either flavour, or an object of the caller's. */
export interface WritableSocket {
  fileno(): number;
  sendall(data: Uint8Array, ...options: unknown[]): unknown;
}

function nothing(): void {}

class SocketWriterCore extends FileCore<Buffer> {
  #closed = false;
  #underWay: PromiseLike<void> | undefined;

  constructor(readonly socket: WritableSocket) {
    super();
  }

  override get closed(): boolean {
    return this.#closed;
  }

  override get name(): undefined {
    return undefined;
  }

  override readable(): boolean {
    return false;
  }

  override writable(): boolean {
    return true;
  }

  override seekable(): boolean {
    return false;
  }

  override isatty(): boolean {
    this.checkClosed();
    return false;
  }

  override fileno(): number {
    return methodOf(this.socket, 'fileno')() as number;
  }

  /** Sends everything; the socket's own flavour decides whether that gives a promise. */
  send(data: unknown, ...options: unknown[]): unknown {
    const view = toBytes(data);
    const sent = methodOf(this.socket, 'sendall')(view, ...options);
    if (!isThenable(sent)) return view.length;
    const written = sent.then(() => view.length);
    // Who called hears of a failure; this is only for whoever waits until nothing is under way.
    const ended = written.then(nothing, nothing);
    this.#underWay = ended;
    return written;
  }

  override *write(data: unknown): Composed<number> {
    const attempt = (): number => this.send(data) as number;
    const promise = async (): Promise<number> => attempt();
    return yield* perform({ fd: -1, direction: 'write', wait: -1, attempt, promise });
  }

  /** Waits for the writes that nobody has waited for: what follows may end the connection. */
  override *flush(): Composed<void> {
    this.checkClosed();
    const underWay = this.#underWay;
    if (underWay === undefined) return;
    const promise = (): Promise<void> => Promise.resolve(underWay);
    yield* perform({ fd: -1, direction: 'write', wait: -1, attempt: nothing, promise });
    if (this.#underWay === underWay) this.#underWay = undefined;
  }

  override close(): Composed<void> {
    return stepless(() => {
      this.#closed = true;
    });
  }

  override readline(): Composed<never> {
    return stepless(() => {
      throw unsupported('read');
    });
  }

  override unread(): void {}

  override seek(): never {
    throw unsupported('seek');
  }

  override tell(): never {
    throw unsupported('seek');
  }

  override truncate(): Composed<never> {
    return stepless(() => {
      throw unsupported('truncate');
    });
  }
}

const FLAVOUR: unique symbol = Symbol('flavour');

const drivers: { readonly [F in Flavour]: Driver<F> } = {
  blocking: (_kind, call, argument) => runBlocking(call(argument)),
  promises: (_kind, call, argument) => runPromises(call(argument)),
};

/** The file behind `wfile` of a handler with a `wbufsize` of 0: each write is a `sendall`. */
export class _SocketWriter<F extends Flavour = 'blocking'> extends IOBase<
  F,
  Buffer,
  SocketWriterCore
> {
  readonly [FLAVOUR]: F;

  /**
   * @param socket what is written to
   * @param flavour whether its `sendall` blocks or gives a promise
   */
  constructor(socket: WritableSocket, flavour: F) {
    super(new SocketWriterCore(socket), drivers[flavour] as Driver<F>);
    this[FLAVOUR] = flavour;
  }

  /** Sends all the bytes; gives how many there were. */
  write(data: BytesLike, ...options: Waits<F>): Outcome<F, number> {
    try {
      return this[CORE].send(data, ...options) as Outcome<F, number>;
    } catch (error) {
      if (this[FLAVOUR] === 'blocking') throw error;
      return Promise.reject(error) as Outcome<F, number>;
    }
  }
}
