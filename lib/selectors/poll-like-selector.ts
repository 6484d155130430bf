// What the selectors have in common that keep their descriptors in a `poll` or `epoll` object.

import { OSError } from '../errors.js';
import type { FileDescriptorLike } from '../file-descriptor.js';
import { isInteger, typeName } from '../types.js';
import { MappedSelector } from './base.js';
import { EVENT_READ, EVENT_WRITE } from './events.js';
import type { SelectorKey } from './key.js';

/** A `poll` or `epoll` object, and its names of the two events. */
export interface Poller {
  register(fd: number, eventmask: number): void;
  modify(fd: number, eventmask: number): void;
  unregister(fd: number): void;
}

export abstract class PollLikeSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends MappedSelector<Data, File> {
  protected abstract readonly poller: Poller;
  /** What the poller calls something to read. */
  protected abstract readonly readMask: number;
  /** What the poller calls room to write. */
  protected abstract readonly writeMask: number;

  protected titleOf(): string {
    return '_PollLikeSelector';
  }

  protected begin(fd: number, events: number): void {
    this.poller.register(fd, this.#toMask(events));
  }

  protected end(fd: number): void {
    try {
      this.poller.unregister(fd);
    } catch (error) {
      // It may be closed already, which takes it out.
      if (!(error instanceof OSError)) throw error;
    }
  }

  protected change(
    key: SelectorKey<Data, File>,
    fileobj: File,
    events: unknown,
    data: Data,
  ): SelectorKey<Data, File> {
    if (!isInteger(events)) {
      throw new TypeError(`unsupported operand type(s) for &: '${typeName(events)}' and 'int'`);
    }
    const wanted = Number(events);
    try {
      this.poller.modify(key.fd, this.#toMask(wanted));
    } catch (error) {
      this.unregister(fileobj);
      throw error;
    }
    return this.keep(key._replace({ events: wanted, data }));
  }

  #toMask(events: number): number {
    const read = (events & EVENT_READ) === 0 ? 0 : this.readMask;
    return (events & EVENT_WRITE) === 0 ? read : read | this.writeMask;
  }

  /** Adds what a descriptor tells to what is ready, unless it is no longer registered. */
  protected addReady(ready: [SelectorKey<Data, File>, number][], fd: number, told: number): void {
    const key = this.keys.get(fd);
    if (key === undefined) return;
    // An error or a hang-up is both: whoever waits shall learn of it.
    const write = (told & ~this.readMask) === 0 ? 0 : EVENT_WRITE;
    const read = (told & ~this.writeMask) === 0 ? 0 : EVENT_READ;
    ready.push([key, (read | write) & key.events]);
  }
}
