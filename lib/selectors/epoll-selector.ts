// `EpollSelector`: a selector that uses epoll(7).

import type { FileDescriptorLike } from '../file-descriptor.js';
import { type AsyncOptions, takeSignal, toPollWait } from '../select/arguments.js';
import { awaitSet } from '../select/awaiting.js';
import { descriptorAt, epoll, eventsAt, waitForSet } from '../select/epoll.js';
import { EPOLLIN, EPOLLOUT } from '../select-constants.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { readTimeout } from './arguments.js';
import { toSeconds } from './events.js';
import { unlessInterrupted } from './interrupted.js';
import type { SelectorKey } from './key.js';
import { PollLikeSelector } from './poll-like-selector.js';

const SECOND = 1;

/** A selector that uses epoll(7), on Linux. Like Python's `selectors.EpollSelector`. */
export class EpollSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends PollLikeSelector<Data, File> {
  protected readonly poller = new epoll();
  protected readonly readMask = EPOLLIN;
  protected readonly writeMask = EPOLLOUT;

  /**
   * The descriptor of the selector itself. Like Python's `EpollSelector.fileno`.
   *
   * @throws ValueError if it is closed
   */
  fileno(): number {
    return this.poller.fileno();
  }

  override close(): void {
    this.poller.close();
    super.close();
  }

  select(timeout?: number | null): [key: SelectorKey<Data, File>, events: number][];
  select(...given: unknown[]): [key: SelectorKey<Data, File>, events: number][] {
    const wait = toPollWait(toSeconds(readTimeout('EpollSelector.select', given)), SECOND);
    return unlessInterrupted(() => this.#ask(wait));
  }

  select_async(
    timeout?: number | null,
    options?: AsyncOptions,
  ): Promise<[key: SelectorKey<Data, File>, events: number][]>;
  async select_async(
    ...given: unknown[]
  ): Promise<[key: SelectorKey<Data, File>, events: number][]> {
    const [args, signal] = takeSignal(given);
    const wait = toPollWait(toSeconds(readTimeout('EpollSelector.select_async', args)), SECOND);
    const ask = (): [SelectorKey<Data, File>, number][] | Pending => {
      const ready = this.#ask(0);
      return ready.length > 0 ? ready : PENDING;
    };
    return awaitSet(this.fileno(), wait, ask, () => [], signal);
  }

  #ask(wait: number): [SelectorKey<Data, File>, number][] {
    const count = waitForSet(this.fileno(), Math.max(this.keys.size, 1), wait);
    const ready: [SelectorKey<Data, File>, number][] = [];
    for (let index = 0; index < count; index += 1) {
      this.addReady(ready, descriptorAt(index), eventsAt(index));
    }
    return ready;
  }
}
