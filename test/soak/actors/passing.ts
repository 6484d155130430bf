// Descriptors that travel over AF_UNIX sockets: what comes has to be what was sent.

import { closeSync, openSync, readSync } from 'node:fs';
import * as blocking from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as socket from 'berkeley-sockets/promises';
import type { Episode } from '../episode.js';
import type { Sock } from '../links.js';

const MOST = 6;
const KINDS = [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET];

/** Something whose descriptor is sent, and the proof that a descriptor is a copy of it. */
interface Parcel {
  readonly fd: number;
  prove(fd: number): Promise<void>;
  /** Closes this side's descriptor. */
  close(): void;
}

/** One end of a pair in which a token waits. */
async function socketParcel(episode: Episode): Promise<Parcel> {
  const token = episode.flow('token').next(16);
  const [keeps, goes] = socket.socketpair();
  episode.closing(keeps);
  episode.closing(goes);
  await keeps.sendall(token);
  return {
    fd: goes.fileno(),
    close: () => goes.close(),
    async prove(fd) {
      using copy = new socket.socket<number>({ fileno: fd });
      const came = await copy.recv(100, { timeout: 10 });
      episode.expect(came.equals(token), 'another descriptor has come than was sent');
      episode.world.bytes += came.length;
      await copy.sendall(came);
      const back = await keeps.recv(100, { timeout: 10 });
      episode.expect(back.equals(token), 'the copy of a descriptor leads elsewhere');
    },
  };
}

/** The file with the table, which is closed by node:fs as it was opened. */
function fileParcel(episode: Episode): Parcel {
  const fd = openSync(episode.world.file, 'r');
  const own = { close: () => closeSync(fd) };
  let isOpen = true;
  const close = () => {
    if (isOpen) own.close();
    isOpen = false;
  };
  episode.closing({ close });
  return {
    fd,
    close,
    async prove(copy) {
      const memory = Buffer.alloc(8);
      episode.expect(readSync(copy, memory, 0, 8, 0) === 8, 'a file cannot be read');
      socket.close(copy);
    },
  };
}

type Receive = (episode: Episode, sock: Sock) => Promise<[fds: number[], flags: number]>;

const SENDS: Readonly<Record<string, (sock: Sock, fds: number[]) => Promise<unknown>>> = {
  send_fds: (sock, fds) => socket.send_fds(sock as never, [Buffer.from('fds')], fds),
  'sendmsg with SCM_RIGHTS': (sock, fds) =>
    sock.sendmsg([Buffer.from('fds')], [ancillary.encode('SCM_RIGHTS', fds)]),
  async 'send_fds, blocking flavour'(sock, fds) {
    blocking.send_fds(sock.blocking as never, [Buffer.from('fds')], fds);
  },
};

const RECEIVES: Readonly<Record<string, Receive>> = {
  async recv_fds(_, sock) {
    const [, fds, flags] = await socket.recv_fds(sock as never, 100, MOST);
    return [fds, flags];
  },
  async 'recvmsg with SCM_RIGHTS'(_, sock) {
    const room = socket.CMSG_SPACE(4 * MOST);
    const [, messages, flags] = await sock.recvmsg(100, room);
    return [[...(ancillary.get(messages, 'SCM_RIGHTS') ?? [])], flags];
  },
  async 'recv_fds, blocking flavour'(episode, sock) {
    const [, fds, flags] = episode.again(() =>
      blocking.recv_fds(sock.blocking as never, 100, MOST),
    );
    return [fds, flags];
  },
};

async function pass(episode: Episode, near: Sock, far: Sock): Promise<void> {
  const { random, world } = episode;
  const parcels: Parcel[] = [];
  for (let count = random.integer(1, MOST); count > 0; count--) {
    parcels.push(random.chance(0.8) ? await socketParcel(episode) : fileParcel(episode));
  }
  const sending = random.pick(Object.keys(SENDS));
  episode.begin(sending);
  await SENDS[sending]?.(
    near,
    parcels.map(({ fd }) => fd),
  );
  // From here on they exist within the message only.
  for (const parcel of parcels) parcel.close();
  const start = performance.now();
  const receiving = random.pick(Object.keys(RECEIVES));
  episode.begin(receiving);
  const [fds, flags] = await (RECEIVES[receiving] as Receive)(episode, far);
  if (fds.length < parcels.length) {
    // At the limit of descriptors the kernel leaves out those that it cannot open (unix(7)).
    const isExcused = world.wasScarceSince(start) && (flags & socket.MSG_CTRUNC) !== 0;
    if (!isExcused) {
      for (const fd of fds) socket.close(fd);
      episode.fail(`${fds.length} of ${parcels.length} descriptors have come`);
    }
    world.count('descriptors cut off at the limit', parcels.length - fds.length);
  }
  world.count('descriptors passed', fds.length);
  const left = [...fds];
  try {
    for (const [index, parcel] of parcels.entries()) {
      const fd = left[0];
      if (fd === undefined) break;
      left.shift();
      episode.last = `proving descriptor ${index}`;
      await parcel.prove(fd);
    }
  } finally {
    for (const fd of left) socket.close(fd);
  }
}

export async function passing(episode: Episode): Promise<void> {
  const { random } = episode;
  const [near, far] = socket.socketpair(socket.AF_UNIX, random.pick(KINDS)) as [Sock, Sock];
  episode.closing(near);
  episode.closing(far);
  for (let round = random.integer(1, 10); round > 0; round--) {
    await pass(episode, near, far);
    await episode.pause();
  }
  if (random.chance(0.3)) {
    // Nobody receives these: the kernel closes them with the queue they wait in.
    episode.begin('send_fds to nobody');
    const parcel = await socketParcel(episode);
    await socket.send_fds(near as never, [Buffer.from('fds')], [parcel.fd, parcel.fd]);
  }
  if (random.chance(0.3)) {
    // Too little room: what does not fit must not stay open anywhere.
    episode.begin('recvmsg that cuts SCM_RIGHTS');
    const parcel = await socketParcel(episode);
    if (near.type === socket.SOCK_STREAM) return;
    await socket.send_fds(near as never, [Buffer.from('fds')], [parcel.fd, parcel.fd, parcel.fd]);
    await far.recv(100, { timeout: 10 });
  }
}
