// Servers with workers for tests, and clients that ask them.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets/promises';
import { packageRoot } from './process.js';
import { unixPath } from './sockets.js';

/** A server, as far as all kinds have it. */
export interface AnyServer {
  readonly server_address: unknown;
  serve_forever(poll_interval?: number): Promise<void>;
  shutdown(): Promise<void>;
  server_close(): unknown;
}

/** A server whose loop runs until the test ends, when it is closed. */
export interface Serving<S> {
  readonly server: S;
  /** Settles when the loop has ended. */
  readonly loop: Promise<void>;
  /** Ends the loop and closes the server. */
  stop(): Promise<void>;
}

type AnySocket = socket.socket<number>;

/** The clients of each test: servers wait for handlers, which wait for them. */
const clientsOf = new WeakMap<TestContext, AnySocket[]>();

/** Closes a client when the test ends, before the servers wait for its handler. */
export function closingFirst(context: TestContext, client: AnySocket): AnySocket {
  let clients = clientsOf.get(context);
  if (!clients) {
    clients = [];
    clientsOf.set(context, clients);
    context.after(() => closeClients(context));
  }
  clients.push(client);
  return client;
}

function closeClients(context: TestContext): void {
  for (const client of clientsOf.get(context) ?? []) client.close();
}

/** Lets a server serve. */
export function serving<S extends AnyServer>(context: TestContext, server: S): Serving<S> {
  const loop = server.serve_forever(0.05);
  loop.catch(() => {});
  let stopped: Promise<void> | undefined;
  const end = async () => {
    await server.shutdown();
    await loop.catch(() => {});
    await server.server_close();
  };
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  context.after(async () => {
    closeClients(context);
    await stop();
  });
  return { server, loop, stop };
}

/** A connected client, closed when the test ends. */
export async function connected(context: TestContext, server: AnyServer): Promise<AnySocket> {
  const address = server.server_address;
  const family: number = typeof address === 'string' ? socket.AF_UNIX : socket.AF_INET;
  const client = closingFirst(context, new socket.socket(family, socket.SOCK_STREAM));
  await client.connect(address as never);
  return client;
}

/** Sends the text, ends the stream, and gives all that is answered. */
export async function ask(context: TestContext, server: AnyServer, text: string): Promise<string> {
  const client = await connected(context, server);
  await client.sendall(Buffer.from(text));
  client.shutdown(socket.SHUT_WR);
  return await rest(client);
}

/** Everything until the end of the stream. */
export async function rest(client: AnySocket): Promise<string> {
  const parts: Buffer[] = [];
  for (;;) {
    const part = await client.recv(4096, { timeout: 30 });
    if (part.length === 0) break;
    parts.push(part);
  }
  client.close();
  return Buffer.concat(parts).toString();
}

/** One line, without its end. */
export async function line(client: AnySocket): Promise<string> {
  let text = '';
  while (!text.endsWith('\n')) {
    const part = await client.recv(1, { timeout: 30 });
    if (part.length === 0) throw new Error(`the stream ended after '${text}'`);
    text += part;
  }
  return text.trimEnd();
}

/** What is answered, as JSON. */
export async function asked<T>(
  context: TestContext,
  server: AnyServer,
  command: string,
): Promise<T> {
  return JSON.parse(await ask(context, server, `${command}\n`));
}

/** A client of a datagram server, closed when the test ends. */
export async function datagramClient(context: TestContext, server: AnyServer): Promise<AnySocket> {
  const isUnix = typeof server.server_address === 'string';
  const family: number = isUnix ? socket.AF_UNIX : socket.AF_INET;
  const client = closingFirst(context, new socket.socket(family, socket.SOCK_DGRAM));
  await client.bind((isUnix ? unixPath(context) : ['127.0.0.1', 0]) as never);
  return client;
}

/** Sends a datagram and gives the answer. */
export async function exchange(context: TestContext, server: AnyServer, text: string) {
  const client = await datagramClient(context, server);
  await client.sendto(Buffer.from(text), server.server_address as never);
  return String(await client.recv(4096, { timeout: 30 }));
}

/** What this process writes to standard error until the test ends. */
export function captureErrors(context: TestContext): () => string {
  let text = '';
  context.mock.method(process.stderr, 'write', (chunk: unknown) => {
    text += chunk;
    return true;
  });
  return () => text;
}

/** A directory with files of a program in it, which can import the package by its name. */
export function project(context: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-program-'));
  context.after(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(packageRoot, join(directory, 'node_modules/berkeley-sockets'));
  // Without this file Deno does not look into node_modules.
  writeFileSync(join(directory, 'package.json'), '{}');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
