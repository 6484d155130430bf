// The blocking flavour in the main thread, in the middle of signals: calls that have what they need,
// and calls whose timeout passes.

import { closeSync, openSync } from 'node:fs';
import * as socket from 'berkeley-sockets';
import type { Flow } from '../bytes.js';
import { type Episode, isBroken } from '../episode.js';

type Sock = socket.socket<number>;

/** Bytes that any socket's buffer takes, so that nothing waits. */
const PIECE = 2000;

interface Pair {
  readonly episode: Episode;
  readonly from: Sock;
  readonly to: Sock;
  readonly flow: Flow;
}

const SENDS: Readonly<Record<string, (pair: Pair, length: number) => number>> = {
  'blocking: send': ({ from, flow }, length) => from.send(flow.next(length)),
  'blocking: sendall'({ from, flow }, length) {
    from.sendall(flow.next(length));
    return length;
  },
  'blocking: sendmsg': ({ from, flow }, length) =>
    from.sendmsg([flow.next(length).subarray(0, 10), flow.next(length).subarray(10)]),
  'blocking: sendfile'({ episode, from, flow }, length) {
    const fd = openSync(episode.world.file, 'r');
    try {
      return from.sendfile(fd, flow.place(flow.sent), length);
    } finally {
      closeSync(fd);
    }
  },
  'blocking: makefile, write'({ from, flow }, length) {
    using file = from.makefile('wb');
    file.write(flow.next(length));
    return length;
  },
};

const RECEIVES: Readonly<Record<string, (pair: Pair, length: number) => Uint8Array>> = {
  'blocking: recv': ({ to }, length) => to.recv(length),
  'blocking: recv_into'({ to }, length) {
    const memory = Buffer.alloc(length);
    return memory.subarray(0, to.recv_into(memory));
  },
  'blocking: recvfrom': ({ to }, length) => to.recvfrom(length)[0],
  'blocking: recvmsg': ({ to }, length) => to.recvmsg(length)[0],
  'blocking: recv, MSG_WAITALL': ({ to, flow }, length) =>
    to.recv(Math.min(length, flow.sent - flow.received), socket.MSG_WAITALL),
  'blocking: makefile, read'({ to }, length) {
    using file = to.makefile('rb', 0);
    return file.read(length) as Buffer;
  },
};

function exchange(pair: Pair): void {
  const { episode, flow } = pair;
  const { random } = episode;
  const send = random.pick(Object.keys(SENDS));
  episode.begin(send);
  flow.sent += episode.again(() => SENDS[send]?.(pair, random.size(PIECE))) as number;
  while (flow.received < flow.sent) {
    const receive = random.pick(Object.keys(RECEIVES));
    episode.begin(receive);
    const data = episode.again(() => RECEIVES[receive]?.(pair, random.size(PIECE))) as Uint8Array;
    episode.expect(data.length > 0, 'the stream has ended');
    episode.take(flow, data);
  }
}

/** Nothing is there: the time has to pass, unless a signal comes. */
function timeOut(episode: Episode, sock: Sock): void {
  const seconds = episode.random.integer(0, 4) / 1000;
  episode.begin('blocking: recv that times out');
  sock.settimeout(seconds);
  const start = performance.now();
  try {
    sock.recv(1);
    episode.fail('a byte has come from nowhere');
  } catch (error) {
    if (error instanceof socket.InterruptedError) episode.world.count('interrupted by a signal');
    else if (error instanceof socket.TimeoutError) {
      const waited = performance.now() - start;
      episode.expect(waited >= seconds * 1000 - 1, `${seconds} s were over after ${waited} ms`);
    } else if (!(error instanceof socket.BlockingIOError && seconds === 0)) throw error;
  } finally {
    sock.settimeout(null);
  }
}

function pairOf(episode: Episode): [Sock, Sock] {
  const { random } = episode;
  if (random.chance(0.5)) return socket.socketpair() as [Sock, Sock];
  episode.begin('blocking: create_server, create_connection, accept');
  using server = socket.create_server(['127.0.0.1', 0]);
  const client = episode.again(() => socket.create_connection(server.getsockname()));
  try {
    for (;;) {
      const [accepted, from] = episode.again(() => server.accept());
      if (String(from) === String(client.getsockname())) return [client as Sock, accepted as Sock];
      // A connection that a signal interrupted, so that another one was made.
      accepted.close();
    }
  } catch (error) {
    client.close();
    throw error;
  }
}

export async function blocking(episode: Episode): Promise<void> {
  const { random } = episode;
  const [near, far] = pairOf(episode);
  episode.closing(near);
  episode.closing(far);
  const there = episode.flow('blocking, there');
  const back = episode.flow('blocking, back');
  for (let round = random.integer(1, 20); round > 0; round--) {
    exchange({ episode, from: near, to: far, flow: there });
    if (random.chance(0.5)) exchange({ episode, from: far, to: near, flow: back });
    if (random.chance(0.2)) timeOut(episode, random.pick([near, far]));
    await episode.pause();
  }
  near.close();
  try {
    episode.expect(far.recv(1).length === 0, 'a byte has come after the end');
  } catch (error) {
    if (!isBroken(error)) throw error;
  }
}
