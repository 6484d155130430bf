// Type test: what select and the selectors take and give.

import type * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import { expectTrue, type Same, some } from './expect.js';

declare const sock: socket.socket;
declare const unix: socket.socket<typeof socket.AF_UNIX>;

export function selectGivesWhatItWasGiven(): void {
  const lists = select.select([sock, unix], new Set([3]), [], 0.5);
  expectTrue<Same<(typeof lists)[0], (typeof sock | typeof unix)[]>>();
  expectTrue<Same<(typeof lists)[1], number[]>>();
  select.select([{ fileno: () => 5 }], [], [], null);
  // @ts-expect-error: that has no descriptor
  select.select(['a'], [], []);
  // @ts-expect-error: a timeout is a number
  select.select([], [], [], '1');
}

export async function awaitedFormsGiveTheSame(): Promise<void> {
  const signal = some<AbortSignal>();
  const [readable] = await select.select_async([sock], [], [], null, { signal });
  expectTrue<Same<typeof readable, (typeof sock)[]>>();
  const told = await select.poll().poll_async(100, { signal });
  expectTrue<Same<typeof told, [fd: number, events: number][]>>();
  const events = await new select.epoll().poll_async({ timeout: 1, maxevents: 5, signal });
  expectTrue<Same<typeof events, [fd: number, events: number][]>>();
}

export function pollAndEpollAreTypes(): void {
  const poll: select.poll = select.poll();
  poll.register(sock, select.POLLIN);
  const epoll: select.epoll = select.epoll.fromfd(5);
  epoll.register({ fd: sock, eventmask: select.EPOLLIN });
  // @ts-expect-error: poll is a function, no class
  new select.poll();
  // @ts-expect-error: modify needs a mask
  epoll.modify(sock);
}

export function aSelectorKnowsWhatIsAttached(): void {
  type Handler = (key: unknown) => void;
  using selector = new selectors.DefaultSelector<Handler, socket.socket>();
  const key = selector.register(sock, selectors.EVENT_READ, () => {});
  expectTrue<Same<typeof key, selectors.SelectorKey<Handler, socket.socket>>>();
  for (const [ready, events] of selector.select()) {
    ready.data(ready);
    expectTrue<Same<typeof ready.fileobj, socket.socket>>();
    expectTrue<Same<typeof events, number>>();
  }
  // @ts-expect-error: it is another type of handler
  selector.register(sock, selectors.EVENT_READ, 5);
  // @ts-expect-error: numbers were not announced
  selector.register(5, selectors.EVENT_READ);
  // @ts-expect-error: a key cannot be changed
  key.data = () => {};
}

export function withoutArgumentsItTakesAnything(): void {
  const selector: selectors.BaseSelector = new selectors.EpollSelector();
  const key = selector.register(5, selectors.EVENT_READ, { any: 'thing' });
  expectTrue<Same<typeof key.data, unknown>>();
  expectTrue<Same<typeof key.fileobj, select.FileDescriptorLike>>();
  const map = selector.get_map();
  expectTrue<Same<typeof map, selectors.SelectorMapping | null>>();
  // @ts-expect-error: it is the base of selectors
  new selectors.BaseSelector();
}
