// Sockets to test with, each closed when its test ends.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';

/** Closes a socket (or anything with `close()`) when the test ends. */
export function closing<T extends { close(): unknown }>(context: TestContext, object: T): T {
  context.after(() => object.close());
  return object;
}

/** A TCP listener on 127.0.0.1. */
export function listener(context: TestContext) {
  return closing(context, socket.create_server(['127.0.0.1', 0]));
}

/** A connected TCP pair: the client and the accepted socket. */
export function tcpPair(context: TestContext) {
  const server = listener(context);
  const client = closing(context, new socket.socket());
  client.connect(server.getsockname());
  const [accepted] = server.accept();
  return { server, client, accepted: closing(context, accepted) };
}

/** A UDP socket bound to 127.0.0.1. */
export function udp(context: TestContext) {
  const sock = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
  sock.bind(['127.0.0.1', 0]);
  return sock;
}

/** Two connected AF_UNIX sockets. */
export function pair(context: TestContext, type: number = socket.SOCK_STREAM) {
  const [first, second] = socket.socketpair(socket.AF_UNIX, type);
  return [closing(context, first), closing(context, second)] as const;
}

/** A path for an AF_UNIX socket in a directory that is removed when the test ends. */
export function unixPath(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return join(directory, 'socket');
}

/** A TCP port on 127.0.0.1 that nobody listens on while the test runs: bound, but not listening. */
export function refusingPort(context: TestContext): number {
  const sock = closing(context, new socket.socket());
  sock.bind(['127.0.0.1', 0]);
  return sock.getsockname()[1];
}

/** A new socket, closed when the test ends. */
export function open<F extends number>(context: TestContext, family: F, type: number) {
  return closing(context, new socket.socket(family, type));
}

/** Why there are no such sockets here, or false. */
export function missing(family: number, type: number): string | false {
  try {
    new socket.socket(family, type).close();
    return false;
  } catch (error) {
    return (error as Error).message;
  }
}
