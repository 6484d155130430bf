// The contenders that accept a connection, send 64 bytes back and close it, under the same load.

import { createServer } from 'node:net';
import { announcePort } from '../harness/measure.js';
import type { Contender, Program, Scenario } from '../harness/types.js';
import type * as handlers from './echo-handlers.js';

const BACKLOG = 128;

type Handlers = typeof handlers;
type ServerName = {
  [Name in keyof Handlers]: Name extends `${string}Server` ? Name : never;
}[keyof Handlers];

const source = 'peers/short-load.c';
const peer = { language: 'c', source, run: 'Load' } as const;

/** The load for a server with that name: each kind has its own way to warm up and to be measured. */
function peerOf(name: string): Program {
  if (/^Thread/.test(name)) return { ...peer, run: 'LoadThreads' };
  return /Process|^Forking/.test(name) ? { ...peer, run: 'LoadProcesses' } : peer;
}

async function serve(name: ServerName): Promise<void> {
  const classes = await import('./echo-handlers.js');
  const server =
    name === 'LoopServer'
      ? new classes.LoopServer(['127.0.0.1', 0], classes.AsyncEcho)
      : new classes[name](['127.0.0.1', 0], classes.Echo);
  announcePort(server.server_address[1]);
  await server.serve_forever();
}

/** One of our servers. */
export function ours(name: ServerName): Contender {
  return { measured: { language: 'node', run: () => serve(name) }, peer: peerOf(name) };
}

/** One of CPython's, by the name of its class. */
export function python(name: string): Contender {
  return {
    measured: { language: 'python', source: 'scenarios/servers/short-echo.py', run: name },
    peer: peerOf(name),
  };
}

function nodeServer() {
  return new Promise<never>((_resolve, reject) => {
    const server = createServer((connection) => {
      connection.once('data', (data) => connection.end(data));
      connection.on('error', () => connection.destroy());
    });
    server.on('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
      announcePort((server.address() as { port: number }).port);
    });
  });
}

/** Node's own server. */
export const nodeNet: Contender = { measured: { language: 'node', run: nodeServer }, peer };

/** What all scenarios of short connections have in common. */
export const shortEcho = {
  unit: 'operations/s',
  cases: { '8 at a time': { count: 1_000_000, size: 64, connections: 8 } },
  listener: 'measured',
  reporter: 'peer',
} satisfies Partial<Scenario>;
