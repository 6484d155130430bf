// Pairs that keep messages apart: UDP, AF_UNIX datagrams and seqpackets, one by one and in batches.

import * as socket from 'berkeley-sockets/promises';
import type { Episode } from '../episode.js';
import { messageLink, type Sock } from '../links.js';
import { Messages } from '../messages.js';

/** Messages that are on their way at once: an AF_UNIX queue takes 10 (net.unix.max_dgram_qlen). */
const WINDOW = 8;
/** Bytes of the longest message. */
const LONGEST = 8000;
/** Seconds after which a datagram counts as lost. */
const PATIENCE = 2;

interface Side {
  readonly episode: Episode;
  readonly sock: Sock;
  readonly messages: Messages;
}

const sizes = (episode: Episode, count: number) =>
  Array.from({ length: count }, () => episode.random.size(LONGEST));

/** Each sends `count` messages. */
const SENDS: Readonly<Record<string, (side: Side, count: number) => Promise<void>>> = {
  async 'send a datagram'({ episode, sock, messages }, count) {
    for (const size of sizes(episode, count)) await sock.send(messages.make(size));
  },
  async 'send a datagram, blocking flavour'({ episode, sock, messages }, count) {
    const { blocking } = sock;
    for (const size of sizes(episode, count)) {
      const message = messages.make(size);
      episode.again(() => blocking.send(message));
    }
  },
  async 'sendmsg of a datagram'({ episode, sock, messages }, count) {
    for (const size of sizes(episode, count)) {
      const message = messages.make(size);
      const cut = episode.random.integer(0, message.length);
      await sock.sendmsg([message.subarray(0, cut), message.subarray(cut)]);
    }
  },
  async sendmmsg({ episode, sock, messages }, count) {
    let batch = sizes(episode, count).map((size) => messages.make(size));
    while (batch.length > 0) {
      const sent = await sock.sendmmsg(batch);
      episode.expect(
        sent.every((length, index) => length === batch[index]?.length),
        `sendmmsg sent ${sent}`,
      );
      batch = batch.slice(sent.length);
    }
  },
  async sendmmsg_from({ episode, sock, messages }, count) {
    const batch = new socket.MessageBatch(count, LONGEST);
    for (const size of sizes(episode, count)) batch.add(messages.make(size));
    for (let first = 0; first < count; ) first += await sock.sendmmsg_from(batch, { first });
  },
};

/** Each receives some messages. */
const RECEIVES: Readonly<Record<string, (side: Side, count: number) => Promise<void>>> = {
  async 'recv of a datagram'({ sock, messages }) {
    messages.take(await sock.recv(LONGEST, { timeout: PATIENCE }));
  },
  async 'recvfrom of a datagram'({ sock, messages }) {
    const [data] = await sock.recvfrom(LONGEST, { timeout: PATIENCE });
    messages.take(data);
  },
  async 'recvfrom_into of a datagram'({ sock, messages }) {
    const memory = Buffer.alloc(LONGEST);
    const [length] = await sock.recvfrom_into(memory, { timeout: PATIENCE });
    messages.take(memory.subarray(0, length));
  },
  async 'recvmsg of a datagram'({ episode, sock, messages }) {
    const [data, , flags] = await sock.recvmsg(LONGEST, 0, { timeout: PATIENCE });
    episode.expect((flags & socket.MSG_TRUNC) === 0, 'a datagram was cut');
    messages.take(data);
  },
  async recvmmsg({ sock, messages }, count) {
    const came = await sock.recvmmsg(count, LONGEST, { timeout: PATIENCE });
    for (const [data] of came) messages.take(data);
  },
  async recvmmsg_into({ sock, messages }, count) {
    const batch = new socket.MessageBatch<number>(count, LONGEST);
    await sock.recvmmsg_into(batch, { timeout: PATIENCE });
    for (const [data] of batch) messages.take(data);
  },
  async 'recv of a datagram, blocking flavour'({ episode, sock, messages }) {
    // It is there, but UDP may have lost it.
    const receive = (left: number) => {
      sock.settimeout(left);
      return sock.blocking.recv(LONGEST);
    };
    try {
      messages.take(episode.againWithin(PATIENCE, receive));
    } finally {
      sock.settimeout(null);
    }
  },
  async 'recv of a datagram with little patience'({ episode, sock, messages }) {
    const patience = episode.patience();
    try {
      messages.take(await sock.recv(LONGEST, patience.options));
    } catch (error) {
      if (!patience.isOver(error)) throw error;
    } finally {
      patience.end();
    }
  },
};

async function send(side: Side, count: number): Promise<void> {
  const name = side.episode.random.pick(Object.keys(SENDS));
  side.episode.begin(name);
  await SENDS[name]?.(side, count);
}

async function receive(side: Side): Promise<void> {
  const { episode, messages } = side;
  while (messages.left > 0) {
    const name = episode.random.pick(Object.keys(RECEIVES));
    episode.begin(name);
    try {
      await RECEIVES[name]?.(side, episode.random.integer(1, WINDOW));
    } catch (error) {
      if (!(error instanceof socket.TimeoutError)) throw error;
      messages.forget();
    }
  }
}

/** UDP's segmentation: one buffer that the kernel cuts, and one that it puts together. */
async function segments(episode: Episode, near: Sock, far: Sock): Promise<void> {
  const size = episode.random.integer(100, 1400);
  const flow = episode.flow('segments');
  far.setsockopt(socket.IPPROTO_UDP, socket.UDP_GRO as number, 1);
  const length = size * episode.random.integer(1, 16);
  episode.begin('send_segmented');
  flow.sent += await near.send_segmented(flow.next(length), size);
  try {
    while (flow.received < flow.sent) {
      episode.begin('recv_segmented');
      const [data] = await far.recv_segmented(65535, { timeout: PATIENCE });
      episode.take(flow, data);
    }
  } catch (error) {
    if (!(error instanceof socket.TimeoutError)) throw error;
    episode.world.count('UDP datagrams lost');
  }
}

export async function datagrams(episode: Episode): Promise<void> {
  const { kind, near, far } = await messageLink(episode);
  const isReliable = !kind.startsWith('UDP');
  if (!isReliable && episode.random.chance(0.2)) return await segments(episode, near, far);
  const there = new Messages(episode, `${kind}, there`, isReliable);
  const back = new Messages(episode, `${kind}, back`, isReliable);
  for (let round = episode.random.integer(1, 30); round > 0; round--) {
    for (const [from, to, messages] of [
      [near, far, there],
      [far, near, back],
    ] as const) {
      const count = episode.random.integer(1, WINDOW);
      // The queue has room for all of them, so that the blocking flavour does not wait for ever.
      await send({ episode, sock: from, messages }, count);
      await receive({ episode, sock: to, messages });
    }
    await episode.pause();
  }
  if (there.lost + back.lost > 0) episode.world.count('UDP datagrams lost', there.lost + back.lost);
}
