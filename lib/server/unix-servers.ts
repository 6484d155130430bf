// `UnixStreamServer` and `UnixDatagramServer`: the servers on AF_UNIX paths.

import { AF_UNIX } from '../constants.js';
import type { Address } from '../socket/address-types.js';
import type { socket } from '../socket/blocking.js';
import { TCPServer } from './tcp-server.js';
import type { DatagramAddress } from './types.js';
import { UDPServer } from './udp-server.js';

/**
 * A server of connections to an AF_UNIX path, one at a time. Like Python's
 * `socketserver.UnixStreamServer`. Closing it leaves the path where it is.
 */
export class UnixStreamServer<
  Request = socket<typeof AF_UNIX>,
  ClientAddress = Address<typeof AF_UNIX>,
> extends TCPServer<typeof AF_UNIX, Request, ClientAddress> {
  static override address_family: number = AF_UNIX;
}

/**
 * A server of datagrams to an AF_UNIX path, one at a time. Like Python's
 * `socketserver.UnixDatagramServer`. Closing it leaves the path where it is.
 */
export class UnixDatagramServer<
  Request = [data: Buffer, socket: socket<typeof AF_UNIX>],
  ClientAddress = DatagramAddress<typeof AF_UNIX>,
> extends UDPServer<typeof AF_UNIX, Request, ClientAddress> {
  static override address_family: number = AF_UNIX;
}
