// `berkeley-sockets/socketserver`: Python's `socketserver` module. Re-exports only.

export { BaseRequestHandler } from './server/base-handler.js';
export { BaseServer } from './server/base-server.js';
export { TCPServer } from './server/tcp-server.js';
export { UDPServer } from './server/udp-server.js';
export { UnixDatagramServer, UnixStreamServer } from './server/unix-servers.js';
