// undici over our sockets: its clients and its fetch get streams from a connector.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { Agent, type buildConnector, Client, fetch } from 'undici';
import { type Served, serve } from '../support/dialled.js';
import { cannotOn } from '../support/runtime.js';
import { contents, KINDS, type Kind } from '../support/streams.js';

const skip = cannotOn({ bun: 'Bun has a module of its own for undici, which takes no connector' });
const ORIGIN = 'http://example.org';

/** A server that answers with what it was sent, and a connector to it. */
async function served(context: TestContext, kind: Kind) {
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    response.setHeader('x-asked', `${incoming.method} ${incoming.headers.host}${incoming.url}`);
    pipeline(incoming, response).catch(() => {});
  };
  const server = createServer(answer);
  const there: Served = await serve(context, kind, server);
  const connect: buildConnector.connector = (_options, callback) => {
    // What undici uses of a net.Socket is there. It does not expect the answer before the call ends.
    setImmediate(callback, null, there.dial() as unknown as Socket);
  };
  return { server, connect, ...there };
}

for (const kind of KINDS) {
  describe(`undici over ${kind}`, { timeout: 20_000 }, () => {
    test('fetch gets what the server answers, over kept connections', { skip }, async (context) => {
      const { connect, accepted } = await served(context, kind);
      const dispatcher = new Agent({ connect, connections: 1 });
      context.after(() => dispatcher.destroy());
      const body = randomBytes(2_000_000);
      for (let count = 0; count < 3; count += 1) {
        const url = `${ORIGIN}/${count}`;
        const response = await fetch(url, { method: 'POST', body, dispatcher });
        assert.equal(response.headers.get('x-asked'), `POST example.org/${count}`);
        assert.deepEqual(Buffer.from(await response.arrayBuffer()), body);
      }
      assert.equal(accepted(), 1);
    });

    test('a client sends requests without waiting for answers', { skip }, async (context) => {
      const { connect, accepted } = await served(context, kind);
      const client = new Client(ORIGIN, { connect, pipelining: 10 });
      context.after(() => client.destroy());
      const answers = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const { headers, body } = await client.request({ path: `/${index}`, method: 'GET' });
          await body.dump();
          return headers['x-asked'];
        }),
      );
      const expected = Array.from({ length: 40 }, (_, index) => `GET example.org/${index}`);
      assert.deepEqual(answers, expected);
      assert.equal(accepted(), 1);
    });

    test('a body is streamed in both directions', { skip }, async (context) => {
      const { connect } = await served(context, kind);
      const client = new Client(ORIGIN, { connect });
      context.after(() => client.destroy());
      const pieces = Array.from({ length: 50 }, () => randomBytes(30_000));
      const { body } = await client.request({
        path: '/',
        method: 'PUT',
        body: pieces.values() as never,
      });
      assert.deepEqual(await contents(body), Buffer.concat(pieces));
    });

    test('an aborted request ends its connection', { skip }, async (context) => {
      const { server, connect } = await served(context, kind);
      server.removeAllListeners('request').on('request', () => {});
      const client = new Client(ORIGIN, { connect });
      context.after(() => client.destroy());
      const controller = new AbortController();
      const { signal } = controller;
      const asking = client.request({ path: '/', method: 'GET', signal });
      await once(server, 'request');
      controller.abort();
      await assert.rejects(asking, { name: 'AbortError' });
    });
  });
}
