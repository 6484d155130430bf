// Handlers that serve a connection through files.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import {
  AsyncStreamRequestHandler,
  AsyncTCPServer,
  StreamRequestHandler,
  TCPServer,
  UDPServer,
} from 'berkeley-sockets/socketserver';
import { captureErrors, clientOf } from '../support/servers.js';
import { closing, udp } from '../support/sockets.js';

const { IPPROTO_TCP, SO_LINGER, SOL_SOCKET, TCP_NODELAY } = socket;
const bytes = Buffer.from;

/** Has the server serve one client that says something, and gives what the client receives. */
async function serve(context: TestContext, Handler: unknown, text = ''): Promise<string> {
  await using server = new TCPServer(['127.0.0.1', 0], Handler as never);
  return await answerOf(context, server, text);
}

async function answerOf(context: TestContext, server: TCPServer, text: string): Promise<string> {
  const client = clientOf(context, server as never);
  if (text !== '') client.send(bytes(text));
  await server.handle_request();
  let answer = '';
  for (;;) {
    const data = await client.promises.recv(100);
    if (data.length === 0) return answer;
    answer += data.toString('latin1');
  }
}

describe('a StreamRequestHandler', () => {
  it('has a buffered rfile, and a wfile that sends at once', async (context) => {
    const seen: unknown[] = [];
    class Handler extends StreamRequestHandler {
      override handle(): void {
        const { rfile, wfile, connection, request } = this;
        seen.push(rfile.constructor.name, wfile.constructor.name, connection === request);
        seen.push(request.gettimeout(), request._io_refs);
        seen.push(String(rfile.readline()), wfile.write(bytes('abc')));
        seen.push(wfile.write(new Int32Array([1])), wfile.writable(), wfile.readable());
        seen.push(wfile.fileno() === request.fileno(), wfile.closed, wfile.flush());
        seen.push(wfile.seekable(), wfile.isatty());
        wfile.writelines([bytes('d'), bytes('e')]);
      }
    }
    assert.equal(await serve(context, Handler, 'line\nrest'), 'abc\u0001\0\0\0de');
    const names = ['BufferedReader', '_SocketWriter', true, null, 1, 'line\n', 3, 4];
    assert.deepEqual(seen, [...names, true, false, true, false, undefined, false, false]);
  });

  it('has other files and options by its attributes', async (context) => {
    const seen: unknown[] = [];
    class Handler extends StreamRequestHandler {
      static override wbufsize = -1;
      static override timeout = 5;
      override rbufsize = 0;
      override disable_nagle_algorithm = true;
      override handle(): void {
        const { rfile, wfile, request } = this;
        seen.push(rfile.constructor.name, wfile.constructor.name, request.gettimeout());
        seen.push(request.getsockopt(IPPROTO_TCP, TCP_NODELAY), request._io_refs);
        wfile.write(bytes('buffered'));
      }
    }
    assert.equal(await serve(context, Handler), 'buffered');
    assert.deepEqual(seen, ['SocketIO', 'BufferedWriter', 5, 1, 2]);
  });

  it('cannot read what it writes to, nor seek in it', async (context) => {
    class Handler extends StreamRequestHandler {
      override handle(): void {
        const { wfile } = this;
        const unsupported = { name: 'UnsupportedOperation' };
        assert.throws(() => wfile.readline(), unsupported);
        assert.throws(() => wfile.seek(0), unsupported);
        assert.throws(() => wfile.tell(), unsupported);
        assert.throws(() => wfile.truncate(), unsupported);
        assert.throws(() => wfile.write('text' as never), {
          name: 'TypeError',
          message: "a bytes-like object is required, not 'str'",
        });
        wfile.close();
        wfile.close();
        assert.throws(() => wfile.flush(), { name: 'ValueError' });
        wfile.write(bytes('as in Python'));
      }
    }
    const errors = captureErrors(context);
    assert.equal(await serve(context, Handler), 'as in Python');
    assert.equal(errors.text(), '');
  });

  it('may close its files itself', async (context) => {
    const errors = captureErrors(context);
    class Handler extends StreamRequestHandler {
      override handle(): void {
        this.wfile.close();
        void this.rfile.close();
      }
    }
    assert.equal(await serve(context, Handler), '');
    assert.equal(errors.text(), '');
  });

  it('reports what a buffered wfile could not send, and closes the connection', async (context) => {
    const errors = captureErrors(context);
    const log: string[] = [];
    class Handler extends StreamRequestHandler {
      static override wbufsize = -1;
      override handle(): void {
        this.wfile.write(bytes('x'.repeat(10)));
        this.request.recv(1);
        // Resets the connection: nothing can be sent any more.
        client.setsockopt(SOL_SOCKET, SO_LINGER, Buffer.from(new Int32Array([1, 0]).buffer));
        client.close();
      }
      override finish(): void | Promise<void> {
        try {
          return super.finish();
        } catch (error) {
          log.push((error as Error).name);
          throw error;
        }
      }
    }
    await using server = new TCPServer(['127.0.0.1', 0], Handler);
    const client = clientOf(context, server as never);
    client.send(bytes('z'));
    await server.handle_request();
    assert.deepEqual(log, ['BrokenPipeError']);
    assert.match(errors.text(), /BrokenPipeError/);
  });

  it('says what finish() lacks if a setup() of its own made no files', async (context) => {
    const errors = captureErrors(context);
    class Without extends StreamRequestHandler {
      override setup(): void {}
    }
    assert.equal(await serve(context, Without), '');
    assert.match(errors.text(), /AttributeError: 'Without' object has no attribute 'wfile'/);
    class WithoutReader extends StreamRequestHandler {
      override setup(): void {
        void super.setup();
        void this.rfile.close();
        Reflect.deleteProperty(this, 'rfile');
      }
    }
    assert.equal(await serve(context, WithoutReader), '');
    assert.match(errors.text(), /AttributeError: 'WithoutReader' object has no attribute 'rfile'/);
  });

  it('leaves nothing open if setup() fails after the files are made', async (context) => {
    const errors = captureErrors(context);
    class Handler extends StreamRequestHandler {
      override setup(): void {
        void super.setup();
        throw new RangeError('in setup');
      }
    }
    assert.equal(await serve(context, Handler), '');
    class Unbuffered extends StreamRequestHandler {
      override wbufsize = 'much' as never;
    }
    assert.equal(await serve(context, Unbuffered), '');
    assert.match(errors.text(), /in setup[\s\S]*TypeError/);
  });

  it('cannot serve a datagram', async (context) => {
    const errors = captureErrors(context);
    await using server = new UDPServer(['127.0.0.1', 0], StreamRequestHandler as never);
    udp(context).sendto(bytes('x'), server.server_address);
    await server.handle_request();
    assert.match(errors.text(), /AttributeError: 'tuple' object has no attribute 'makefile'/);
  });

  it('with awaits serves on the event loop, too', async (context) => {
    class Upper extends StreamRequestHandler<TCPServer | AsyncTCPServer> {
      override async handle(): Promise<void> {
        for (;;) {
          const line = await this.rfile.readline();
          if (line.length === 0) return;
          await this.wfile.write(bytes(String(line).toUpperCase()));
        }
      }
    }
    for (const Server of [TCPServer, AsyncTCPServer as unknown as typeof TCPServer]) {
      await using server = new Server(['127.0.0.1', 0], Upper);
      const client = clientOf(context, server as never);
      client.send(bytes('one\ntwo\n'));
      client.shutdown(socket.SHUT_WR);
      await server.handle_request();
      assert.equal(String(await client.promises.recv(100)), 'ONE\nTWO\n');
    }
  });
});

describe('an AsyncStreamRequestHandler', () => {
  for (const Server of [AsyncTCPServer, TCPServer as unknown as typeof AsyncTCPServer]) {
    for (const wbufsize of [0, -1]) {
      it(`reads lines as they come, wbufsize ${wbufsize}: ${Server.name}`, async (context) => {
        class Upper extends AsyncStreamRequestHandler {
          override wbufsize = wbufsize;
          override async handle(): Promise<void> {
            assert.ok('blocking' in this.connection);
            assert.equal(this.connection.fileno(), this.request.fileno());
            for await (const line of this.rfile) {
              const count = await this.wfile.write(bytes(String(line).toUpperCase()));
              assert.equal(count, line.length);
              await this.wfile.flush();
            }
          }
        }
        await using server = new Server(['127.0.0.1', 0], Upper);
        const client = clientOf(context, server as never);
        const serving = server.serve_forever();
        for (const text of ['one\n', 'two\n']) {
          client.send(bytes(text));
          assert.equal(String(await client.promises.recv(100)), text.toUpperCase());
        }
        client.shutdown(socket.SHUT_WR);
        assert.equal((await client.promises.recv(100)).length, 0);
        await server.shutdown();
        await serving;
      });
    }
  }

  it('sends all that was written, even if nobody awaited it', async (context) => {
    const size = 5_000_000;
    class Flood extends AsyncStreamRequestHandler {
      override handle(): void {
        void this.wfile.write(Buffer.alloc(size, 'x'));
      }
    }
    await using server = new AsyncTCPServer(['127.0.0.1', 0], Flood);
    const client = clientOf(context, server as never).promises;
    await server.handle_request();
    let received = 0;
    for (;;) {
      const { length } = await client.recv(1 << 20);
      if (length === 0) break;
      received += length;
    }
    assert.equal(received, size);
  });

  it('rejects for wrong arguments instead of throwing', async (context) => {
    class Handler extends AsyncStreamRequestHandler {
      override async handle(): Promise<void> {
        await assert.rejects(this.wfile.write('text' as never), { name: 'TypeError' });
        await assert.rejects(this.wfile.readline(), { name: 'UnsupportedOperation' });
        await this.wfile.write(bytes('fine'), { timeout: 5 });
      }
    }
    const errors = captureErrors(context);
    await using server = new AsyncTCPServer(['127.0.0.1', 0], Handler);
    assert.equal(await answerOf(context, server as never, 'x'), 'fine');
    assert.equal(errors.text(), '');
  });

  it('may serve a socket with a timeout of its own', async (context) => {
    const errors = captureErrors(context);
    class Impatient extends AsyncStreamRequestHandler {
      static override timeout = 0.01;
      override async handle(): Promise<void> {
        await this.rfile.readline();
      }
    }
    await using server = new AsyncTCPServer(['127.0.0.1', 0], Impatient);
    const client = closing(context, socket.create_connection(server.server_address)).promises;
    await server.handle_request();
    assert.equal((await client.recv(1)).length, 0);
    assert.match(errors.text(), /TimeoutError: timed out/);
  });
});
