// Listeners of ours whose connections go to Node's servers as streams, and streams that connect.

import { execFileSync, spawnSync } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { TestContext } from 'node:test';
import * as blocking from 'berkeley-sockets';
import { type SocketStream, type StreamOptions, toStream } from 'berkeley-sockets/interop';
import * as socket from 'berkeley-sockets/promises';
import { runtime } from './runtime.js';
import { closing, unixPath } from './sockets.js';
import type { Kind } from './streams.js';

/** A listener that serves. */
export interface Served {
  /** Where it listens: a port on 127.0.0.1, or a path. */
  readonly where: number | string;
  /** How many connections were accepted. */
  readonly accepted: () => number;
  /** A new connection to it, as a stream. */
  readonly dial: (options?: StreamOptions) => SocketStream;
}

/** A stream that is connected to a port on 127.0.0.1 or a path, and closed when the test ends. */
export function dial(
  context: TestContext,
  where: number | string,
  options?: StreamOptions,
): SocketStream {
  if (typeof where === 'number') {
    const sock = blocking.create_connection(['127.0.0.1', where]);
    return toStream(closing(context, sock), options);
  }
  const sock = closing(context, new blocking.socket(blocking.AF_UNIX));
  sock.connect(where);
  return toStream(sock, options);
}

/** A listener of the promise flavour. */
async function listen(context: TestContext, kind: Kind) {
  if (kind === 'TCP') {
    const sock = closing(context, await socket.create_server(['127.0.0.1', 0]));
    return { sock, where: sock.getsockname()[1] };
  }
  const sock = closing(context, new socket.socket(socket.AF_UNIX));
  const where = unixPath(context);
  await sock.bind(where);
  sock.listen();
  return { sock: sock as socket.socket<number>, where };
}

/** Gives each connection to a server of Node's, until the test ends. */
export async function serve(
  context: TestContext,
  kind: Kind,
  server: EventEmitter,
): Promise<Served> {
  // Deno's http closes each connection after its first answer where the server does not listen.
  if (runtime === 'deno') Object.defineProperty(server, 'listening', { value: true });
  const { sock, where } = await listen(context, kind);
  const streams: SocketStream[] = [];
  const accept = async () => {
    for await (const [connection] of sock.connections()) {
      const stream = toStream(connection);
      streams.push(stream);
      server.emit('connection', stream);
    }
  };
  const accepting = accept().catch((error: NodeJS.ErrnoException) => {
    // Closing the listener ends the loop.
    if (error.code !== 'EBADF') throw error;
  });
  context.after(async () => {
    sock.close();
    await accepting;
    for (const stream of streams) stream.destroy();
  });
  return {
    where,
    accepted: () => streams.length,
    dial: (options) => dial(context, where, options),
  };
}

/** A new key and the certificate of `localhost` for it, both PEM; undefined without openssl(1). */
export function certificate(): { key: string; cert: string } | undefined {
  if (spawnSync('openssl', ['version']).status !== 0) return undefined;
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', ...curve, ...name, '-days', '2', '-keyout', '-', '-out', '-'];
  const pem = execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
  const begin = pem.indexOf('-----BEGIN CERTIFICATE');
  return { key: pem.slice(0, begin), cert: pem.slice(begin) };
}
