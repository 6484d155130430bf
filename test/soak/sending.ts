// The ways to send a stream of bytes, each of which sends some of what is left.

import type { FileHandle } from 'node:fs/promises';
import { MSG_DONTWAIT } from 'berkeley-sockets';
import * as socket from 'berkeley-sockets/promises';
import { type Flow, LONGEST } from './bytes.js';
import type { Episode } from './episode.js';
import type { Sock } from './links.js';

interface Sending {
  readonly episode: Episode;
  readonly sock: Sock;
  readonly flow: Flow;
  readonly file: FileHandle;
}

type Way = (sending: Sending, length: number) => Promise<void>;

const WAYS: Readonly<Record<string, Way>> = {
  async send({ sock, flow }, length) {
    flow.sent += await sock.send(flow.next(length));
  },
  async sendall({ sock, flow }, length) {
    await sock.sendall(flow.next(length));
    flow.sent += length;
  },
  async 'sendall, two at once'({ sock, flow }, length) {
    const first = sock.sendall(flow.next(length));
    flow.sent += length;
    const second = sock.sendall(flow.next(length));
    flow.sent += length;
    await Promise.all([first, second]);
  },
  async sendmsg({ episode, sock, flow }, length) {
    const cut = episode.random.integer(0, length);
    const data = flow.next(length);
    flow.sent += await sock.sendmsg([data.subarray(0, cut), data.subarray(cut)]);
  },
  async sendfile({ sock, flow, file }, length) {
    const count = await sock.sendfile(file, flow.place(flow.sent), length);
    flow.sent += count;
  },
  async 'send with little patience'({ episode, sock, flow }, length) {
    const patience = episode.patience();
    try {
      flow.sent += await sock.send(flow.next(length), patience.options);
    } catch (error) {
      if (!patience.isOver(error)) throw error;
      episode.world.count('send given up');
    } finally {
      patience.end();
    }
  },
  async 'send, blocking flavour'({ episode, sock, flow }, length) {
    try {
      flow.sent += sock.blocking.send(flow.next(length), MSG_DONTWAIT);
    } catch (error) {
      if (!(error instanceof socket.BlockingIOError)) throw error;
      episode.begin('wait_writable');
      await socket.wait_writable(sock);
    }
  },
  async 'makefile and write'({ sock, flow }, length) {
    const file = sock.makefile('wb');
    await file.write(flow.next(length));
    await file.flush();
    await file.close();
    flow.sent += length;
  },
};

const NAMES = Object.keys(WAYS);
/** Bytes of the longest piece. */
const PIECE = 128 * 1024;

/** Sends `total` bytes in pieces and in ways that chance chooses. */
export async function sendCalls(sending: Sending, total: number): Promise<void> {
  const { episode, flow } = sending;
  while (flow.sent < total) {
    const name = episode.random.pick(NAMES);
    episode.begin(name);
    await (WAYS[name] as Way)(sending, Math.min(episode.random.size(PIECE), LONGEST));
    await episode.pause();
  }
}
