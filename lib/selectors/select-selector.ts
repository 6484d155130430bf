// `SelectSelector`: a selector that uses select(2).

import { type FileDescriptorLike, toFileDescriptor } from '../file-descriptor.js';
import { type AsyncOptions, takeSignal } from '../select/arguments.js';
import { awaitAny } from '../select/awaiting.js';
import { Question, toWait } from '../select/select.js';
import { PENDING, type Pending } from '../socket/compose.js';
import { readTimeout } from './arguments.js';
import { MappedSelector } from './base.js';
import { EVENT_READ, EVENT_WRITE, toSelectSeconds } from './events.js';
import { unlessInterrupted } from './interrupted.js';
import type { SelectorKey } from './key.js';

/** A selector that uses select(2). Like Python's `selectors.SelectSelector`. */
export class SelectSelector<
  Data = unknown,
  File extends FileDescriptorLike = FileDescriptorLike,
> extends MappedSelector<Data, File> {
  protected titleOf(method: string): string {
    return method === 'modify' ? '_BaseSelectorImpl' : 'SelectSelector';
  }

  /** What is registered; undefined when that has changed. */
  #question: Question | undefined;

  protected begin(): void {
    this.#question = undefined;
  }

  protected end(): void {
    this.#question = undefined;
  }

  protected change(
    key: SelectorKey<Data, File>,
    fileobj: File,
    events: number,
    data: Data,
  ): SelectorKey<Data, File> {
    this.unregister(key.fileobj);
    return this.register(fileobj, events, data);
  }

  select(timeout?: number | null): [key: SelectorKey<Data, File>, events: number][];
  select(...given: unknown[]): [key: SelectorKey<Data, File>, events: number][] {
    const wait = toWait(toSelectSeconds(readTimeout('SelectSelector.select', given)));
    const question = this.#current();
    return unlessInterrupted(() => {
      question.ask(wait);
      return this.#answer(question);
    });
  }

  select_async(
    timeout?: number | null,
    options?: AsyncOptions,
  ): Promise<[key: SelectorKey<Data, File>, events: number][]>;
  async select_async(
    ...given: unknown[]
  ): Promise<[key: SelectorKey<Data, File>, events: number][]> {
    const [args, signal] = takeSignal(given);
    const wait = toWait(toSelectSeconds(readTimeout('SelectSelector.select_async', args)));
    const question = this.#current();
    const ask = (): [SelectorKey<Data, File>, number][] | Pending =>
      question.ask(0) > 0 ? this.#answer(question) : PENDING;
    return awaitAny(question.interests(), wait, ask, () => [], signal);
  }

  #current(): Question {
    if (this.#question) return this.#question;
    const waiting = (event: number) =>
      Array.from(this.keys.values())
        .filter(({ events }) => (events & event) !== 0)
        .map(({ fd }) => toFileDescriptor(fd));
    this.#question = new Question([waiting(EVENT_READ), waiting(EVENT_WRITE), []]);
    return this.#question;
  }

  override close(): void {
    super.close();
    this.#question = undefined;
  }

  #answer(question: Question): [SelectorKey<Data, File>, number][] {
    const found = new Map<number, number>();
    for (const fd of question.ready(0)) found.set(fd, EVENT_READ);
    for (const fd of question.ready(1)) found.set(fd, (found.get(fd) ?? 0) | EVENT_WRITE);
    const ready: [SelectorKey<Data, File>, number][] = [];
    for (const [fd, events] of found) {
      const key = this.keys.get(fd);
      if (key) ready.push([key, events & key.events]);
    }
    return ready;
  }
}
