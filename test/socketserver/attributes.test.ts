// Class attributes, constructors, binding and listening.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as socketserver from 'berkeley-sockets/socketserver';
import { loose } from '../support/exceptions.js';
import { KINDS, serverOf } from '../support/servers.js';
import { closing, unixPath } from '../support/sockets.js';

const { TCPServer, UDPServer, UnixDatagramServer, UnixStreamServer } = socketserver;

/** The backlog that a socket was told to have; ss(8) shows it, and so does TCP_INFO. */
function backlogOf(server: { socket: { getsockopt: socket.socket['getsockopt'] } }): number {
  // tcpi_sacked of a listener is its backlog; netlink's sock_diag(7) documents it.
  return server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104).readUInt32LE(28);
}

/** The constructors take the same; what differs is the flavour of the sockets. */
const FLAVOURS = [TCPServer, socketserver.AsyncTCPServer as unknown as typeof TCPServer];

describe('class attributes', () => {
  it('are those of Python, as static properties and on each server', () => {
    const { BaseServer, StreamRequestHandler, AsyncTCPServer } = socketserver;
    assert.equal(BaseServer.timeout, null);
    const tcp = {
      timeout: null,
      address_family: socket.AF_INET,
      socket_type: socket.SOCK_STREAM,
      request_queue_size: 5,
      allow_reuse_address: false,
      allow_reuse_port: false,
    };
    const udp = { ...tcp, socket_type: socket.SOCK_DGRAM, max_packet_size: 8192 };
    const families = { address_family: socket.AF_UNIX };
    for (const [Server, attributes] of [
      [TCPServer, tcp],
      [UDPServer, udp],
      [UnixStreamServer, { ...tcp, ...families }],
      [UnixDatagramServer, { ...udp, ...families }],
      [AsyncTCPServer, { ...tcp, block_on_close: true }],
    ] as const) {
      const made = Object.create(Server.prototype);
      for (const [name, value] of Object.entries(attributes)) {
        assert.equal((Server as unknown as Record<string, unknown>)[name], value, name);
        assert.equal(made[name], value, name);
      }
    }
    const handler = Object.create(StreamRequestHandler.prototype);
    const { rbufsize, wbufsize, timeout, disable_nagle_algorithm } = handler;
    assert.deepEqual([rbufsize, wbufsize, timeout, disable_nagle_algorithm], [-1, 0, null, false]);
  });

  it('make one class the heir of another, as in Python', () => {
    const parent = (child: object) => Object.getPrototypeOf(child);
    assert.equal(parent(TCPServer), socketserver.BaseServer);
    assert.equal(parent(UDPServer), TCPServer);
    assert.equal(parent(UnixStreamServer), TCPServer);
    assert.equal(parent(UnixDatagramServer), UDPServer);
    assert.equal(parent(socketserver.StreamRequestHandler), socketserver.BaseRequestHandler);
    assert.equal(parent(socketserver.DatagramRequestHandler), socketserver.BaseRequestHandler);
  });

  it('of a subclass decide what is bound and how it listens', async () => {
    class Server extends TCPServer {
      static override allow_reuse_address = true;
      static override allow_reuse_port = true;
      static override request_queue_size = 9;
    }
    class Heir extends Server {}
    for (const Class of [Server, Heir]) {
      await using server = new Class(['127.0.0.1', 0], null);
      const option = (name: number) => server.socket.getsockopt(socket.SOL_SOCKET, name);
      assert.equal(option(socket.SO_REUSEADDR), 1);
      assert.equal(option(socket.SO_REUSEPORT), 1);
      assert.equal(backlogOf(server), 9);
      // Another one on the same port, as the option promises.
      await using twin = new Class(server.server_address, null);
      assert.deepEqual(twin.server_address, server.server_address);
    }
    await using plain = new TCPServer(['127.0.0.1', 0], null);
    assert.equal(plain.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), 0);
    assert.equal(backlogOf(plain), 5);
  });

  it('may be accessors, or be set on a class from outside', async () => {
    class Server extends TCPServer {
      override get request_queue_size(): number {
        return 7;
      }
    }
    await using server = new Server(['127.0.0.1', 0], null);
    assert.equal(backlogOf(server), 7);
    class Other extends TCPServer {}
    Other.request_queue_size = 8;
    await using other = new Other(['127.0.0.1', 0], null);
    assert.equal(backlogOf(other), 8);
    assert.equal(TCPServer.request_queue_size, 5);
  });

  it('of one server are set before server_bind()', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null, { bind_and_activate: false });
    server.allow_reuse_address = true;
    server.request_queue_size = 6;
    server.server_bind();
    server.server_activate();
    assert.equal(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR), 1);
    assert.equal(backlogOf(server), 6);
    server.timeout = 0;
    await server.handle_request();
  });

  it('that are fields come too late for the constructor, which is refused', async () => {
    class Server extends TCPServer {}
    await using server = new Server(['127.0.0.1', 0], null);
    // What a field of a class does.
    Object.defineProperty(server, 'request_queue_size', { value: 9, enumerable: true });
    const late = {
      name: 'TypeError',
      message:
        'Server.request_queue_size is a field, which is set only after the constructor has bound ' +
        'the socket: write "static request_queue_size = …"',
    };
    await assert.rejects(server.handle_request(), late);
    await assert.rejects(server.serve_forever(), late);
  });

  it('that are needed later may be fields', async (context) => {
    class Server extends UDPServer {
      override timeout = 0;
      override max_packet_size = 2;
    }
    await using server = new Server(['127.0.0.1', 0], ([data]) => assert.equal(String(data), 'ab'));
    const client = closing(context, new socket.socket(socket.AF_INET, socket.SOCK_DGRAM));
    client.sendto(Buffer.from('abc'), server.server_address);
    await server.handle_request();
    await server.handle_request();
  });
});

describe('a constructor', () => {
  it('closes its socket when it fails, and throws what Python throws', async () => {
    await using taken = new TCPServer(['127.0.0.1', 0], null);
    const before = readdirSync('/proc/self/fd').length;
    const make = (...given: unknown[]) => Reflect.construct(TCPServer, given);
    assert.throws(() => make(taken.server_address, null), {
      code: 'EADDRINUSE',
      message: '[Errno 98] Address already in use',
    });
    assert.throws(() => make(['127.0.0.1', 70000], null), {
      name: 'OverflowError',
      message: 'bind(): port must be 0-65535.',
    });
    assert.throws(() => make('127.0.0.1', null), {
      name: 'TypeError',
      message: 'bind(): AF_INET address must be tuple, not str',
    });
    assert.throws(() => make(['127.0.0.1', 0]), {
      name: 'TypeError',
      message: "TCPServer.__init__() missing 1 required positional argument: 'RequestHandlerClass'",
    });
    assert.throws(() => make(), {
      message:
        'TCPServer.__init__() missing 2 required positional arguments: ' +
        "'server_address' and 'RequestHandlerClass'",
    });
    assert.throws(() => make(['127.0.0.1', 0], null, true, 1), {
      message: 'TCPServer.__init__() takes from 3 to 4 positional arguments but 5 were given',
    });
    assert.throws(() => make(['127.0.0.1', 0], null, { bind: true }), {
      message: "TCPServer.__init__() got an unexpected keyword argument 'bind'",
    });
    for (const [handler, type] of [
      [5, 'int'],
      ['Handler', 'str'],
      [[], 'tuple'],
    ] as const) {
      assert.throws(() => make(['127.0.0.1', 0], handler), {
        name: 'TypeError',
        message: `'${type}' object is not callable`,
      });
    }
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('closes its socket when a hook fails, or is async', () => {
    const before = readdirSync('/proc/self/fd').length;
    class Failing extends TCPServer {
      override server_activate(): void {
        throw new RangeError('no');
      }
    }
    assert.throws(() => new Failing(['127.0.0.1', 0], null), { message: 'no' });
    class Later extends TCPServer {}
    loose(Later.prototype).server_bind = () => Promise.reject(new Error('unheard'));
    assert.throws(() => new Later(['127.0.0.1', 0], null), {
      name: 'TypeError',
      message: 'server_bind() must not be async: a constructor cannot wait for it',
    });
    assert.equal(readdirSync('/proc/self/fd').length, before);
  });

  it('needs a new', () => {
    assert.throws(() => loose(socketserver).TCPServer?.(['', 0], null), TypeError);
  });

  it('leaves the socket alone with bind_and_activate false', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null, false);
    assert.deepEqual(server.socket.getsockname(), ['0.0.0.0', 0]);
    assert.deepEqual(server.server_address, ['127.0.0.1', 0]);
    server.server_bind();
    assert.notEqual(server.server_address[1], 0);
    server.server_activate();
    assert.equal(server.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1);
  });

  it('serves IPv6 with another address_family', async () => {
    class Server extends TCPServer<typeof socket.AF_INET6> {
      static override address_family = socket.AF_INET6;
    }
    await using server = new Server(['::1', 0], null);
    const [host, port, flowinfo, scope_id] = server.server_address;
    assert.deepEqual([host, port > 0, flowinfo, scope_id], ['::1', true, 0, 0]);
  });

  it('binds a name, in either flavour', async () => {
    for (const Server of FLAVOURS) {
      await using server = new Server(['localhost', 0], null);
      assert.equal(server.server_address[0], '127.0.0.1');
    }
  });

  it('serves an AF_UNIX path with allow_reuse_port, which has no meaning there', async (context) => {
    class Server extends UnixStreamServer {
      static override allow_reuse_port = true;
    }
    const path = unixPath(context);
    await using server = new Server(path, null);
    assert.equal(server.server_address, path);
  });
});

describe('a socket that is assigned', () => {
  it('takes the place of the one before, which is closed', async (context) => {
    for (const Server of FLAVOURS) {
      const listener = socket.create_server(['127.0.0.1', 0]);
      await using server = new Server(
        listener.getsockname(),
        async (request) => {
          await request.sendall(Buffer.from('hello'));
        },
        false,
      );
      const before = server.socket;
      server.socket = listener;
      assert.equal(before.fileno(), -1);
      const client = closing(context, socket.create_connection(server.server_address));
      await server.handle_request();
      assert.equal(String(await client.promises.recv(10)), 'hello');
    }
  });

  it('in the other flavour is still open', async () => {
    await using server = new TCPServer(['127.0.0.1', 0], null);
    const sock = server.socket as socket.socket;
    server.socket = sock.promises;
    assert.equal(server.fileno(), sock.fileno());
    assert.ok(sock.fileno() >= 0);
  });
});

describe('a server of any kind', () => {
  for (const kind of KINDS) {
    it(`closes its socket at the end of a block: ${kind.name}`, async (context) => {
      const address = kind.address(context);
      const server = new kind.Server(address, null);
      {
        using inner = server;
        assert.ok(inner.fileno() >= 0);
      }
      assert.equal(server.fileno(), -1);
    });

    it(`has a socket of its flavour: ${kind.name}`, (context) => {
      const server = serverOf(context, kind, null);
      assert.equal('blocking' in server.socket, kind.isAsync);
      assert.equal(server.fileno(), server.socket.fileno());
      assert.equal(server.socket.get_inheritable(), false);
    });
  }
});
