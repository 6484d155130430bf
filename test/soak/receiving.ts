// The ways to receive a stream of bytes, each of which says whether it goes on.

import { MSG_DONTWAIT } from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import type { Flow } from './bytes.js';
import type { Episode } from './episode.js';
import type { Sock } from './links.js';

interface Receiving {
  readonly episode: Episode;
  readonly sock: Sock;
  readonly flow: Flow;
}

/** Gives false at the end of the stream. */
type Way = (receiving: Receiving, length: number) => Promise<boolean>;

/** What memory holds that nothing was received into. */
const UNTOUCHED = 0xa5;

function take({ episode, flow }: Receiving, data: Uint8Array): boolean {
  episode.take(flow, data);
  return data.length > 0;
}

/** Takes what came into memory, of which the rest must be as it was. */
function takeInto(receiving: Receiving, memory: Buffer, length: number): boolean {
  const rest = memory.subarray(length);
  const isUntouched = rest.every((byte) => byte === UNTOUCHED);
  receiving.episode.expect(isUntouched, `bytes were written beyond the ${length} that came`);
  return take(receiving, memory.subarray(0, length));
}

function room(length: number): Buffer {
  return Buffer.alloc(length, UNTOUCHED);
}

const WAYS: Readonly<Record<string, Way>> = {
  async recv(receiving, length) {
    return take(receiving, await receiving.sock.recv(length));
  },
  async recv_into(receiving, length) {
    const memory = room(length);
    return takeInto(receiving, memory, await receiving.sock.recv_into(memory));
  },
  async recvfrom(receiving, length) {
    const [data] = await receiving.sock.recvfrom(length);
    return take(receiving, data);
  },
  async recvfrom_into(receiving, length) {
    const memory = room(length);
    const [count] = await receiving.sock.recvfrom_into(memory);
    return takeInto(receiving, memory, count);
  },
  async recvmsg(receiving, length) {
    const [data] = await receiving.sock.recvmsg(length, 64);
    return take(receiving, data);
  },
  async recvmsg_into(receiving, length) {
    const memory = room(length);
    const cut = receiving.episode.random.integer(0, length);
    const [count] = await receiving.sock.recvmsg_into([
      memory.subarray(0, cut),
      memory.subarray(cut),
    ]);
    return takeInto(receiving, memory, count);
  },
  async 'recv, three at once'(receiving, length) {
    const { sock } = receiving;
    const pieces = await Promise.all([sock.recv(length), sock.recv(length), sock.recv(length)]);
    let goesOn = true;
    for (const piece of pieces) {
      if (!goesOn && piece.length > 0) receiving.episode.fail('bytes came after the end');
      goesOn = take(receiving, piece);
    }
    return goesOn;
  },
  async 'recv to look (MSG_PEEK)'({ sock, flow }, length) {
    const data = await sock.recv(length, socket.MSG_PEEK);
    flow.check(data);
    return data.length > 0;
  },
  async 'recv with little patience'(receiving, length) {
    const { episode, sock } = receiving;
    const patience = episode.patience();
    try {
      return take(receiving, await sock.recv(length, patience.options));
    } catch (error) {
      if (!patience.isOver(error)) throw error;
      episode.world.count('recv given up');
      return true;
    } finally {
      patience.end();
    }
  },
  async 'recv, blocking flavour'(receiving, length) {
    const { episode, sock } = receiving;
    try {
      return take(receiving, sock.blocking.recv(length, MSG_DONTWAIT));
    } catch (error) {
      if (!(error instanceof socket.BlockingIOError)) throw error;
      episode.begin('wait_readable');
      await socket.wait_readable(sock);
      return true;
    }
  },
  async 'makefile and read, unbuffered'(receiving, length) {
    const file = receiving.sock.makefile('rb', 0);
    const data = await file.read(length);
    await file.close();
    return take(receiving, data as Buffer);
  },
};

const NAMES = Object.keys(WAYS);
/** Bytes of the longest piece. */
const PIECE = 128 * 1024;

/** Receives until the end in pieces and in ways that chance chooses. */
export async function receiveCalls(receiving: Receiving): Promise<void> {
  const { episode } = receiving;
  for (;;) {
    const name = episode.random.pick(NAMES);
    episode.begin(name);
    if (!(await (WAYS[name] as Way)(receiving, episode.random.size(PIECE)))) return;
    await episode.pause();
  }
}
