// `berkeley-sockets`: Python's `socket` module, blocking. Re-exports only.

export * from './constants.js';
export * from './descriptors.js';
export * from './enumerations.js';
export * from './exceptions.js';
export * from './functions.js';
export {
  BufferedReader,
  BufferedRWPair,
  BufferedWriter,
  SocketIO,
  TextIOWrapper,
} from './io/blocking.js';
export * from './resolve.js';
export type {
  Address,
  AddressInput,
  CallerAddress,
  Host,
  MaybeAddress,
} from './socket/address-types.js';
export { SocketType } from './socket/base.js';
export type { BatchOptions, Message } from './socket/batch.js';
export { MessageBatch } from './socket/batch.js';
export type { MessageInput } from './socket/batch-calls.js';
export { socket } from './socket/blocking.js';
export type { BytesLike } from './socket/bytes.js';
