// The calls of `select` and `selectors`, at once and after waiting, with each system call failing.

import * as fs from 'node:fs';
import * as socket from 'berkeley-sockets';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import '../support/leaks.js';
import { untilSettled } from './late.js';
import { walksOf } from './walk.js';

type Sock = InstanceType<typeof socket.socket<number>>;

const DATA = Buffer.from('12345678');

/** A pair and something that watches its first end. */
class Watched<T> {
  readonly ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) as unknown as [Sock, Sock];

  constructor(readonly watcher: T) {}

  get first(): Sock {
    return this.ends[0];
  }

  send(): void {
    fs.writeSync(this.ends[1].fileno(), DATA);
  }

  /** Sends while the call waits. */
  async late<R>(start: (watched: this) => Promise<R>): Promise<R> {
    const waiting = start(this);
    await untilSettled(waiting, () => this.send());
    return waiting;
  }

  close(): void {
    (this.watcher as { close?(): void } | null)?.close?.();
    for (const end of this.ends) end.close();
  }
}

/** Data are there already. */
function early<T>(make: () => T, register?: (watched: Watched<T>) => unknown): () => Watched<T> {
  return () => {
    const watched = late(make, register)();
    watched.send();
    return watched;
  };
}

function late<T>(make: () => T, register?: (watched: Watched<T>) => unknown): () => Watched<T> {
  return () => {
    const watched = new Watched(make());
    register?.(watched);
    return watched;
  };
}

/** How many are ready: what a key or a number is differs from run to run. */
const countOf = (ready: readonly unknown[]): number => ready.length;
const nothing = () => null;

const { on, pure, making } = walksOf('berkeley-sockets/select');
for (const timeout of [0, 5, null]) {
  const how = timeout === null ? 'without a timeout' : `with a timeout of ${timeout}`;
  on(`select ${how}`, early(nothing), ({ first }) =>
    select.select([first], [first], [first], timeout).map(countOf),
  );
  on(
    `epoll.poll ${how}`,
    early(() => new select.epoll(), register),
    ({ watcher }) => countOf(watcher.poll(timeout)),
  );
}
for (const timeout of [0, 5000, null]) {
  const how = timeout === null ? 'without a timeout' : `with a timeout of ${timeout}`;
  on(`poll.poll ${how}`, early(select.poll, register), ({ watcher }) =>
    countOf(watcher.poll(timeout)),
  );
}

// What would not wait is told EAGAIN by nobody: then it says so.
on('select_async at once', early(nothing), async ({ first }) =>
  (await select.select_async([first], [first], [], 5)).map(countOf),
);
on(
  'select_async after waiting',
  late(nothing),
  (watched) =>
    watched.late(async ({ first }) => (await select.select_async([first], [], [], 5)).map(countOf)),
  { isOnce: true },
);
on('poll.poll_async at once', early(select.poll, register), async ({ watcher }) =>
  countOf(await watcher.poll_async(5000)),
);
on(
  'poll.poll_async after waiting',
  late(select.poll, registerReading),
  (watched) => watched.late(async ({ watcher }) => countOf(await watcher.poll_async(5000))),
  { isOnce: true },
);
on(
  'epoll.poll_async at once',
  early(() => new select.epoll(), register),
  async ({ watcher }) => countOf(await watcher.poll_async(5)),
);
on(
  'epoll.poll_async after waiting',
  late(() => new select.epoll(), registerReading),
  (watched) => watched.late(async ({ watcher }) => countOf(await watcher.poll_async(5))),
  { isOnce: true },
);

interface Registrar {
  register(fd: Sock, eventmask?: number): void;
}

function register({ watcher, first }: Watched<Registrar>): void {
  watcher.register(first);
}

function registerReading({ watcher, first }: Watched<Registrar>): void {
  watcher.register(first, select.POLLIN);
}

making('epoll', () => new select.epoll());
making('epoll.fromfd', () => select.epoll.fromfd(-1));
const epoll = () => new select.epoll();
on('epoll.register', late(epoll), ({ watcher, first }) => watcher.register(first), {
  isOnce: true,
});
on('epoll.modify', late(epoll, register), ({ watcher, first }) =>
  watcher.modify(first, select.EPOLLIN),
);
// Taking out is done whatever is injected, so that the second time there is nothing to take out.
on('epoll.unregister', late(epoll, register), ({ watcher, first }) => watcher.unregister(first), {
  isOnce: true,
  hides: [],
});
on('epoll.close', late(epoll, register), ({ watcher }) => watcher.close());
const idle = new Watched(select.poll());
pure('poll', () => select.poll());
pure('poll.register', () => idle.watcher.register(3));
pure('poll.modify', () => idle.watcher.modify(3, 1));
pure('poll.unregister', () => idle.watcher.unregister(3));
idle.close();

const walks = walksOf('berkeley-sockets/selectors');
const { DefaultSelector, EpollSelector, PollSelector, SelectSelector, EVENT_READ, EVENT_WRITE } =
  selectors;
for (const Selector of [DefaultSelector, EpollSelector, PollSelector, SelectSelector]) {
  const make = () => new Selector();
  const { name } = Selector;
  type Selecting = Watched<InstanceType<typeof Selector>>;
  const registered = ({ watcher, first }: Selecting) => watcher.register(first, EVENT_READ);
  for (const timeout of [0, 5, null]) {
    const how = timeout === null ? 'without a timeout' : `with a timeout of ${timeout}`;
    walks.on(`${name}.select ${how}`, early(make, registered), ({ watcher }) =>
      countOf(watcher.select(timeout)),
    );
  }
  walks.on(`${name}.select_async at once`, early(make, registered), async ({ watcher }) =>
    countOf(await watcher.select_async(5)),
  );
  walks.on(
    `${name}.select_async after waiting`,
    late(make, registered),
    (watched) => watched.late(async ({ watcher }) => countOf(await watcher.select_async(5))),
    { isOnce: true },
  );
  // All they do is to keep the map, but for epoll's.
  walks.on(
    `${name} registering, modifying, unregistering`,
    late(make),
    ({ watcher, first }) => {
      // As in Python a failed register() leaves nothing, and a failed modify() takes it out.
      watcher.register(first, EVENT_READ, 1);
      try {
        watcher.get_key(first);
        watcher.modify(first, EVENT_READ | EVENT_WRITE, 2);
        return watcher.get_key(first).events;
      } finally {
        if (watcher.get_map()?.has(first)) watcher.unregister(first);
        watcher.select(0);
      }
    },
    {
      covers: ['register', 'modify', 'unregister', 'get_key', 'get_map'].map(
        (method) => `${name}.${method}`,
      ),
    },
  );
}

for (const Selector of [DefaultSelector, EpollSelector]) {
  const { name } = Selector;
  walks.making(`${name} made`, () => new Selector(), { covers: [name, `${name}.fileno`] });
  walks.on(
    `${name}.close`,
    late(() => new Selector()),
    ({ watcher }) => watcher.close(),
  );
}
for (const Selector of [PollSelector, SelectSelector]) {
  walks.pure(Selector.name, () => new Selector());
  walks.pure(`${Selector.name}.close`, () => new Selector().close());
}
