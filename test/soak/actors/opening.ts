// Descriptors that come and go: options, copies, sockets that are dropped, closing while something
// waits, numbers that somebody else has a moment later.

import { setImmediate as turn } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import type { Episode } from '../episode.js';
import type { Sock } from '../links.js';

const MOST = 40;
/** Milliseconds after which a call on a closed socket counts as hanging. */
const LIMIT = 10_000;

const FAMILIES = [
  [socket.AF_INET, socket.SOCK_STREAM],
  [socket.AF_INET, socket.SOCK_DGRAM],
  [socket.AF_INET6, socket.SOCK_STREAM],
  [socket.AF_INET6, socket.SOCK_DGRAM],
  [socket.AF_UNIX, socket.SOCK_STREAM],
  [socket.AF_UNIX, socket.SOCK_DGRAM],
  [socket.AF_UNIX, socket.SOCK_SEQPACKET],
] as const;

/** Opens, asks and closes, or closes a copy first. */
function inquire(episode: Episode): void {
  const { random } = episode;
  for (let count = random.integer(1, MOST); count > 0; count--) {
    const [family, type] = random.pick(FAMILIES);
    episode.begin('socket, options, dup, detach, close');
    const Class = random.chance(0.5) ? blocking.socket<number> : socket.socket<number>;
    using sock = new Class(family, type);
    const size = random.integer(5000, 50_000);
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size);
    // The kernel doubles it (socket(7)).
    const kept = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF);
    episode.expect(kept === 2 * size, `SO_SNDBUF is ${kept} instead of ${2 * size}`);
    using copy = sock.dup();
    episode.expect(copy.fileno() !== sock.fileno(), 'a copy has the same number');
    if (random.chance(0.5)) socket.close(copy.detach());
    episode.expect(sock.type === type && sock.family === family, `${sock} is another socket`);
  }
}

/** Sockets that nobody closes, some of them with copies of each other. */
function drop(episode: Episode): void {
  for (let count = episode.random.integer(1, 10); count > 0; count--) {
    episode.begin('socket that is dropped');
    if (episode.random.chance(0.5)) socket.socketpair();
    else blocking.socketpair()[0].dup();
  }
}

async function settled(episode: Episode, call: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, LIMIT, 'late');
  });
  try {
    return await Promise.race([call.then(() => 'done').catch((error) => error), late]);
  } finally {
    clearTimeout(timer);
    episode.last = 'a call on a closed socket';
  }
}

/** Closes a socket on which calls wait; the number is used again at once. */
async function closeWhileWaiting(episode: Episode): Promise<void> {
  const { random } = episode;
  episode.begin('close while waiting, number reused');
  const [near, far] = socket.socketpair() as [Sock, Sock];
  episode.closing(near);
  episode.closing(far);
  const memory = Buffer.alloc(100);
  const calls = Array.from({ length: random.integer(1, 5) }, () =>
    random.chance(0.5) ? far.recv(100) : far.recv_into(memory),
  ).map((call) => settled(episode, call));
  if (random.chance(0.5)) await turn();
  const number = far.fileno();
  if (random.chance(0.5)) await near.send(Buffer.from('x'));
  far.close();
  const [first, second] = socket.socketpair() as [Sock, Sock];
  episode.closing(first);
  episode.closing(second);
  if (first.fileno() === number || second.fileno() === number) {
    episode.world.count('descriptor numbers reused at once');
  }
  const flow = episode.flow('reused number');
  flow.sent += await first.send(flow.next(50));
  let taken = 0;
  for (const outcome of await Promise.all(calls)) {
    if (outcome === 'done') taken++;
    else {
      const isClosed = outcome instanceof socket.OSError && outcome.errno === socket.EBADF;
      episode.expect(isClosed, `a call on a closed socket has ended with ${outcome}`);
    }
  }
  episode.expect(taken <= 1, `${taken} calls have received one byte`);
  episode.take(flow, await second.recv(100, { timeout: 10 }));
  flow.finish();
}

/** Connects to a listener that closes at some moment: accepted, refused or reset, and no more. */
async function acceptAndClose(episode: Episode): Promise<void> {
  const { random } = episode;
  episode.begin('accept and connect while the listener closes');
  const server = episode.closing(await socket.create_server(['127.0.0.1', 0]));
  const address = server.getsockname();
  const accepted: { close(): void }[] = [];
  const accepting = Array.from({ length: random.integer(1, 4) }, async () => {
    accepted.push((await server.accept())[0]);
  }).map((call) => settled(episode, call));
  const connecting = Array.from({ length: random.integer(1, 4) }, async () => {
    const client = episode.closing(new socket.socket());
    await client.connect(address, { timeout: 10 });
  }).map((call) => settled(episode, call));
  if (random.chance(0.5)) await turn();
  server.close();
  try {
    for (const outcome of await Promise.all([...accepting, ...connecting])) {
      if (outcome === 'done') continue;
      const { code } = outcome as socket.OSError;
      const known = ['EBADF', 'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EMFILE'];
      episode.expect(known.includes(code as string), `accept or connect ended with ${outcome}`);
      if (code === 'EMFILE') {
        episode.expect(episode.world.wasScarceSince(episode.began), 'EMFILE without a limit');
      }
    }
  } finally {
    for (const sock of accepted) sock.close();
  }
}

const ACTS = [inquire, drop, closeWhileWaiting, acceptAndClose];

export async function opening(episode: Episode): Promise<void> {
  for (let count = episode.random.integer(1, 5); count > 0; count--) {
    await episode.random.pick(ACTS)(episode);
    await episode.pause(20);
  }
}
