// Clients that misbehave, and a system that has nothing left to give.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { BaseRequestHandler, TCPServer } from 'berkeley-sockets/socketserver';
import { run } from '../support/process.js';
import { cannotOn, NO_DESCRIPTOR } from '../support/runtime.js';
import { captureErrors, clientOf, KINDS, serverOf } from '../support/servers.js';

/** Closes a connection by a reset. */
function reset(client: socket.socket<number>): void {
  const linger = Buffer.from(new Int32Array([1, 0]).buffer);
  client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger);
  client.close();
}

for (const kind of KINDS.filter(({ isStream }) => isStream)) {
  describe(`the clients of ${kind.name}`, () => {
    it('may reset, half-close or send garbage, and others are served', async (context) => {
      const errors = captureErrors(context);
      const seen: string[] = [];
      class Handler extends BaseRequestHandler<never> {
        override async handle(): Promise<void> {
          const connection = this.request as socket.socket;
          let data = '';
          for (;;) {
            const part = await connection.recv(100);
            if (part.length === 0) break;
            data += part.toString('latin1');
          }
          seen.push(data);
          await connection.sendall(Buffer.from(`${data.length}`));
        }
      }
      const server = serverOf(context, kind, Handler);
      const rude = clientOf(context, server);
      rude.send(Buffer.from('x'));
      reset(rude);
      reset(clientOf(context, server));
      const garbage = clientOf(context, server);
      garbage.send(Buffer.from([0, 255, 10, 13]));
      garbage.shutdown(socket.SHUT_WR);
      const polite = clientOf(context, server);
      polite.shutdown(socket.SHUT_WR);
      const serving = server.serve_forever();
      assert.equal(String(await garbage.promises.recv(10)), '4');
      assert.equal(String(await polite.promises.recv(10)), '0');
      await server.shutdown();
      await serving;
      await server.server_close();
      assert.ok(seen.includes('\u0000\u00ff\n\r'));
      if (kind.name.endsWith('TCPServer')) assert.match(errors.text(), /ConnectionResetError/);
    });

    it('that are gone before they are accepted harm nobody', async (context) => {
      captureErrors(context);
      const server = serverOf(context, kind, () => undefined);
      reset(clientOf(context, server));
      await server.handle_request();
      const client = clientOf(context, server);
      await server.handle_request();
      assert.equal((await client.promises.recv(1)).length, 0);
    });
  });
}

describe('a handler', () => {
  it('of the wrong kind is refused at once, or fails for each request', async (context) => {
    const errors = captureErrors(context);
    await using server = new TCPServer(['127.0.0.1', 0], null);
    for (const handler of [null, undefined, 5]) {
      server.RequestHandlerClass = handler as never;
      const client = clientOf(context, server as never);
      await server.handle_request();
      assert.equal(client.recv(1).length, 0);
    }
    const kinds = [...errors.text().matchAll(/TypeError: '(\w+)' object is not callable/g)];
    assert.deepEqual(
      kinds.map(([, kind]) => kind),
      ['NoneType', 'NoneType', 'int'],
    );
  });

  it('may be any class, an arrow function, or an async function', async (context) => {
    const seen: unknown[] = [];
    class Plain {
      constructor(_request: unknown, client_address: unknown, server: unknown) {
        seen.push(['class', Array.isArray(client_address), server]);
      }
    }
    await using server = new TCPServer(['127.0.0.1', 0], Plain);
    const arrow = (_request: unknown, _address: unknown, its: unknown) => seen.push(['arrow', its]);
    for (const handler of [Plain, arrow, async () => seen.push(['async'])]) {
      server.RequestHandlerClass = handler as never;
      clientOf(context, server as never);
      await server.handle_request();
    }
    assert.deepEqual(seen, [['class', true, server], ['arrow', server], ['async']]);
  });
});

describe('a server without a descriptor left', {
  skip: cannotOn(NO_DESCRIPTOR),
}, () => {
  for (const name of ['TCPServer', 'AsyncTCPServer', 'a server with a get_request of its own']) {
    it(`waits without spinning, and drops nobody: ${name}`, async (context) => {
      const fixture = '../../socketserver/fixtures/exhausted';
      const command = ['sh', '-c', 'ulimit -n 100 && exec "$@"', 'sh'];
      const { code, lines, stderr } = await run(context, fixture, [name], { command });
      assert.deepEqual([code, stderr], [0, '']);
      const { answers, spent } = JSON.parse(lines[0] ?? '{}');
      assert.deepEqual(
        answers,
        Array.from({ length: 4 }, (_, index) => `client ${index}`),
      );
      assert.ok(spent < 0.5, `${spent} of the time was spent computing`);
    });
  }
});

describe('what is no socket', () => {
  it('may stand for one if it has the methods', async (context) => {
    const listener = socket.create_server(['127.0.0.1', 0]);
    const wrapper = {
      fileno: () => listener.fileno(),
      gettimeout: () => null,
      accept: () => listener.promises.accept(),
      close: () => listener.close(),
    };
    const hello = async (request: socket.socket) => request.sendall(Buffer.from('hello'));
    await using server = new TCPServer(listener.getsockname(), hello, false);
    server.socket = wrapper as never;
    const client = clientOf(context, { server_address: server.server_address, socket: listener });
    await server.handle_request();
    assert.equal(String(await client.promises.recv(10)), 'hello');
  });

  it('is refused where it lacks one, as in Python', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null);
    const before = server.socket;
    for (const [value, type] of [
      [null, 'NoneType'],
      [{}, 'Object'],
      ['text', 'str'],
    ] as const) {
      server.socket = value as never;
      const lacks = (name: string) => ({
        name: 'AttributeError',
        message: `'${type}' object has no attribute '${name}'`,
      });
      await assert.rejects(server.serve_forever(), lacks('fileno'));
      await assert.rejects(server.handle_request(), lacks('gettimeout'));
      assert.throws(() => server.server_close(), lacks('close'));
      assert.throws(() => server.get_request(), lacks('accept'));
      assert.throws(() => server.server_bind(), lacks('bind'));
      assert.throws(() => server.server_activate(), lacks('listen'));
      assert.throws(() => server.close_request(value as never), lacks('close'));
    }
    assert.equal(before.fileno(), -1);
    server.socket = before;
  });

  it('in place of a request is refused, as in Python', async (context) => {
    class Server extends TCPServer {
      taken: unknown = null;
      override get_request(): never {
        return this.taken as never;
      }
    }
    await using server = new Server(['127.0.0.1', 0], null);
    clientOf(context, server as never);
    await assert.rejects(server.handle_request(), {
      name: 'TypeError',
      message: 'cannot unpack non-iterable NoneType object',
    });
    server.taken = [1];
    await assert.rejects(server.handle_request(), {
      name: 'ValueError',
      message: 'not enough values to unpack (expected 2, got 1)',
    });
  });
});
