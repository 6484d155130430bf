// The servers whose requests threads serve.

import type { AF_INET } from '../constants.js';
import { registerReadyMade } from './location.js';
import { TCPServer } from './tcp-server.js';
import { ThreadingMixIn } from './threading-mixin.js';
import { UDPServer } from './udp-server.js';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.js';

/** A TCP server with a thread for each connection. Like Python's `ThreadingTCPServer`. */
export class ThreadingTCPServer<F extends number = typeof AF_INET> extends ThreadingMixIn(
  TCPServer,
)<F> {}

/** A UDP server with a thread for each datagram. Like Python's `ThreadingUDPServer`. */
export class ThreadingUDPServer<F extends number = typeof AF_INET> extends ThreadingMixIn(
  UDPServer,
)<F> {}

/** An AF_UNIX server with a thread for each connection. Like Python's `ThreadingUnixStreamServer`. */
export class ThreadingUnixStreamServer extends ThreadingMixIn(UnixStreamServer) {}

/** An AF_UNIX server with a thread for each datagram. Like Python's `ThreadingUnixDatagramServer`. */
export class ThreadingUnixDatagramServer extends ThreadingMixIn(UnixDatagramServer) {}

registerReadyMade(
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixStreamServer,
  ThreadingUnixDatagramServer,
);
