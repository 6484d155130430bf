// Waiting for many descriptors at once: exactly those that have something must be named.

import { setTimeout as delay } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import type { Flow } from '../bytes.js';
import type { Episode } from '../episode.js';
import type { Sock } from '../links.js';

interface Pair {
  readonly near: Sock;
  readonly far: Sock;
  readonly flow: Flow;
}

/** Asks which of the far ends can be read, in seconds; the numbers of their descriptors. */
type Ask = (seconds: number) => Promise<number[]> | number[];

interface Asker {
  readonly name: string;
  readonly ask: Ask;
  close(): void;
}

/** Seconds within which what is sent is certain to come. */
const LONG = 30;

const SELECTORS = [
  selectors.EpollSelector,
  selectors.PollSelector,
  selectors.SelectSelector,
] as const;

function selectorAsker(episode: Episode, pairs: readonly Pair[]): Asker {
  const selector = new (episode.random.pick(SELECTORS))();
  for (const { far } of pairs) selector.register(far, selectors.EVENT_READ);
  const isAwaited = episode.random.chance(0.7);
  return {
    name: isAwaited ? 'selector: select_async' : 'selector: select',
    close: () => selector.close(),
    async ask(seconds) {
      const ready = isAwaited ? await selector.select_async(seconds) : selector.select(seconds);
      return ready.map(([key]) => key.fd);
    },
  };
}

function selectAsker(episode: Episode, pairs: readonly Pair[]): Asker {
  const ends = pairs.map(({ far }) => far);
  const isAwaited = episode.random.chance(0.7);
  return {
    name: isAwaited ? 'select_async' : 'select',
    close() {},
    async ask(seconds) {
      const [ready] = isAwaited
        ? await select.select_async(ends, [], [], seconds)
        : episode.againWithin(seconds, (left) => select.select(ends, [], [], left));
      return ready.map((sock) => sock.fileno());
    },
  };
}

function pollAsker(episode: Episode, pairs: readonly Pair[]): Asker {
  const set = select.poll();
  for (const { far } of pairs) set.register(far, select.POLLIN);
  const isAwaited = episode.random.chance(0.7);
  return {
    name: isAwaited ? 'poll_async' : 'poll',
    close() {},
    async ask(seconds) {
      const ready = isAwaited
        ? await set.poll_async(seconds * 1000)
        : episode.againWithin(seconds, (left) => set.poll(left * 1000));
      return ready.map(([fd]) => fd);
    },
  };
}

function epollAsker(episode: Episode, pairs: readonly Pair[]): Asker {
  const set = new select.epoll();
  for (const { far } of pairs) set.register(far, select.EPOLLIN as number);
  const isAwaited = episode.random.chance(0.7);
  return {
    name: isAwaited ? 'epoll: poll_async' : 'epoll: poll',
    close: () => set.close(),
    async ask(seconds) {
      const ready = isAwaited
        ? await set.poll_async(seconds)
        : episode.againWithin(seconds, (left) => set.poll(left));
      return ready.map(([fd]) => fd);
    },
  };
}

const ASKERS = [selectorAsker, selectAsker, pollAsker, epollAsker];

/** Reads all that is there in the blocking flavour, which does not wait. */
function drain(episode: Episode, { far, flow }: Pair): void {
  while (flow.received < flow.sent) {
    episode.take(flow, far.blocking.recv(100_000, blocking.MSG_DONTWAIT));
  }
}

async function round(episode: Episode, pairs: readonly Pair[], asker: Asker): Promise<void> {
  const { random } = episode;
  const chosen = pairs.filter(() => random.chance(0.3));
  const write = async () => {
    for (const { near, flow } of chosen) {
      flow.sent += await near.send(flow.next(random.size(1000)));
    }
  };
  // Either it is there before, or it comes while somebody waits.
  const isEarly = random.chance(0.5);
  if (isEarly) await write();
  episode.begin(asker.name);
  const seconds = chosen.length > 0 && random.chance(0.5) ? LONG : random.integer(0, 10) / 1000;
  const asked = performance.now();
  const asking = isEarly || asker.name.endsWith('_async') ? asker.ask(seconds) : undefined;
  const writing = isEarly ? undefined : delay(random.integer(0, 3)).then(write);
  const [ready] = await episode.together(Promise.resolve(asking), Promise.resolve(writing));
  if (ready !== undefined) {
    const known = new Set(
      pairs.filter((pair) => chosen.includes(pair)).map(({ far }) => far.fileno()),
    );
    for (const fd of ready) episode.expect(known.has(fd), 'a descriptor is ready without a cause');
    if (isEarly) {
      const isInterrupted = asker.name === 'selector: select' && ready.length === 0;
      episode.expect(
        ready.length === known.size || isInterrupted,
        `${asker.name}: ${ready.length} of ${known.size} descriptors are ready`,
      );
    }
    if (seconds === LONG) {
      const took = performance.now() - asked;
      const isTold = ready.length > 0 && took < LONG * 1000;
      episode.expect(isTold, `${asker.name} gave ${ready.length} descriptors after ${took} ms`);
    }
  }
  for (const pair of chosen) drain(episode, pair);
}

export async function selecting(episode: Episode): Promise<void> {
  const { random } = episode;
  const pairs = Array.from({ length: random.integer(2, 40) }, (_, index): Pair => {
    const [near, far] = socket.socketpair() as [Sock, Sock];
    return {
      near: episode.closing(near),
      far: episode.closing(far),
      flow: episode.flow(`selected pair ${index}`),
    };
  });
  for (let count = random.integer(1, 5); count > 0; count--) {
    const asker = episode.closing(random.pick(ASKERS)(episode, pairs));
    for (let rounds = random.integer(1, 10); rounds > 0; rounds--) {
      await round(episode, pairs, asker);
      await episode.pause();
    }
    asker.close();
  }
}
