// `DatagramRequestHandler` and `AsyncDatagramRequestHandler`: a datagram as a pair of files.

import { BytesIO } from '../io/bytes-io.js';
import { methodOf } from '../socket/arguments.js';
import { unpackPair } from '../socket/connection.js';
import type { AsyncUDPServer } from './async-servers.js';
import { BaseRequestHandler } from './base-handler.js';
import type { AnyServer, DatagramSocketOf, RequestOf } from './types.js';
import type { UDPServer } from './udp-server.js';
import { promiseView } from './views.js';

/**
 * Serves a datagram through files: `rfile` holds it, and all that is written to `wfile` is sent
 * back as one datagram, which is empty if nothing was. Like Python's
 * `socketserver.DatagramRequestHandler`.
 */
export class DatagramRequestHandler<
  Server extends AnyServer = UDPServer,
  Socket = DatagramSocketOf<RequestOf<Server>>,
> extends BaseRequestHandler<Server> {
  /** The datagram. */
  declare packet: Buffer;
  /** The server's socket. */
  declare socket: Socket;
  /** Holds the datagram. */
  declare rfile: BytesIO;
  /** Collects the answer. */
  declare wfile: BytesIO;

  override setup(): void | Promise<void> {
    [this.packet, this.socket] = unpackPair(this.request) as [Buffer, Socket];
    this.rfile = new BytesIO(this.packet);
    this.wfile = new BytesIO();
  }

  override finish(): void | Promise<void> {
    const sendto = methodOf(this.socket, 'sendto');
    const getvalue = methodOf(this.wfile, 'getvalue');
    return sendto(getvalue(), this.client_address) as void | Promise<void>;
  }
}

/**
 * Serves a datagram through files, whatever kind of server it belongs to: `socket` is of the
 * promise flavour, and the answer is awaited. The files are in memory and never wait. Python has
 * none.
 */
export class AsyncDatagramRequestHandler<
  Server extends AnyServer = AsyncUDPServer,
> extends DatagramRequestHandler<Server> {
  override setup(): void | Promise<void> {
    void super.setup();
    this.socket = promiseView(this.socket) as typeof this.socket;
  }
}
