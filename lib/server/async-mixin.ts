// `AsyncMixIn`: requests run here, all at once, on the event loop.

import { socket, socketOn } from '../socket/promises.js';
import { defineAttributes } from './attributes.js';
import { reportAndShutDown } from './base-server.js';
import { type Awaitable, type Flow, isThenable, run } from './flow.js';
import { checkBase } from './mixed.js';
import { describeError } from './report.js';
import { CONNECTION, OPEN } from './tcp-server.js';
import type { AnyServer, SocketServerClass } from './types.js';
import { REPLY_SOCKET } from './udp-server.js';
import { promiseView } from './views.js';

/** What {@link AsyncMixIn} adds to a server. */
export interface AsyncServer {
  /** Whether {@link TCPServer.server_close} waits for the requests that still run. */
  block_on_close: boolean;
  /** Runs a request, and whatever comes of it. */
  process_request_async(request: unknown, client_address: unknown): Awaitable<void>;
}

/** The requests of each server that run. */
const running = new WeakMap<object, Set<Promise<void>>>();

function runningOf(server: object): Set<Promise<void>> {
  let requests = running.get(server);
  if (!requests) {
    requests = new Set();
    running.set(server, requests);
  }
  return requests;
}

/**
 * Makes a server serve its requests all at once, on the event loop. Sockets are of the promise
 * flavour: `request`, and `server.socket`. A handler must not block. Python has none.
 *
 * ```ts
 * class MyServer extends AsyncMixIn(TCPServer) {}
 * ```
 */
export function AsyncMixIn<Base extends SocketServerClass>(
  base: Base,
  // biome-ignore lint/suspicious/noExplicitAny: TypeScript wants this of a mix-in
): Base & (new (...given: any[]) => AsyncServer) & { block_on_close: boolean } {
  checkBase(base, 'AsyncMixIn');
  class AsyncMixed extends base {
    static block_on_close = true;
    declare block_on_close: boolean;

    override process_request(request: unknown, client_address: unknown): Awaitable<void> {
      let outcome: Awaitable<void>;
      try {
        outcome = this.process_request_async(request, client_address);
      } catch (error) {
        complain(error);
        return;
      }
      if (!isThenable(outcome)) return;
      const requests = runningOf(this);
      const ended = Promise.resolve(outcome)
        .catch(complain)
        .finally(() => requests.delete(ended));
      requests.add(ended);
    }

    process_request_async(request: unknown, client_address: unknown): Awaitable<void> {
      return run(processAsync(this, request, client_address));
    }

    override server_close(): Awaitable<void> {
      const closed = super.server_close();
      return this.block_on_close && runningOf(this).size > 0 ? endOf(this, closed) : closed;
    }

    override [OPEN](family: number, type: number) {
      return new socket(family, type);
    }

    override [CONNECTION](fd: number, family: number, type: number, proto: number): unknown {
      return socketOn(fd, family, type, proto);
    }

    [REPLY_SOCKET](): unknown {
      return promiseView(this.socket);
    }
  }
  defineAttributes(AsyncMixed, ['block_on_close']);
  return AsyncMixed as never;
}

/** Settles when the requests of a closed server have ended. */
async function endOf(server: AnyServer, closed: Awaitable<void>): Promise<void> {
  await closed;
  await Promise.all(runningOf(server));
}

function* processAsync(server: AnyServer, request: unknown, client_address: unknown): Flow<void> {
  try {
    yield server.finish_request(request, client_address);
  } catch (error) {
    yield* reportAndShutDown(server, request, client_address, error);
    return;
  }
  yield server.shutdown_request(request);
}

/** Nobody waits for a request: what its reporting throws is written, as in a thread of Python's. */
function complain(error: unknown): void {
  process.stderr.write(`Exception in a request of a server:\n${describeError(error)}\n`);
}
