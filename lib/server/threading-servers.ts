// The servers whose requests threads serve.

import { registerReadyMade } from './location.js';
import { TCPServer } from './tcp-server.js';
import { ThreadingMixIn } from './threading-mixin.js';
import { UDPServer } from './udp-server.js';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.js';

/** A TCP server with a thread for each connection. Like Python's `ThreadingTCPServer`. */
export class ThreadingTCPServer extends ThreadingMixIn(TCPServer) {}

/** A UDP server with a thread for each datagram. Like Python's `ThreadingUDPServer`. */
export class ThreadingUDPServer extends ThreadingMixIn(UDPServer) {}

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
