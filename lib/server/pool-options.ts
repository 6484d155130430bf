// What a pool of workers is told of the server that it works for.

import type { Channel } from './channel.js';
import type { Member, MemberEvents } from './member.js';
import type { OutgoingRequest } from './request-message.js';

/** What a pool is for. */
export interface PoolOptions {
  /** How many workers there may be at most. */
  limit(): number;
  /** How many of them wait for the requests to come. */
  spares(): number;
  /** Milliseconds after which those are retired that were not needed. */
  idleTimeout(): number;
  /** Starts the worker of that number. */
  start(id: number, channel: number, events: MemberEvents): Member;
  /** Sends a request; false if the channel is full. */
  send(channel: Channel, request: OutgoingRequest): boolean;
  /** Ends the server's loop. */
  shutdown(): Promise<unknown>;
  /** What a worker does before it is ready, in words. */
  readonly preparation: string;
  /** Bytes of the longest message that workers have room for. */
  readonly longestMessage: number;
  /** All workers have ended. */
  closed(): void;
}
