// `DefaultSelector`: the best selector of the system.

import type { FileDescriptorLike } from '../file-descriptor.js';
import { constants } from '../native.js';
import type { MappedSelector } from './base.js';
import { EpollSelector } from './epoll-selector.js';
import { PollSelector } from './poll-selector.js';

/** What {@link DefaultSelector} makes. */
export type DefaultSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> = MappedSelector<Data, File>;

/**
 * The class of the best selector that the system has: `EpollSelector` on Linux, else
 * `PollSelector`. Like Python's `selectors.DefaultSelector`.
 */
export const DefaultSelector: new <
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
>() => DefaultSelector<Data, File> = constants.EPOLLIN === undefined ? PollSelector : EpollSelector;
