// Serving until somebody ends it, one request at a time, and for a limited time.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { AsyncTCPServer, TCPServer } from 'berkeley-sockets/socketserver';
import { assertWaits } from '../support/promised.js';
import { clientOf, KINDS, serverOf } from '../support/servers.js';

/** Seconds that a promise takes. */
async function timed(promise: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await promise;
  return (performance.now() - start) / 1000;
}

for (const kind of KINDS) {
  describe(`serve_forever() of ${kind.name}`, () => {
    it('serves until shutdown(), which settles with it, and again after that', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      const log: string[] = [];
      for (const round of [1, 2]) {
        const serving = server.serve_forever(0.05).then(() => log.push(`served ${round}`));
        await turn();
        assert.equal(await server.shutdown(), undefined);
        log.push(`shut down ${round}`);
        await serving;
      }
      assert.equal(log.length, 4);
    });

    it('ends at once, whatever its poll_interval is', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      for (const interval of [1000, null]) {
        const serving = server.serve_forever(interval);
        await turn();
        assert.ok((await timed(server.shutdown())) < 5);
        await serving;
      }
    });

    it('lets a handler shut the server down, and takes what comes next time', async (context) => {
      let count = 0;
      const server = serverOf(context, kind, () => {
        count += 1;
        void server.shutdown();
      });
      for (const expected of [1, 2]) {
        const client = clientOf(context, server);
        client.send(Buffer.from('x'));
        await server.serve_forever();
        assert.equal(count, expected);
      }
    });

    it('lets a timer and a signal shut the server down', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      setTimeout(() => server.shutdown(), 5);
      await server.serve_forever();
      process.once('SIGUSR2', () => server.shutdown());
      const serving = server.serve_forever();
      await turn();
      process.kill(process.pid, 'SIGUSR2');
      await serving;
    });

    it('ends when the server is closed', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      const serving = server.serve_forever();
      await turn();
      await server.server_close();
      await serving;
      assert.equal(server.fileno(), -1);
    });

    it('cannot begin on a closed server, which can be closed again', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      await server.server_close();
      const closed = { name: 'ValueError', message: 'Invalid file descriptor: -1' };
      await assert.rejects(server.handle_request(), closed);
      await assert.rejects(server.serve_forever(), closed);
      await server.server_close();
      assert.equal(server.fileno(), -1);
    });
  });

  describe(`handle_request() of ${kind.name}`, () => {
    it('waits for a request and serves no other', async (context) => {
      const seen: string[] = [];
      const server = serverOf(context, kind, (request) => {
        seen.push(kind.isStream ? 'connection' : String((request as [Buffer])[0]));
      });
      const handled = server.handle_request();
      await assertWaits(handled);
      for (const text of ['first', 'second']) clientOf(context, server).send(Buffer.from(text));
      assert.equal(await handled, undefined);
      assert.deepEqual(seen, [kind.isStream ? 'connection' : 'first']);
    });

    it('rejects when the server is closed meanwhile', async (context) => {
      const server = serverOf(context, kind, () => undefined);
      const handled = server.handle_request();
      await turn();
      await server.server_close();
      await assert.rejects(handled, { name: 'ValueError', message: 'Invalid file descriptor: -1' });
    });
  });
}

describe('a timeout', () => {
  class Server extends TCPServer {
    static override timeout: number | null = 0.1;
    override handle_timeout(): string {
      return 'timed out';
    }
  }

  it('is that of the server or of its socket, whichever is shorter', async () => {
    await using server = new Server(['127.0.0.1', 0], null);
    const whole = await timed(
      server.handle_request().then((result) => assert.equal(result, 'timed out')),
    );
    assert.ok(whole >= 0.099, `${whole}`);
    server.timeout = 1000;
    server.socket.settimeout(0.02);
    assert.ok((await timed(server.handle_request())) < 500);
    server.socket.settimeout(1000);
    server.timeout = 0.02;
    assert.ok((await timed(server.handle_request())) < 500);
  });

  it('of nothing, or less, does not wait, but serves who is there', async (context) => {
    await using server = new Server(['127.0.0.1', 0], null);
    let count = 0;
    server.process_request = (request) => {
      count += 1;
      request.close();
    };
    for (const timeout of [0, -1]) {
      server.timeout = timeout;
      assert.equal(await server.handle_request(), 'timed out');
      clientOf(context, server as never);
      assert.equal(await server.handle_request(), undefined);
    }
    assert.equal(count, 2);
  });

  it('that is no number is refused', async () => {
    await using server = new Server(['127.0.0.1', 0], null);
    server.timeout = 'soon' as never;
    const refused = {
      name: 'TypeError',
      message: "'str' object cannot be interpreted as an integer",
    };
    await assert.rejects(server.handle_request(), refused);
    await assert.rejects(server.serve_forever('soon' as never), refused);
    await assert.rejects(server.serve_forever({ interval: 1 } as never), {
      message: "BaseServer.serve_forever() got an unexpected keyword argument 'interval'",
    });
  });
});

describe('service_actions()', () => {
  it('runs after each request, and after each poll_interval without one', async (context) => {
    const log: string[] = [];
    class Server extends TCPServer {
      override service_actions(): void {
        log.push('actions');
        if (log.length >= 5) void this.shutdown();
      }
    }
    await using server = new Server(['127.0.0.1', 0], () => log.push('request'));
    clientOf(context, server as never);
    await server.serve_forever({ poll_interval: 0.01 });
    assert.deepEqual(log, ['request', 'actions', 'actions', 'actions', 'actions']);
  });

  it('may be async, and ends serve_forever() by what it throws', async () => {
    class Server extends TCPServer {
      override async service_actions(): Promise<void> {
        await turn();
        throw new RangeError('enough');
      }
    }
    await using server = new Server(['127.0.0.1', 0], null);
    await assert.rejects(server.serve_forever(0.01), { message: 'enough' });
  });
});

describe('shutdown()', () => {
  it('before anybody serves settles when the next serve_forever() ends, at once', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null);
    const shut = server.shutdown();
    await assertWaits(shut);
    await server.serve_forever();
    await shut;
    const serving = server.serve_forever();
    await assertWaits(serving);
    await server.shutdown();
    await serving;
  });

  it('after serve_forever() settles at once, and ends the next one, as in Python', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null);
    const serving = server.serve_forever();
    await server.shutdown();
    await serving;
    await server.shutdown();
    await server.serve_forever();
  });

  it('does not drop a connection that was accepted', async (context) => {
    let count = 0;
    await using server = new TCPServer(['127.0.0.1', 0], () => {
      count += 1;
    });
    const serving = server.serve_forever();
    await turn();
    const client = clientOf(context, server as never);
    // By now the loop has seen it, or it still waits to be accepted.
    await turn();
    const shut = server.shutdown();
    await serving;
    await shut;
    server.timeout = 0;
    await server.handle_request();
    assert.equal(count, 1);
    assert.equal(client.recv(1).length, 0);
  });
});

describe('the event loop', () => {
  it('goes on while a server has more clients than it can serve', async (context) => {
    class Server extends TCPServer {
      static override request_queue_size = 128;
    }
    let count = 0;
    await using server = new Server(['127.0.0.1', 0], () => {
      count += 1;
      // There is always one more.
      if (count < 500) clientOf(context, server as never);
    });
    clientOf(context, server as never);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 0);
    context.after(() => clearInterval(ticking));
    const serving = server.serve_forever();
    while (count < 500) await turn();
    await server.shutdown();
    await serving;
    assert.ok(turns > 0);
  });

  it('is kept alive by serve_forever(), and let go by shutdown()', async () => {
    await using server = new AsyncTCPServer(['127.0.0.1', 0], null);
    const serving = server.serve_forever();
    await assertWaits(serving);
    await server.shutdown();
    await serving;
  });
});

describe('a server on the event loop', () => {
  it('serves many at once, and server_close() waits for them', async (context) => {
    const served: string[] = [];
    await using server = new AsyncTCPServer(['127.0.0.1', 0], async (request) => {
      served.push(String(await request.recv(10)));
    });
    const serving = server.serve_forever();
    const clients = Array.from({ length: 5 }, () => clientOf(context, server as never));
    await turn();
    for (const [index, client] of clients.entries()) client.send(Buffer.from(`${index}`));
    await server.shutdown();
    await serving;
    const last = clientOf(context, server as never);
    server.timeout = 10;
    await server.handle_request();
    const closed = Promise.resolve(server.server_close());
    await assertWaits(closed);
    last.send(Buffer.from('last'));
    await closed;
    assert.deepEqual(served.sort(), ['0', '1', '2', '3', '4', 'last']);
  });

  it('with block_on_close false is closed at once', async (context) => {
    class Server extends AsyncTCPServer {
      static override block_on_close = false;
    }
    let served = '';
    const server = new Server(['127.0.0.1', 0], async (request) => {
      served = String(await request.recv(10));
    });
    const client = clientOf(context, server as never);
    await server.handle_request();
    assert.equal(server.server_close(), undefined);
    client.send(Buffer.from('late'));
    assert.equal((await client.promises.recv(1)).length, 0);
    assert.equal(served, 'late');
  });
});
