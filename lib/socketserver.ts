// `berkeley-sockets/socketserver`: Python's `socketserver` module. Re-exports only.

export { BytesIO } from './io/bytes-io.js';
export type { AsyncServer } from './server/async-mixin.js';
export { AsyncMixIn } from './server/async-mixin.js';
export {
  AsyncTCPServer,
  AsyncUDPServer,
  AsyncUnixDatagramServer,
  AsyncUnixStreamServer,
} from './server/async-servers.js';
export { BaseRequestHandler } from './server/base-handler.js';
export { BaseServer } from './server/base-server.js';
export { AsyncDatagramRequestHandler, DatagramRequestHandler } from './server/datagram-handlers.js';
export type { Forking, ForkingAttributes } from './server/forking-mixin.js';
export { ForkingMixIn } from './server/forking-mixin.js';
export {
  ForkingTCPServer,
  ForkingUDPServer,
  ForkingUnixDatagramServer,
  ForkingUnixStreamServer,
} from './server/forking-servers.js';
export type { ListenSocket } from './server/listen-fds.js';
export { listen_fds } from './server/listen-fds.js';
export { isMainProgram } from './server/location.js';
export type { WriteFile } from './server/stream-handlers.js';
export { AsyncStreamRequestHandler, StreamRequestHandler } from './server/stream-handlers.js';
export { TCPServer } from './server/tcp-server.js';
export type { Threading, ThreadingAttributes } from './server/threading-mixin.js';
export { ThreadingMixIn } from './server/threading-mixin.js';
export {
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
} from './server/threading-servers.js';
export type { ClientAddressOf, RequestHandlerClass, RequestOf } from './server/types.js';
export { UDPServer } from './server/udp-server.js';
export { UnixDatagramServer, UnixStreamServer } from './server/unix-servers.js';
