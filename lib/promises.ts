// `berkeley-sockets/promises`: Python's `socket` module with promises. Re-exports only.

export * from './constants.js';
export * from './descriptors.js';
export * from './enumerations.js';
export * from './exceptions.js';
export type { FileDescriptorLike } from './file-descriptor.js';
export * from './functions-promises.js';
export {
  BufferedReader,
  BufferedRWPair,
  BufferedWriter,
  SocketIO,
  TextIOWrapper,
} from './io/promises.js';
export type { WaitOptions } from './reactor.js';
export * from './resolve-promises.js';
export type {
  Address,
  AddressInput,
  CallerAddress,
  Host,
  MaybeAddress,
} from './socket/address-types.js';
export type { BatchOptions, Message } from './socket/batch.js';
export { MessageBatch } from './socket/batch.js';
export type { MessageInput } from './socket/batch-calls.js';
export type { BytesLike } from './socket/bytes.js';
export { SocketType } from './socket/promise-base.js';
export { socket } from './socket/promises.js';
export { wait_readable, wait_writable } from './wait.js';
