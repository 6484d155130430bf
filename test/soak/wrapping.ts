// A stream socket within a file object, a stream of Node's, or web streams.

import {
  type SocketStream,
  toReadableStream,
  toStream,
  toWritableStream,
} from 'berkeley-sockets/interop';
import type { Flow } from './bytes.js';
import type { Episode } from './episode.js';
import type { Sock } from './links.js';

/** Both directions of one end of a connection. */
export interface End {
  /** Sends so many bytes, and the end. */
  send(flow: Flow, total: number): Promise<void>;
  /** Receives to the end. */
  receive(flow: Flow): Promise<void>;
}

/** Bytes of the longest piece. */
const PIECE = 64 * 1024;

function nextPiece(episode: Episode, flow: Flow, total: number): Buffer {
  return flow.next(Math.min(total - flow.sent, episode.random.size(PIECE)));
}

/** A buffered file object, whose reads may be given up in the middle. */
export function fileEnd(episode: Episode, sock: Sock, shut: () => void): End {
  const file = sock.makefile('rwb');
  return {
    async send(flow, total) {
      while (flow.sent < total) {
        const piece = nextPiece(episode, flow, total);
        episode.begin('file: write');
        await file.write(piece);
        flow.sent += piece.length;
        if (episode.random.chance(0.2)) await file.flush();
      }
      await file.flush();
      shut();
    },
    async receive(flow) {
      for (;;) {
        const patience = episode.patience();
        try {
          episode.begin('file: read');
          const length = episode.random.size(PIECE);
          const data = await file.read(length, patience.options);
          episode.take(flow, data as Buffer);
          if ((data as Buffer).length < length) return;
        } catch (error) {
          if (!patience.isOver(error)) throw error;
          episode.world.count('file: read given up');
        } finally {
          patience.end();
        }
      }
    },
  };
}

/** Waits for an event, or for the end of a stream that will not emit it any more. */
function eventOf(stream: SocketStream, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed) return resolve();
    const settle = (error?: Error) => {
      stream.off(event, settle).off('close', settle).off('error', settle);
      if (error) reject(error);
      else resolve();
    };
    stream.on(event, settle).on('close', settle).on('error', settle);
  });
}

/** Node's Duplex. */
export function streamEnd(episode: Episode, sock: Sock): End {
  const stream = toStream(sock, { allowHalfOpen: true });
  // Whoever waits hears of it, too.
  stream.on('error', () => {});
  return {
    async send(flow, total) {
      while (flow.sent < total && !stream.destroyed) {
        const piece = nextPiece(episode, flow, total);
        episode.begin('stream: write');
        flow.sent += piece.length;
        if (!stream.write(piece)) await eventOf(stream, 'drain');
        await episode.pause();
      }
      stream.end();
      await eventOf(stream, 'finish');
    },
    receive(flow) {
      return new Promise((resolve, reject) => {
        stream.once('error', reject);
        stream.once('end', resolve);
        stream.once('close', resolve);
        stream.on('data', (data: Buffer) => {
          episode.begin('stream: data');
          try {
            episode.take(flow, data);
          } catch (error) {
            reject(error);
          }
          if (!episode.random.chance(0.1)) return;
          stream.pause();
          setTimeout(() => stream.resume(), 3);
        });
      });
    },
  };
}

/** The streams of the web. */
export function webEnd(episode: Episode, sock: Sock): End {
  const readable = toReadableStream(sock);
  const writable = toWritableStream(sock);
  return {
    async send(flow, total) {
      const writer = writable.getWriter();
      while (flow.sent < total) {
        const piece = nextPiece(episode, flow, total);
        episode.begin('web stream: write');
        await writer.write(piece);
        flow.sent += piece.length;
      }
      await writer.close();
    },
    async receive(flow) {
      for await (const data of readable) {
        episode.begin('web stream: read');
        episode.take(flow, data);
      }
    },
  };
}
