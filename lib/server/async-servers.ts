// The ready-made servers on the event loop.

import type { AF_INET, AF_UNIX } from '../constants.js';
import type { socket } from '../socket/promises.js';
import { AsyncMixIn } from './async-mixin.js';
import { TCPServer } from './tcp-server.js';
import { UDPServer } from './udp-server.js';
import { UnixDatagramServer, UnixStreamServer } from './unix-servers.js';

/** A server of TCP connections, all at once on the event loop: `request` is a promise socket. */
export class AsyncTCPServer<F extends number = typeof AF_INET> extends AsyncMixIn(TCPServer)<
  F,
  socket<F>
> {}

/** A server of datagrams, all at once on the event loop: `request` is `[data, promise socket]`. */
export class AsyncUDPServer<F extends number = typeof AF_INET> extends AsyncMixIn(UDPServer)<
  F,
  [data: Buffer, socket: socket<F>]
> {}

/** A server of connections to an AF_UNIX path, all at once on the event loop. */
export class AsyncUnixStreamServer extends AsyncMixIn(UnixStreamServer)<socket<typeof AF_UNIX>> {}

/** A server of datagrams to an AF_UNIX path, all at once on the event loop. */
export class AsyncUnixDatagramServer extends AsyncMixIn(UnixDatagramServer)<
  [data: Buffer, socket: socket<typeof AF_UNIX>]
> {}
