// Connected pairs of sockets of every kind, in the promise flavour.

import * as socket from 'berkeley-sockets/promises';
import type { Episode } from './episode.js';

export type Sock = socket.socket<number>;

export interface Link {
  readonly kind: string;
  /** Bytes that pass in a second or so in one direction. */
  readonly most: number;
  readonly near: Sock;
  readonly far: Sock;
}

const MUCH = 4 << 20;
const LITTLE = 16 << 10;

const LOCAL: Readonly<Record<string, readonly [family: number, address: unknown]>> = {
  'TCP over IPv4': [socket.AF_INET, ['127.0.0.1', 0]],
  'TCP over IPv6': [socket.AF_INET6, ['::1', 0]],
  // An empty name gives an AF_UNIX socket an abstract one of the kernel's choice (unix(7)).
  'AF_UNIX stream': [socket.AF_UNIX, ''],
};

async function connected(episode: Episode, kind: string): Promise<Link> {
  const [family, address] = LOCAL[kind] as readonly [number, unknown];
  episode.begin(`connect (${kind})`);
  const server = episode.closing(new socket.socket<number>(family));
  await server.bind(address as never);
  server.listen();
  const near = episode.closing(new socket.socket<number>(family));
  const [[far]] = await episode.together(
    server.accept().then(([sock, from]) => [episode.closing(sock), from] as const),
    near.connect(server.getsockname() as never),
  );
  server.close();
  return { kind, most: MUCH, near, far };
}

function paired(episode: Episode, kind: string, type: number): Link {
  episode.begin(kind);
  const [near, far] = socket.socketpair(socket.AF_UNIX, type);
  return {
    kind,
    most: MUCH,
    near: episode.closing(near as Sock),
    far: episode.closing(far as Sock),
  };
}

/** Two connected sockets with a stream of bytes in each direction. */
export async function streamLink(episode: Episode): Promise<Link> {
  const kind = episode.random.pick(['socketpair', ...Object.keys(LOCAL)]);
  const link =
    kind === 'socketpair'
      ? paired(episode, 'socketpair (stream)', socket.SOCK_STREAM)
      : await connected(episode, kind);
  if (episode.random.chance(0.7)) return link;
  // Small buffers make both sides wait; TCP waits for its delayed acknowledgements, too.
  link.near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096);
  link.far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096);
  return { ...link, most: LITTLE };
}

async function udpLink(episode: Episode, family: number, host: string): Promise<Link> {
  const kind = family === socket.AF_INET ? 'UDP over IPv4' : 'UDP over IPv6';
  episode.begin(kind);
  const [near, far] = [0, 1].map(() =>
    episode.closing(new socket.socket<number>(family, socket.SOCK_DGRAM)),
  ) as [Sock, Sock];
  await near.bind([host, 0] as never);
  await far.bind([host, 0] as never);
  await near.connect(far.getsockname() as never);
  await far.connect(near.getsockname() as never);
  return { kind, most: MUCH, near, far };
}

/** Two connected sockets that keep messages apart. */
export async function messageLink(episode: Episode): Promise<Link> {
  switch (episode.random.integer(0, 3)) {
    case 0:
      return paired(episode, 'socketpair (datagrams)', socket.SOCK_DGRAM);
    case 1:
      return paired(episode, 'socketpair (seqpacket)', socket.SOCK_SEQPACKET);
    case 2:
      return await udpLink(episode, socket.AF_INET, '127.0.0.1');
    default:
      return await udpLink(episode, socket.AF_INET6, '::1');
  }
}
