// Connections that carry bytes both ways at once, in all ways that chance chooses.

import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from 'berkeley-sockets/promises';
import { type Episode, isBroken } from '../episode.js';
import { type Link, type Sock, streamLink } from '../links.js';
import { receiveCalls } from '../receiving.js';
import { sendCalls } from '../sending.js';
import { type End, fileEnd, streamEnd, webEnd } from '../wrapping.js';

function endOf(episode: Episode, sock: Sock): End {
  const shut = () => sock.shutdown(socket.SHUT_WR);
  switch (episode.random.integer(0, 7)) {
    case 0:
      return fileEnd(episode, sock, shut);
    case 1:
      return streamEnd(episode, sock);
    case 2:
      return webEnd(episode, sock);
    default:
      return {
        async send(flow, total) {
          const file = await open(episode.world.file);
          try {
            await sendCalls({ episode, sock, flow, file }, total);
          } finally {
            await file.close();
          }
          shut();
        },
        receive: (flow) => receiveCalls({ episode, sock, flow }),
      };
  }
}

/** Both directions to their ends: everything has to arrive. */
async function complete(episode: Episode, { kind, most, near, far }: Link): Promise<void> {
  const there = episode.flow(`${kind}, there`);
  const back = episode.flow(`${kind}, back`);
  const [nearEnd, farEnd] = [endOf(episode, near), endOf(episode, far)];
  await episode.together(
    nearEnd.send(there, episode.random.size(most)),
    farEnd.receive(there),
    farEnd.send(back, episode.random.size(most)),
    nearEnd.receive(back),
  );
  there.finish();
  back.finish();
}

/** One side closes in the middle: what came until then has to be right. */
async function broken(episode: Episode, { kind, most, near, far }: Link): Promise<void> {
  const there = episode.flow(`${kind}, there, broken off`);
  const back = episode.flow(`${kind}, back, broken off`);
  const [nearEnd, farEnd] = [endOf(episode, near), endOf(episode, far)];
  const ending = async (run: Promise<void>) => {
    try {
      await run;
    } catch (error) {
      if (!isBroken(error) && (error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        throw error;
      }
    }
  };
  const breaker = async () => {
    await delay(episode.random.integer(0, 60));
    episode.begin('close in the middle');
    const victim = episode.random.pick([near, far]);
    if (episode.random.chance(0.5)) victim.shutdown(socket.SHUT_RDWR);
    else victim.close();
    await delay(episode.random.integer(0, 5));
    episode.close();
  };
  await episode.together(
    ending(nearEnd.send(there, most)),
    ending(farEnd.receive(there)),
    ending(farEnd.send(back, most)),
    ending(nearEnd.receive(back)),
    breaker().catch((error) => {
      if (!isBroken(error)) throw error;
    }),
  );
}

export async function streams(episode: Episode): Promise<void> {
  const link = await streamLink(episode);
  await (episode.random.chance(0.2) ? broken : complete)(episode, link);
}
