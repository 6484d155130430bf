// HTTP over our sockets: Node's server gets streams as connections, Node's client makes them.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestOptions,
  request,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import * as socket from 'berkeley-sockets';
import { SocketStream } from 'berkeley-sockets/interop';
import { certificate, dial, type Served, serve } from '../support/dialled.js';
import { cannotOn, PLAIN_CONNECTIONS } from '../support/runtime.js';
import { contents, KINDS, type Kind } from '../support/streams.js';

/** Answers with the body, the method and the path. */
async function echo(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('x-asked', `${incoming.method} ${incoming.url}`);
  await pipeline(incoming, response).catch(() => {});
}

/** A server of Node's that answers, on a listener of ours. */
async function served(context: TestContext, kind: Kind, answer: typeof echo = echo) {
  const server = createServer((incoming, response) => void answer(incoming, response));
  return { server, ...(await serve(context, kind, server)) };
}

/** Sends a body, and gives the status, what was asked for and the body of the answer. */
async function ask(options: RequestOptions, body: Uint8Array | string = ''): Promise<unknown[]> {
  const asking = request({ method: 'POST', ...options });
  asking.end(body);
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  return [response.statusCode, response.headers['x-asked'], await contents(response)];
}

/** An agent whose connections are streams of ours. */
class StreamAgent extends Agent {
  readonly #dial: Served['dial'];

  constructor(dialler: Served['dial']) {
    super({ keepAlive: true, maxSockets: 4 });
    this.#dial = dialler;
  }

  override createConnection(): Duplex {
    return this.#dial();
  }
}

for (const kind of KINDS) {
  describe(`http over ${kind}`, { timeout: 20_000 }, () => {
    test("a client's body comes back", async (context) => {
      const { dial: createConnection } = await served(context, kind);
      const body = randomBytes(3_000_000);
      const answer = await ask({ createConnection: () => createConnection(), path: '/a' }, body);
      assert.deepEqual(answer, [200, 'POST /a', body]);
    });

    test('an agent keeps its connections', async (context) => {
      const { dial: dialler, accepted } = await served(context, kind);
      const agent = new StreamAgent(dialler);
      context.after(() => agent.destroy());
      for (let count = 0; count < 5; count += 1) {
        assert.deepEqual(await ask({ agent, path: `/${count}` }, 'x'), [
          200,
          `POST /${count}`,
          Buffer.from('x'),
        ]);
      }
      assert.equal(accepted(), 1);
      const answers = Array.from({ length: 50 }, (_, index) => ask({ agent }, String(index)));
      const bodies = (await Promise.all(answers)).map(([, , body]) => String(body));
      assert.deepEqual(
        bodies,
        Array.from({ length: 50 }, (_, index) => String(index)),
      );
      assert.ok(accepted() <= 4);
    });

    test('an upgraded connection is a stream for both', async (context) => {
      const { server, dial: dialler } = await served(context, kind);
      server.on('upgrade', (_incoming, connection: Duplex, head: Buffer) => {
        assert.ok(connection instanceof SocketStream);
        connection.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
        connection.write(head);
        connection.pipe(connection);
      });
      const asking = request({
        createConnection: () => dialler(),
        headers: { connection: 'upgrade', upgrade: 'echo' },
      });
      asking.end();
      const [response, connection] = (await once(asking, 'upgrade')) as [IncomingMessage, Duplex];
      assert.equal(response.statusCode, 101);
      connection.end('after the upgrade');
      assert.equal(String(await contents(connection)), 'after the upgrade');
    });

    test('the server sees that a client has gone', async (context) => {
      const gone = deferred();
      const { dial: dialler } = await served(context, kind, async (incoming, response) => {
        response.on('close', () => gone.resolve());
        incoming.resume();
        response.write('the beginning');
      });
      const asking = request({ createConnection: () => dialler() });
      asking.on('error', () => {}).end();
      const [response] = (await once(asking, 'response')) as [IncomingMessage];
      response.on('error', () => {});
      asking.destroy();
      await gone.promise;
    });

    test('the client sees that the server has gone', async (context) => {
      const { dial: dialler } = await served(context, kind, async (incoming) => {
        incoming.socket.destroy();
      });
      await assert.rejects(ask({ createConnection: () => dialler() }), { code: 'ECONNRESET' });
    });
  });
}

/** `A promise and what settles it: `Promise.withResolvers`, which Node 20 lacks. */
function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe('http', { timeout: 20_000 }, () => {
  test('a handler reaches the socket and its addresses', async (context) => {
    const { dial: dialler } = await served(context, 'TCP', async (incoming, response) => {
      const { socket: sock, remoteAddress } = incoming.socket as unknown as SocketStream;
      const level = sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE);
      response.end(`${remoteAddress} ${level}`);
    });
    const [, , body] = await ask({ createConnection: () => dialler() });
    assert.equal(String(body), `127.0.0.1 ${socket.SOCK_STREAM}`);
  });

  test("a client's timeout is told", async (context) => {
    const { dial: dialler } = await served(context, 'TCP', async () => {});
    const asking = request({ createConnection: () => dialler() }).setTimeout(20);
    asking.on('error', () => {}).end();
    await once(asking, 'timeout');
    asking.destroy();
  });

  test('a server closes what has been idle for its keepAliveTimeout', {
    skip: cannotOn({
      bun: "Bun's http leaves idle connections open that it has not accepted itself",
    }),
  }, async (context) => {
    const { server, dial: dialler } = await served(context, 'TCP');
    server.keepAliveTimeout = 20;
    const stream = dialler();
    stream.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.match(String(await contents(stream)), /^HTTP\/1\.1 200 OK\r\n/);
  });

  test('a client of ours speaks with a server on a socket of Node', async (context) => {
    const server = createServer((incoming, response) => void echo(incoming, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    context.after(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const body = randomBytes(500_000);
    const answer = await ask({ createConnection: () => dial(context, port) }, body);
    assert.deepEqual(answer, [200, 'POST /', body]);
  });

  test('a client on a socket of Node speaks with a server of ours', async (context) => {
    const { where } = await served(context, 'TCP');
    const body = randomBytes(500_000);
    const answer = await ask({ host: '127.0.0.1', port: where, agent: false }, body);
    assert.deepEqual(answer, [200, 'POST /', body]);
  });

  const pem = certificate();
  const isMissing = pem === undefined && 'there is no openssl(1) to make a certificate';
  const skip = isMissing || cannotOn(PLAIN_CONNECTIONS);
  test('https works on both sides', { skip }, async (context) => {
    const server = createSecureServer(
      pem ?? {},
      (incoming, response) => void echo(incoming, response),
    );
    const { dial: dialler } = await serve(context, 'AF_UNIX', server);
    const trust = { ca: pem?.cert, servername: 'localhost' };
    const createConnection = () => connect({ socket: dialler(), ...trust });
    const asking = secureRequest({ createConnection, method: 'POST' });
    asking.end('secret');
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    assert.equal(String(await contents(response)), 'secret');
  });
});
