// `UDPServer`: a server whose requests are datagrams.

import { type AF_INET, SOCK_DGRAM } from '../constants.js';
import { osError } from '../errors.js';
import { requireKnownFamily } from '../socket/address.js';
import { toSize } from '../socket/arguments.js';
import type { socket } from '../socket/blocking.js';
import * as calls from '../socket/calls.js';
import { ATTEMPT, PENDING } from '../socket/compose.js';
import { unpackPair } from '../socket/connection.js';
import { DESCRIPTOR, Endpoint } from '../socket/endpoint.js';
import { defineAttributes } from './attributes.js';
import { LOOK, servingOf } from './base-server.js';
import { type Awaitable, isThenable } from './flow.js';
import { fetchTaken, mayTakeAhead, putAside, takesAhead } from './taking.js';
import { TCPServer } from './tcp-server.js';
import type { DatagramAddress } from './types.js';
import { invoke } from './views.js';

/** The socket in a datagram request. @internal */
export const REPLY_SOCKET: unique symbol = Symbol('reply socket');

/** Errors of a datagram that went out before: the next one may be received at once. */
const PASSING: readonly unknown[] = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EMSGSIZE'];

/**
 * A server of datagrams, one at a time: `request` is `[data, socket]`. Like Python's
 * `socketserver.UDPServer`.
 */
export class UDPServer<
  F extends number = typeof AF_INET,
  Request = [data: Buffer, socket: socket<F>],
  ClientAddress = DatagramAddress<F>,
> extends TCPServer<F, Request, ClientAddress> {
  static override socket_type: number = SOCK_DGRAM;
  /** The most bytes of a datagram that are received, 8192 unless set; the rest is lost. */
  static max_packet_size = 8192;
  /** The most bytes of a datagram that are received, 8192 unless set; the rest is lost. */
  declare max_packet_size: number;

  /** Does nothing: datagrams need no listening. */
  override server_activate(): void {}

  /**
   * Receives a datagram, without waiting for one.
   *
   * @throws BlockingIOError if there is none
   */
  override get_request(): Awaitable<[request: Request, client_address: ClientAddress]> {
    const { socket, max_packet_size } = this;
    if (!(socket instanceof Endpoint)) {
      const received = invoke(socket, 'recvfrom', max_packet_size);
      const request = (pair: unknown) => requestOf<Request, ClientAddress>(this, pair);
      return isThenable(received) ? received.then(request) : request(received);
    }
    const taken = fetchTaken(this) ?? receive(this, socket, max_packet_size);
    if (taken === PENDING) throw osError(calls.WOULD_BLOCK, 'recvfrom');
    return requestOf(this, taken);
  }

  /** Only releases the request: the socket is the server's own. */
  override shutdown_request(request: Request): Awaitable<void> {
    return this.close_request(request);
  }

  /** Does nothing: there is nothing to close. */
  override close_request(_request: Request): Awaitable<void> {}

  /** @internal */
  override [LOOK](): boolean {
    const { socket, max_packet_size } = this;
    if (!(socket instanceof Endpoint && mayTakeAhead(this))) return super[LOOK]();
    try {
      const value = receive(this, socket, max_packet_size);
      if (value === PENDING) return false;
      putAside(this, { value });
    } catch (error) {
      putAside(this, { error });
    }
    return true;
  }

  /** @internal */
  [REPLY_SOCKET](): unknown {
    return this.socket;
  }
}

defineAttributes(UDPServer, ['max_packet_size']);
takesAhead(UDPServer.prototype.get_request);

/** The request of what `recvfrom` gives. */
function requestOf<Request, ClientAddress>(
  server: { [REPLY_SOCKET](): unknown },
  received: unknown,
): [Request, ClientAddress] {
  const [data, address] = unpackPair(received);
  return [[data, server[REPLY_SOCKET]()] as Request, address as ClientAddress];
}

function receive(server: object, sock: Endpoint, max_packet_size: unknown) {
  const descriptor = sock[DESCRIPTOR];
  requireKnownFamily(descriptor);
  const size = toSize(max_packet_size, 'negative buffersize in recvfrom');
  try {
    return calls.recvfrom(descriptor, ATTEMPT, size, 0);
  } catch (error) {
    if (!PASSING.includes((error as NodeJS.ErrnoException).code)) servingOf(server).pause();
    throw error;
  }
}
