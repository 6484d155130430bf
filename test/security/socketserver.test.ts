// What clients send to servers is data to the handlers, wherever they run: never code, a module, a
// path or another client's.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { serialize } from 'node:v8';
import * as socket from 'berkeley-sockets/promises';
import * as servers from 'berkeley-sockets/socketserver';
import { type AnyServer, connected, serving } from '../support/pooled.js';
import { closing, unixPath } from '../support/sockets.js';
import { EchoBytes, EchoDatagram, unchanged } from './fixtures/echo-handlers.js';

const namedModule = new URL('./fixtures/loaded-by-peer.js', import.meta.url).href;
const TRACE = join(import.meta.dirname ?? '.', 'made-by-a-peer');

/** What a server and its workers say to each other, and what might reach an interpreter. */
const PAYLOADS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['JSON that names a prototype', Buffer.from('{"__proto__":{"polluted":true}}')],
  [
    'a plan of a worker',
    Buffer.from(JSON.stringify({ handler: { module: namedModule, name: 'Echo' } })),
  ],
  [
    'the same as Node serializes it',
    serialize({ handler: { module: namedModule, name: 'x' }, shared: {} }),
  ],
  ['a remark of a worker', Buffer.from('{"what":"shutdown","call":1}\n{"call":1}\n')],
  ['a report of a worker', Buffer.from(Int32Array.of(0, 1, 1, 2).buffer)],
  ['a message of the channel', Buffer.from(Int32Array.of(0, 2, 1, 1, 0, -4).buffer)],
  ['code', Buffer.from(`require('fs').writeFileSync(${JSON.stringify(TRACE)}, '')`)],
  ['an import', Buffer.from(`import(${JSON.stringify(namedModule)})`)],
  ['a URL of a module', Buffer.from(namedModule)],
  ['a path', Buffer.from('../../../../etc/passwd\0')],
  ['all bytes', Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))],
];

const options = { timeout: 60_000, concurrency: false };

function check(answer: Buffer, sent: Buffer): void {
  assert.equal(String(answer.subarray(0, unchanged.length)), unchanged);
  assert.deepEqual(answer.subarray(unchanged.length), sent);
  assert.ok(!existsSync(TRACE));
}

type Class = new (address: unknown, handler: unknown) => AnyServer;

/** Servers as a table wants them. */
const named = (classes: object): [string, Class][] =>
  Object.entries(classes) as unknown as [string, Class][];

const { ForkingTCPServer, ThreadingTCPServer } = servers;
const { ForkingUDPServer, ThreadingUDPServer, UDPServer } = servers;
const { ForkingUnixDatagramServer, ThreadingUnixDatagramServer } = servers;

async function askBytes(client: socket.socket<number>, bytes: Buffer): Promise<Buffer> {
  await client.sendall(bytes);
  client.shutdown(socket.SHUT_WR);
  const pieces: Buffer[] = [];
  for (;;) {
    const data = await client.recv(65_536);
    if (data.length === 0) return Buffer.concat(pieces);
    pieces.push(data);
  }
}

for (const [name, Server] of named({ ThreadingTCPServer, ForkingTCPServer })) {
  test(`${name} gives its handlers bytes`, options, async (context) => {
    const { server } = serving(context, new Server(['127.0.0.1', 0], EchoBytes));
    for (const [, bytes] of PAYLOADS) {
      check(await askBytes(await connected(context, server), bytes), bytes);
    }
  });
}

for (const [name, Server] of named({ UDPServer, ThreadingUDPServer, ForkingUDPServer })) {
  test(`${name} gives its handlers bytes`, options, async (context) => {
    const { server } = serving(context, new Server(['127.0.0.1', 0], EchoDatagram));
    const client = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    await client.connect(server.server_address as never);
    for (const [, bytes] of PAYLOADS) {
      await client.send(bytes);
      check(await client.recv(65_536), bytes);
    }
  });
}

for (const [name, Server] of named({ ThreadingUnixDatagramServer, ForkingUnixDatagramServer })) {
  test(`${name} gives its handlers addresses as they are`, options, async (context) => {
    const { server } = serving(context, new Server(unixPath(context), EchoDatagram));
    const { AF_UNIX, SOCK_DGRAM } = socket;
    for (const [, bytes] of PAYLOADS) {
      // The name of an abstract socket is any bytes.
      const unique = Buffer.from(`\0${process.pid} `);
      const address = Buffer.concat([unique, bytes]).subarray(0, 108);
      const client = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
      await client.bind(address);
      await client.sendto(bytes, server.server_address as never);
      check(await client.recv(65_536), bytes);
      client.close();
    }
  });
}

describe('many clients at once each get their own answer', options, () => {
  const CLIENTS = 300;
  for (const [name, Server] of named({ ThreadingTCPServer, ForkingTCPServer })) {
    test(name, async (context) => {
      const { server } = serving(context, new Server(['127.0.0.1', 0], EchoBytes));
      // Connections come and go, so that numbers are used again and again by all threads.
      const serve = async (client: number) => {
        for (let round = 0; round < 5; round += 1) {
          const sock = new socket.socket();
          try {
            await sock.connect(server.server_address as never);
            const bytes = Buffer.alloc(5000, `client ${client} round ${round};`);
            check(await askBytes(sock, bytes), bytes);
          } finally {
            sock.close();
          }
        }
      };
      // No more than the listener's queue takes.
      const lanes = 5;
      let next = 0;
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          while (next < CLIENTS / 5) {
            next += 1;
            await serve(next);
          }
        }),
      );
    });
  }
});
