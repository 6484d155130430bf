// The limit of descriptors (RLIMIT_NOFILE) is reached and left, while all others go on.

import { setTimeout as delay } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import type { Episode } from '../episode.js';
import { descriptorCount } from '../inventory.js';
import { limitDescriptors } from '../limits.js';

/** Descriptors that are left at most. */
const LEFT = 10;

/** Opens until there is no more room; each way has to say EMFILE, and to leave nothing open. */
async function exhaust(episode: Episode): Promise<void> {
  const { random } = episode;
  const [listener, address] = await (async () => {
    const server = episode.closing(await socket.create_server(['127.0.0.1', 0]));
    return [server, server.getsockname()] as const;
  })();
  const client = episode.closing(new socket.socket());
  await client.connect(address);
  const ways: Readonly<Record<string, () => unknown>> = {
    socket: () => episode.closing(new socket.socket()),
    'socket, blocking flavour': () => episode.closing(new blocking.socket()),
    socketpair: () => socket.socketpair().map((sock) => episode.closing(sock)),
    dup: () => episode.closing(client.dup()),
    'dup of a number': () => {
      const fd = socket.dup(client.fileno());
      episode.closing({ close: () => socket.close(fd) });
    },
  };
  const names = Object.keys(ways);
  const refused = new Set<string>();
  // Others close what they have meanwhile, so that there may be room again.
  for (let tries = 0; tries < 200 && refused.size < names.length; tries++) {
    const name = random.pick(names);
    episode.begin('open at the limit');
    try {
      ways[name]?.();
    } catch (error) {
      const isRight = error instanceof socket.OSError && error.code === 'EMFILE';
      if (!isRight) throw error;
      refused.add(name);
    }
  }
  episode.world.count('refused at the limit (EMFILE)', refused.size);
  if (refused.size < names.length) return;
  episode.begin('accept at the limit');
  try {
    episode.closing((await listener.accept({ timeout: 1 }))[0]);
  } catch (error) {
    const isRight = error instanceof socket.OSError && error.code === 'EMFILE';
    if (!isRight) throw error;
    // The connection is still in the queue.
    episode.world.count('refused at the limit (EMFILE)');
  }
}

export async function scarcity(episode: Episode): Promise<void> {
  const { random, world } = episode;
  for (let wait = random.integer(5, 30); wait > 0 && !world.isPausing; wait--) await delay(100);
  await world.squeezing(async () => {
    try {
      const isLimited = await limitDescriptors(
        (descriptorCount() ?? LEFT) + random.integer(0, LEFT),
      );
      if (!isLimited) {
        world.count('descriptors not limited: there is no prlimit');
        return;
      }
      world.count('limits reached and left');
      // Twice: this actor may be refused what it needs itself.
      await exhaust(episode);
      await delay(random.integer(0, 300));
    } finally {
      episode.close();
      await limitDescriptors(null);
    }
  });
  episode.begin('open after the limit');
  using sock = new socket.socket();
  episode.expect(sock.fileno() >= 0, 'nothing can be opened after the limit');
}
