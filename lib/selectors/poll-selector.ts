// `PollSelector`: a selector that uses poll(2).

import type { FileDescriptorLike } from '../file-descriptor.js';
import { type AsyncOptions, takeSignal } from '../select/arguments.js';
import { poll as makePoll, type poll } from '../select/poll.js';
import { POLLIN, POLLOUT } from '../select-constants.js';
import { readTimeout } from './arguments.js';
import { toSeconds } from './events.js';
import { unlessInterrupted } from './interrupted.js';
import type { SelectorKey } from './key.js';
import { PollLikeSelector } from './poll-like-selector.js';

/** The same in the milliseconds of `poll` objects. */
function toMilliseconds(timeout: unknown): number | null {
  const seconds = toSeconds(timeout);
  return seconds === null ? null : Math.ceil(seconds * 1000);
}

/** A selector that uses poll(2). Like Python's `selectors.PollSelector`. */
export class PollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends PollLikeSelector<Data, File> {
  protected readonly poller: poll = makePoll();
  protected readonly readMask = POLLIN;
  protected readonly writeMask = POLLOUT;

  select(timeout?: number | null): [key: SelectorKey<Data, File>, events: number][];
  select(...given: unknown[]): [key: SelectorKey<Data, File>, events: number][] {
    const milliseconds = toMilliseconds(readTimeout('_PollLikeSelector.select', given));
    return this.#toKeys(unlessInterrupted(() => this.poller.poll(milliseconds)));
  }

  select_async(
    timeout?: number | null,
    options?: AsyncOptions,
  ): Promise<[key: SelectorKey<Data, File>, events: number][]>;
  async select_async(
    ...given: unknown[]
  ): Promise<[key: SelectorKey<Data, File>, events: number][]> {
    const [args, signal] = takeSignal(given);
    const milliseconds = toMilliseconds(readTimeout('PollSelector.select_async', args));
    return this.#toKeys(await this.poller.poll_async(milliseconds, { signal }));
  }

  #toKeys(told: readonly [fd: number, events: number][]): [SelectorKey<Data, File>, number][] {
    const ready: [SelectorKey<Data, File>, number][] = [];
    for (const [fd, events] of told) this.addReady(ready, fd, events);
    return ready;
  }
}
