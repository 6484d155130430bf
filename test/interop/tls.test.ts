// TLS over our sockets: Node's tls takes the streams of toStream on both sides.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { connect, createServer, TLSSocket } from 'node:tls';
import { type StreamOptions, toStream } from 'berkeley-sockets/interop';
import { certificate, dial } from '../support/dialled.js';
import { cannotOn } from '../support/runtime.js';
import { connected, contents, digest, KINDS, type Kind } from '../support/streams.js';

const MEGABYTE = 1024 * 1024;
const pem = certificate();
const skip = pem === undefined ? 'there is no openssl(1) to make a certificate' : false;
const { key, cert } = pem ?? { key: '', cert: '' };
const ONE_END = { bun: "Bun's TLS over any Duplex ends both directions where one ends" };
const TRUST = { ca: cert, servername: 'localhost' };

/** A client and a server of Node's that have shaken hands over two of our sockets. */
async function secured(context: TestContext, kind: Kind, options?: StreamOptions) {
  const [one, other] = connected(context, kind);
  const server = new TLSSocket(toStream(other, options), { isServer: true, key, cert });
  const client = connect({ socket: toStream(one, options), ...TRUST });
  await Promise.all([once(client, 'secureConnect'), once(server, 'secure')]);
  return { client, server };
}

/** Pieces of bytes that are all different, and the hash of them all once they are used up. */
function many(megabytes: number) {
  const hash = createHash('sha256');
  const block = randomBytes(MEGABYTE);
  function* pieces() {
    for (let count = 0; count < megabytes; count += 1) {
      const piece = Buffer.from(block);
      piece.writeUInt32LE(count);
      hash.update(piece);
      yield piece;
    }
  }
  return { source: Readable.from(pieces()), hash: () => hash.digest('hex') };
}

/** Settles when a stream has given so many bytes. */
function received(stream: Duplex, length: number): Promise<void> {
  let count = 0;
  return new Promise((resolve) => {
    stream.on('data', (part: Buffer) => {
      count += part.length;
      if (count >= length) resolve();
    });
  });
}

/** Sends so much from each side to the other at once, then the ends, and compares. */
async function exchange(one: Duplex, other: Duplex, megabytes: number): Promise<void> {
  const there = many(megabytes);
  const back = many(megabytes);
  const length = megabytes * MEGABYTE;
  const arriving = digest(other);
  const returning = digest(one);
  await Promise.all([
    pipeline(there.source, one, { end: false }),
    pipeline(back.source, other, { end: false }),
    received(other, length),
    received(one, length),
  ]);
  one.end();
  other.end();
  const [arrived, returned] = await Promise.all([arriving, returning]);
  assert.deepEqual(arrived, { hash: there.hash(), length });
  assert.deepEqual(returned, { hash: back.hash(), length });
}

describe('tls over toStream', { skip, timeout: 100_000 }, () => {
  for (const kind of KINDS) {
    test(`shakes hands over ${kind} and ends properly`, {
      skip: cannotOn(ONE_END),
    }, async (context) => {
      const { client, server } = await secured(context, kind, { allowHalfOpen: true });
      assert.equal(client.authorized, true);
      assert.equal(client.getPeerCertificate().subject.CN, 'localhost');
      client.end('question');
      assert.equal(String(await contents(server)), 'question');
      server.end('answer');
      assert.equal(String(await contents(client)), 'answer');
    });

    test(`destroying one side over ${kind} is seen by the other`, async (context) => {
      const { client, server } = await secured(context, kind);
      const closed = once(server, 'close');
      server.on('error', () => {});
      client.destroy();
      await closed;
    });
  }

  test('a certificate that nobody trusts is refused', async (context) => {
    const [one, other] = connected(context, 'TCP');
    const server = new TLSSocket(toStream(other), { isServer: true, key, cert });
    server.on('error', () => {});
    const client = connect({ socket: toStream(one), servername: 'localhost' });
    const [error] = await once(client, 'error');
    assert.equal(error.code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
    if (!server.closed) await once(server, 'close');
  });

  test('100 MiB in both directions arrive over TCP', async (context) => {
    const { client, server } = await secured(context, 'TCP', { allowHalfOpen: true });
    await exchange(client, server, 100);
  });

  test("16 MiB in both directions arrive from a server of Node's own", async (context) => {
    const server = createServer({ key, cert, allowHalfOpen: true }).listen(0, '127.0.0.1');
    context.after(() => void server.close());
    await once(server, 'listening');
    const stream = dial(context, (server.address() as AddressInfo).port, { allowHalfOpen: true });
    const client = connect({ socket: stream, ...TRUST });
    const [accepted] = (await once(server, 'secureConnection')) as [TLSSocket];
    await exchange(client, accepted, 16);
  });
});
