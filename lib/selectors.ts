// `berkeley-sockets/selectors`: Python's `selectors` module. Re-exports only.

export type { FileDescriptorLike } from './file-descriptor.js';
export type { AsyncOptions } from './select/arguments.js';
export { BaseSelector } from './selectors/base.js';
export { DefaultSelector } from './selectors/default-selector.js';
export { EpollSelector } from './selectors/epoll-selector.js';
export { EVENT_READ, EVENT_WRITE } from './selectors/events.js';
export { SelectorKey } from './selectors/key.js';
export type { SelectorMapping } from './selectors/mapping.js';
export { PollSelector } from './selectors/poll-selector.js';
export { SelectSelector } from './selectors/select-selector.js';
