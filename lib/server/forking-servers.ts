// The servers whose requests child processes serve.

import type { AF_INET } from '../constants.js';
import { ForkingMixIn } from './forking-mixin.js';
import { registerReadyMade } from './location.js';
import { TCPServer } from './tcp-server.js';
import { UDPServer } from './udp-server.js';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.js';

/** A TCP server with a child process for each connection. Like Python's `ForkingTCPServer`. */
export class ForkingTCPServer<F extends number = typeof AF_INET> extends ForkingMixIn(
  TCPServer,
)<F> {}

/** A UDP server with a child process for each datagram. Like Python's `ForkingUDPServer`. */
export class ForkingUDPServer<F extends number = typeof AF_INET> extends ForkingMixIn(
  UDPServer,
)<F> {}

/** An AF_UNIX server with a child process for each connection. Like Python's `ForkingUnixStreamServer`. */
export class ForkingUnixStreamServer extends ForkingMixIn(UnixStreamServer) {}

/** An AF_UNIX server with a child process for each datagram. Like Python's `ForkingUnixDatagramServer`. */
export class ForkingUnixDatagramServer extends ForkingMixIn(UnixDatagramServer) {}

registerReadyMade(
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixStreamServer,
  ForkingUnixDatagramServer,
);
