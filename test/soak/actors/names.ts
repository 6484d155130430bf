// Look-ups off the event loop, some of which are given up, and connecting by name.

import * as socket from 'berkeley-sockets/promises';
import { type Episode, isBroken } from '../episode.js';

async function look(episode: Episode): Promise<void> {
  episode.begin('getaddrinfo');
  const patience = episode.patience(30);
  try {
    const entries = await socket.getaddrinfo(
      'localhost',
      80,
      0,
      socket.SOCK_STREAM,
      0,
      0,
      patience.options,
    );
    episode.expect(entries.length > 0, 'localhost has no address');
  } catch (error) {
    if (!patience.isOver(error)) throw error;
    episode.world.count('getaddrinfo given up');
  } finally {
    patience.end();
  }
}

async function name(episode: Episode): Promise<void> {
  episode.begin('getnameinfo');
  const flags = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV;
  const [host, service] = await socket.getnameinfo(['127.0.0.1', 4711], flags);
  episode.expect(host === '127.0.0.1' && service === '4711', `getnameinfo gave ${host} ${service}`);
}

async function connect(episode: Episode): Promise<void> {
  const { random } = episode;
  episode.begin('create_connection by name');
  const server = episode.closing(await socket.create_server(['127.0.0.1', 0]));
  const port = server.getsockname()[1];
  const patience = episode.patience(30);
  const accepting = server.accept().then(
    ([sock]) => sock.close(),
    (error) => {
      if (!isBroken(error)) throw error;
    },
  );
  // It may fail before it is waited for.
  accepting.catch(() => {});
  try {
    const client = await socket.create_connection(['localhost', port], {
      ...(random.chance(0.5) && { happy_eyeballs_delay: random.integer(0, 5) / 1000 }),
      ...(random.chance(0.5) ? { timeout: 10 } : patience.options),
    } as never);
    client.close();
  } catch (error) {
    // A connection that is given up may have been attempted at ::1 only, where nobody listens.
    const { code } = error as socket.OSError;
    if (!patience.isOver(error) && code !== 'ECONNREFUSED') throw error;
  } finally {
    patience.end();
    server.close();
  }
  await accepting;
}

export async function names(episode: Episode): Promise<void> {
  await episode.random.pick([look, name, connect])(episode);
  await episode.pause(100);
}
