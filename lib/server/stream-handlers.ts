// `StreamRequestHandler` and `AsyncStreamRequestHandler`: a connection as a pair of files.

import { IPPROTO_TCP, TCP_NODELAY } from '../constants.js';
import { OSError } from '../errors.js';
import type { BufferedReader } from '../io/blocking.js';
import type { CORE, DRIVE, Flavour } from '../io/files.js';
import type { BufferedReader as PromiseReader } from '../io/promises.js';
import { methodOf } from '../socket/arguments.js';
import type { socket } from '../socket/blocking.js';
import type { socket as PromiseSocket } from '../socket/promises.js';
import { lacks } from '../types.js';
import type { AsyncTCPServer } from './async-servers.js';
import { defineAttributes } from './attributes.js';
import { BaseRequestHandler } from './base-handler.js';
import { type Awaitable, type Flow, run } from './flow.js';
import { ABANDON } from './handling.js';
import { _SocketWriter, type WritableSocket } from './socket-writer.js';
import type { TCPServer } from './tcp-server.js';
import type { AnyServer, RequestOf } from './types.js';
import { promiseView } from './views.js';

/** Gives a stream handler its connection. */
const CONNECT: unique symbol = Symbol('connect');

/** What `wfile` can do, whether it has a buffer or not. */
export type WriteFile<F extends Flavour> = Omit<_SocketWriter<F>, typeof CORE | typeof DRIVE>;

type ReadFileOf<Connection> = Connection extends { readonly blocking: unknown }
  ? PromiseReader
  : BufferedReader;
type FlavourOf<Connection> = Connection extends { readonly blocking: unknown }
  ? 'promises'
  : 'blocking';

/** The connection of a server's requests in the promise flavour. */
export type PromiseViewOf<Connection> =
  Connection extends socket<infer F> ? PromiseSocket<F> : Connection;

/**
 * Serves a connection through files: `rfile` to read from, `wfile` to write to. Like Python's
 * `socketserver.StreamRequestHandler`. Where the server's requests are promise sockets, so are the
 * files: `await this.rfile.readline()` works everywhere.
 */
export class StreamRequestHandler<
  Server extends AnyServer = TCPServer,
  Connection = RequestOf<Server>,
> extends BaseRequestHandler<Server> {
  /** Size of the buffer of {@link rfile} in bytes; -1, as it is unless set, for 8192, 0 for none. */
  static rbufsize = -1;
  /** Size of the buffer of {@link wfile} in bytes; 0, as it is unless set, sends at once. */
  static wbufsize = 0;
  /** Seconds for calls on the connection; null for no timeout of its own. */
  static timeout: number | null = null;
  /** Whether to set TCP_NODELAY: small pieces are sent at once. False unless set. */
  static disable_nagle_algorithm = false;

  declare rbufsize: number;
  declare wbufsize: number;
  declare timeout: number | null;
  declare disable_nagle_algorithm: boolean;

  /** The connection. */
  declare connection: Connection;
  /** Reads from the connection. */
  declare rfile: ReadFileOf<Connection>;
  /** Writes to the connection. */
  declare wfile: WriteFile<FlavourOf<Connection>>;

  override setup(): void | Promise<void> {
    this.connection = this[CONNECT]() as Connection;
    const connection = this.connection as socket<number>;
    const { timeout, rbufsize, wbufsize } = this;
    if (timeout !== null) methodOf(connection, 'settimeout')(timeout);
    if (this.disable_nagle_algorithm) {
      methodOf(connection, 'setsockopt')(IPPROTO_TCP, TCP_NODELAY, true);
    }
    const makefile = methodOf(connection, 'makefile');
    this.rfile = makefile('rb', rbufsize) as ReadFileOf<Connection>;
    this.wfile = (wbufsize === 0 ? writerOf(connection) : makefile('wb', wbufsize)) as WriteFile<
      FlavourOf<Connection>
    >;
  }

  override finish(): void | Promise<void> {
    return run(closeFiles(this)) as void | Promise<void>;
  }

  /** The connection that the handler uses. @internal */
  [CONNECT](): unknown {
    return this.request;
  }

  /** Closes the files of a handler whose `setup` failed. @internal */
  [ABANDON](): Awaitable<void> {
    if (this.rfile === undefined) return undefined;
    return this.wfile === undefined ? this.rfile.close() : this.finish();
  }
}

defineAttributes(StreamRequestHandler, [
  'rbufsize',
  'wbufsize',
  'timeout',
  'disable_nagle_algorithm',
]);

/**
 * Serves a connection through files whose methods return promises, whatever kind of server it
 * belongs to: `connection` is the promise flavour of `request`. Python has none.
 */
export class AsyncStreamRequestHandler<
  Server extends AnyServer = AsyncTCPServer,
> extends StreamRequestHandler<Server, PromiseViewOf<RequestOf<Server>>> {
  override [CONNECT](): unknown {
    return promiseView(this.request);
  }
}

function writerOf(connection: WritableSocket): _SocketWriter<Flavour> {
  return new _SocketWriter(connection, 'blocking' in connection ? 'promises' : 'blocking');
}

interface ClosableFile {
  readonly closed: boolean;
  flush(): unknown;
  close(): unknown;
}

interface Files {
  readonly rfile: ClosableFile | undefined;
  readonly wfile: ClosableFile | undefined;
}

/** A file of a handler, which has none if a `setup` of its own made none. */
function requireFile(handler: Files, name: 'rfile' | 'wfile'): ClosableFile {
  const file = handler[name];
  if (file === undefined) throw lacks(handler, name);
  return file;
}

function* closeFiles(handler: Files): Flow<void> {
  try {
    const wfile = requireFile(handler, 'wfile');
    if (!wfile.closed) {
      try {
        yield wfile.flush();
      } catch (error) {
        // The client may be gone; a buffer that it did not take makes the closing fail, too.
        if (!(error instanceof OSError)) throw error;
      }
    }
    yield wfile.close();
  } finally {
    // An open file would put the closing of the connection off.
    yield handler.rfile?.close();
  }
  requireFile(handler, 'rfile');
}
