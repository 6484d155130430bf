// socketserver: servers in threads, in processes and on the loop, with clients that check each byte
// and clients that break off.

import { setTimeout as delay } from 'node:timers/promises';
import * as socket from 'berkeley-sockets/promises';
import { type Episode, isBroken } from '../episode.js';
import {
  AsyncEcho,
  AsyncUnixEcho,
  Echo,
  FileEcho,
  LoopServer,
  ProcessServer,
  ThreadServer,
  UnixLoopServer,
} from '../handlers.js';
import type { Sock } from '../links.js';

/** Bytes that a client has echoed at most. */
const MOST = 1 << 18;
const PIECE = 16 * 1024;
const LOCAL: [string, number] = ['127.0.0.1', 0];

interface Way {
  readonly name: string;
  readonly clients: number;
  make(episode: Episode): LoopServer | UnixLoopServer | ThreadServer | ProcessServer;
}

const ON_THE_LOOP: readonly Way[] = [
  { name: 'AsyncTCPServer', clients: 25, make: () => new LoopServer(LOCAL, AsyncEcho) },
  { name: 'AsyncUnixStreamServer', clients: 25, make: () => new UnixLoopServer('', AsyncUnixEcho) },
];

const ELSEWHERE: readonly Way[] = [
  {
    name: 'ThreadingTCPServer',
    clients: 8,
    make: ({ random }) => new ThreadServer(LOCAL, random.chance(0.5) ? Echo : FileEcho),
  },
  {
    name: 'ForkingTCPServer',
    clients: 4,
    make: ({ random }) => new ProcessServer(LOCAL, random.chance(0.5) ? Echo : FileEcho),
  },
];

async function connect(episode: Episode, address: unknown): Promise<Sock> {
  if (Array.isArray(address)) {
    const client = await socket.create_connection(address as [string, number]);
    return episode.closing(client) as Sock;
  }
  const client = episode.closing(new socket.socket(socket.AF_UNIX));
  await client.connect(address as Buffer);
  return client as Sock;
}

async function ask(episode: Episode, address: unknown, name: string): Promise<void> {
  const { random } = episode;
  const isRude = random.chance(0.2);
  const client = await connect(episode, address);
  const flow = episode.flow(`client of ${name}`);
  const total = random.size(MOST);
  episode.begin(`${name}: request`);
  const sending = async () => {
    while (flow.sent < total) {
      const piece = flow.next(Math.min(total - flow.sent, random.size(PIECE)));
      await client.sendall(piece);
      flow.sent += piece.length;
      await episode.pause();
      if (isRude && random.chance(0.2)) {
        client.close();
        return;
      }
    }
    client.shutdown(socket.SHUT_WR);
  };
  const receiving = async () => {
    for (;;) {
      const data = await client.recv(random.size(PIECE));
      if (data.length === 0) break;
      episode.take(flow, data);
    }
    if (!isRude) flow.finish();
  };
  const rude = (error: unknown) => {
    if (!isRude || !isBroken(error)) throw error;
  };
  const own = String(client.getsockname());
  await Promise.all([sending().catch(rude), receiving().catch(rude)]).catch((error) => {
    (error as Error).message += ` (client ${own})`;
    throw error;
  });
  client.close();
}

async function serve(episode: Episode, { name, clients, make }: Way): Promise<void> {
  const { random, world } = episode;
  const began = performance.now();
  episode.begin(name);
  const server = make(episode);
  const serving = server.serve_forever();
  const asking = Array.from({ length: random.integer(1, clients) }, async () => {
    await delay(random.integer(0, 300));
    try {
      await ask(episode, server.server_address, name);
    } catch (error) {
      // A server that cannot open another descriptor drops the connection.
      if (!isBroken(error) || !world.wasScarceSince(began)) throw error;
    }
  });
  const thrown = () => ('errors' in server ? server.errors : []);
  try {
    await episode.together(...asking);
  } catch (error) {
    const lines = thrown().map((each) => `${each.client}: ${each.error}`);
    (error as Error).cause ??= `handlers threw\n${lines.join('\n')}`;
    throw error;
  } finally {
    episode.last = `${name}: shutdown`;
    await server.shutdown();
    await serving;
    episode.last = `${name}: server_close`;
    await server.server_close();
  }
  for (const { error } of thrown()) if (!isBroken(error)) throw error;
}

/** Servers on the event loop, also while descriptors are scarce. */
export async function loopServers(episode: Episode): Promise<void> {
  await serve(episode, episode.random.pick(ON_THE_LOOP));
}

/** Servers that start threads or processes. */
export async function pooledServers(episode: Episode): Promise<void> {
  await episode.world.starting(async () => {
    await serve(
      episode,
      episode.random.chance(0.75) ? (ELSEWHERE[0] as Way) : (ELSEWHERE[1] as Way),
    );
  });
  await episode.pause(500);
}
