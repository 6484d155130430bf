// `berkeley-sockets`: Python's `socket` module, blocking. Re-exports only.

import { followSignalListeners } from './signals.js';

followSignalListeners();

export * from './constants.js';
export * from './enumerations.js';
export {
  AttributeError,
  BlockingIOError,
  BrokenPipeError,
  ChildProcessError,
  ConnectionAbortedError,
  ConnectionError,
  ConnectionRefusedError,
  ConnectionResetError,
  ExceptionGroup,
  FileExistsError,
  FileNotFoundError,
  gaierror,
  herror,
  InterruptedError,
  IsADirectoryError,
  LookupError,
  MemoryError,
  NotADirectoryError,
  OSError,
  OSError as error,
  OverflowError,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  TimeoutError as timeout,
  UnicodeDecodeError,
  UnicodeEncodeError,
  UnicodeError,
  UnsupportedOperation,
  ValueError,
} from './errors.js';
export * from './functions.js';
export {
  BufferedReader,
  BufferedRWPair,
  BufferedWriter,
  SocketIO,
  TextIOWrapper,
} from './io/blocking.js';
export * from './resolve.js';
export type { Address, AddressInput, Host, MaybeAddress } from './socket/address-types.js';
export { SocketType } from './socket/base.js';
export { socket } from './socket/blocking.js';
export type { BytesLike } from './socket/bytes.js';
