// What a handler gets of each kind of server, and what becomes of its answer.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import {
  AsyncDatagramRequestHandler,
  AsyncUDPServer,
  BaseRequestHandler,
  DatagramRequestHandler,
  UDPServer,
  UnixDatagramServer,
  UnixStreamServer,
} from 'berkeley-sockets/socketserver';
import { type AnyServer, captureErrors, clientOf, KINDS, serverOf } from '../support/servers.js';
import { closing, udp, unixPath } from '../support/sockets.js';

type Datagram = [data: Buffer, sock: socket.socket];

/** Has the server serve one datagram of a client, and gives what the client receives. */
async function ask(context: TestContext, server: UDPServer, text: string): Promise<string> {
  const client = clientOf(context, server as never);
  client.send(Buffer.from(text));
  await server.handle_request();
  return String(await client.promises.recv(100));
}

describe('the classic upper-casing handler', () => {
  for (const kind of KINDS) {
    it(`works on ${kind.name}`, async (context) => {
      const { isAsync, isStream } = kind;
      class Upper extends BaseRequestHandler<never> {
        override async handle(): Promise<void> {
          assert.equal(this.server, server);
          if (isStream) {
            const connection = this.request as socket.socket;
            assert.ok(connection instanceof (isAsync ? promises.socket : socket.socket));
            const data = await connection.recv(1024);
            await connection.sendall(Buffer.from(String(data).toUpperCase()));
          } else {
            const [data, sock] = this.request as Datagram;
            assert.equal(sock, server.socket);
            await sock.sendto(Buffer.from(String(data).toUpperCase()), this.client_address);
          }
        }
      }
      const server: AnyServer = serverOf(context, kind, Upper);
      const serving = server.serve_forever();
      const clients = ['one', 'two', 'three'].map((text) => {
        const client = clientOf(context, server);
        client.send(Buffer.from(text));
        return client.promises;
      });
      const answers = await Promise.all(clients.map((client) => client.recv(100)));
      assert.deepEqual(answers.map(String), ['ONE', 'TWO', 'THREE']);
      await server.shutdown();
      await serving;
    });
  }
});

describe('a request of a UDPServer', () => {
  for (const Server of [UDPServer, AsyncUDPServer as unknown as typeof UDPServer]) {
    it(`is the datagram and the server's socket, which stays open: ${Server.name}`, async (context) => {
      await using server: UDPServer = new Server(['127.0.0.1', 0], async (request, address) => {
        assert.equal(request.length, 2);
        assert.ok(Buffer.isBuffer(request[0]));
        assert.equal(request[1], server.socket);
        await request[1].sendto(Buffer.from('pong'), address);
      });
      assert.equal(await ask(context, server, 'ping'), 'pong');
      assert.ok(server.fileno() >= 0);
      assert.equal(server.max_packet_size, 8192);
    });

    it(`ends where max_packet_size ends: ${Server.name}`, async (context) => {
      class Small extends Server {
        static override max_packet_size = 3;
      }
      await using server = new Small(['127.0.0.1', 0], async ([data, sock], address) => {
        await sock.sendto(data, address);
      });
      assert.equal(await ask(context, server, 'abcdef'), 'abc');
    });

    it(`may be empty: ${Server.name}`, async (context) => {
      await using server = new Server(['127.0.0.1', 0], async ([data, sock], address) => {
        await sock.sendto(Buffer.from(`${data.length}`), address);
      });
      assert.equal(await ask(context, server, ''), '0');
    });
  }
});

describe('a DatagramRequestHandler', () => {
  for (const [Server, Handler] of [
    [UDPServer, DatagramRequestHandler],
    [AsyncUDPServer, AsyncDatagramRequestHandler],
    [UDPServer, AsyncDatagramRequestHandler],
    [AsyncUDPServer, DatagramRequestHandler],
  ] as unknown as [typeof UDPServer, typeof DatagramRequestHandler][]) {
    const where = `${Handler.name} on ${Server.name}`;

    it(`reads the datagram and collects the answer: ${where}`, async (context) => {
      class Two extends Handler {
        override handle(): void {
          assert.equal(this.rfile.constructor.name, 'BytesIO');
          assert.equal(String(this.rfile.readline()), 'l1\n');
          assert.equal(String(this.packet), 'l1\nl2');
          const ours = Handler === DatagramRequestHandler ? this.server.socket : this.socket;
          assert.equal(this.socket, ours);
          assert.equal(this.socket.fileno(), this.server.fileno());
          this.wfile.write(Buffer.from('a'));
          this.wfile.write(Buffer.from('b'));
        }
      }
      await using server = new Server(['127.0.0.1', 0], Two);
      assert.equal(await ask(context, server, 'l1\nl2'), 'ab');
    });

    it(`answers with nothing if nothing was written: ${where}`, async (context) => {
      await using server = new Server(['127.0.0.1', 0], Handler as never);
      assert.equal(await ask(context, server, 'x'), '');
    });

    it(`answers even if handle() throws: ${where}`, async (context) => {
      const errors = captureErrors(context);
      class Failing extends Handler {
        override handle(): void {
          throw new RangeError('x');
        }
      }
      await using server = new Server(['127.0.0.1', 0], Failing);
      assert.equal(await ask(context, server, 'x'), '');
      await server.server_close();
      assert.match(errors.text(), /RangeError: x/);
    });
  }

  it('cannot serve a connection', async (context) => {
    const errors = captureErrors(context);
    const path = unixPath(context);
    await using server = new UnixStreamServer(path, DatagramRequestHandler as never);
    const client = clientOf(context, server as never);
    await server.handle_request();
    assert.equal(client.recv(1).length, 0);
    assert.match(errors.text(), /TypeError: cannot unpack non-iterable socket object/);
  });
});

describe('the path of an AF_UNIX server', () => {
  it('is where it was when the server is closed, and an unnamed client has none', async (context) => {
    const path = unixPath(context);
    const seen: unknown[] = [];
    await using server = new UnixStreamServer(path, (request, address) => {
      seen.push(address, String(request.recv(5)));
    });
    const client = closing(context, new socket.socket(socket.AF_UNIX));
    client.connect(path);
    client.send(Buffer.from('u'));
    await server.handle_request();
    assert.deepEqual(seen, ['', 'u']);
    assert.equal(server.server_address, path);
    await server.server_close();
    assert.ok(existsSync(path));
  });

  it('gets datagrams of unnamed senders, who cannot be answered', async (context) => {
    const errors = captureErrors(context);
    const path = unixPath(context);
    const seen: unknown[] = [];
    class Handler extends DatagramRequestHandler<UnixDatagramServer> {
      override handle(): void {
        seen.push(this.client_address, String(this.rfile.read()));
      }
    }
    await using server = new UnixDatagramServer(path, Handler);
    const client = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    client.sendto(Buffer.from('u'), path);
    await server.handle_request();
    assert.deepEqual(seen, [null, 'u']);
    assert.match(errors.text(), /processing of request from None\nTypeError: /);
  });

  it('has its errors reported with the path of the sender, as Python prints it', async (context) => {
    const errors = captureErrors(context);
    await using server = new UnixDatagramServer(unixPath(context), () => {
      throw new RangeError('boom');
    });
    const client = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    const path = unixPath(context);
    client.bind(path);
    client.sendto(Buffer.from('u'), server.server_address);
    await server.handle_request();
    assert.equal(
      errors.text().split('\n')[1],
      `Exception occurred during processing of request from ${path}`,
    );
  });
});

describe('a datagram server', () => {
  it('goes on after an answer that nobody received', async (context) => {
    let count = 0;
    await using server = new UDPServer(['127.0.0.1', 0], ([data, sock], address) => {
      count += 1;
      sock.sendto(data, address);
    });
    const gone = udp(context);
    gone.sendto(Buffer.from('x'), server.server_address);
    gone.close();
    await server.handle_request();
    assert.equal(await ask(context, server, 'still there'), 'still there');
    assert.equal(count, 2);
  });
});
