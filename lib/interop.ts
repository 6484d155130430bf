// `berkeley-sockets/interop`: sockets as Node's streams, and Node's own sockets as ours. Re-exports
// only.

export { BorrowedSocket } from './interop/borrowed.js';
export type { EndpointInfo } from './interop/net-options.js';
export type { NodeSocket } from './interop/node.js';
export { fromNode, toNetSocket } from './interop/node.js';
export type { StreamOptions } from './interop/stream.js';
export { SocketStream, toStream } from './interop/stream.js';
export { toReadableStream, toWritableStream } from './interop/web.js';
