// `berkeley-sockets/select`: Python's `select` module. Re-exports only.

export { OSError as error } from './errors.js';
export type { FileDescriptorLike } from './file-descriptor.js';
export type { AsyncOptions } from './select/arguments.js';
export { epoll } from './select/epoll.js';
export { poll } from './select/poll.js';
export { select, select_async } from './select/select.js';
export * from './select-constants.js';
