// What ThreadingMixIn and ForkingMixIn have in common: requests are served by warm workers.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import * as socket from 'berkeley-sockets/promises';
import * as socketserver from 'berkeley-sockets/socketserver';
import { ask, asked, closingFirst, connected, exchange, rest, serving } from '../support/pooled.js';
import { unixPath } from '../support/sockets.js';
import {
  Commanded,
  OwnForkingServer,
  OwnThreadingServer,
  type Self,
  Upper,
  UpperDatagram,
  UpperLetters,
} from './fixtures/pooled-handlers.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

const MIX_INS = [
  {
    TCPServer: socketserver.ThreadingTCPServer,
    UDPServer: socketserver.ThreadingUDPServer,
    UnixStreamServer: socketserver.ThreadingUnixStreamServer,
    UnixDatagramServer: socketserver.ThreadingUnixDatagramServer,
    OwnServer: OwnThreadingServer,
    greeting: 'hello from a thread',
    place: 'worker thread',
  },
  {
    TCPServer: socketserver.ForkingTCPServer,
    UDPServer: socketserver.ForkingUDPServer,
    UnixStreamServer: socketserver.ForkingUnixStreamServer,
    UnixDatagramServer: socketserver.ForkingUnixDatagramServer,
    OwnServer: OwnForkingServer,
    greeting: 'hello from a child',
    place: 'child process',
  },
];

for (const { TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer, ...own } of MIX_INS) {
  const { OwnServer, greeting, place } = own;

  suite(`the four kinds of servers with a ${place}`, () => {
    test(`${TCPServer.name} serves a connection with blocking calls`, async (context) => {
      const { server } = serving(context, new TCPServer(LOCAL, Upper));
      assert.equal(await ask(context, server, 'one\ntwo\n'), 'ONE\nTWO\n');
    });

    test(`${UnixStreamServer.name} serves a connection`, async (context) => {
      const { server } = serving(context, new UnixStreamServer(unixPath(context), Upper));
      assert.equal(await ask(context, server, 'one\ntwo\n'), 'ONE\nTWO\n');
    });

    test(`${UnixStreamServer.name} serves a connection of abstract addresses`, async (context) => {
      const name = (what: string) => Buffer.from(`\0berkeley-${what}-${process.pid}`);
      serving(context, new UnixStreamServer(name('server'), Commanded));
      const client = closingFirst(context, new socket.socket<number>(socket.AF_UNIX));
      await client.bind(name('client') as never);
      await client.connect(name('server') as never);
      await client.sendall(Buffer.from('self\n'));
      const self: Self = JSON.parse(await rest(client));
      assert.deepEqual(
        [self.address, self.server_address],
        [name('client').toJSON(), name('server').toJSON()],
      );
    });

    test(`${UDPServer.name} answers a datagram`, async (context) => {
      const { server } = serving(context, new UDPServer(LOCAL, UpperDatagram));
      assert.equal(await exchange(context, server, 'abc'), 'ABC');
    });

    test(`${UDPServer.name} answers a datagram with a DatagramRequestHandler`, async (context) => {
      const { server } = serving(context, new UDPServer(LOCAL, UpperLetters));
      assert.equal(await exchange(context, server, 'abc'), 'ABC');
    });

    test(`${UDPServer.name} gives a handler a datagram of the greatest size whole`, async (context) => {
      const { server } = serving(context, new UDPServer(LOCAL, UpperDatagram));
      const text = 'x'.repeat(8192);
      assert.equal((await exchange(context, server, text)).length, 4096);
    });

    test(`${UnixDatagramServer.name} answers a datagram`, async (context) => {
      const { server } = serving(context, new UnixDatagramServer(unixPath(context), UpperDatagram));
      assert.equal(await exchange(context, server, 'abc'), 'ABC');
    });
  });

  suite(`the replica of the server in a ${place}`, () => {
    test('has the methods, options and fields of its class', async (context) => {
      const { server } = serving(context, new OwnServer(LOCAL, Commanded));
      const self = await asked<Self>(context, server, 'self');
      assert.deepEqual(
        [self.server, self.greeting, self.request_queue_size, self.note],
        [OwnServer.name, greeting, 17, 'a field'],
      );
      assert.deepEqual(self.server_address, server.server_address);
    });

    test('has what was set on the server before it served', async (context) => {
      const server = new OwnServer(LOCAL, Commanded);
      server.note = 'another note';
      server.request_queue_size = 3;
      serving(context, server);
      const self = await asked<Self>(context, server, 'self');
      assert.deepEqual([self.request_queue_size, self.note], [3, 'another note']);
    });

    test('has a copy of what is shared', async (context) => {
      const server = new TCPServer(LOCAL, Commanded);
      server.shared = { colour: 'green', list: [1, 2] };
      serving(context, server);
      const self = await asked<Self>(context, server, 'self');
      assert.deepEqual(self.shared, { colour: 'green', list: [1, 2] });
    });

    test('has no listening socket, and no loop', async (context) => {
      const { server } = serving(context, new TCPServer(LOCAL, Commanded));
      const seen = `the server as a ${place} sees it has no`;
      assert.deepEqual(
        [
          await asked(context, server, 'listeningSocket'),
          await asked(context, server, 'serveHere'),
        ],
        [
          `${seen} socket: it is the server that listens`,
          `${seen} serve_forever(): only shutdown() reaches the server`,
        ],
      );
    });

    test('ends the loop of the server with shutdown()', async (context) => {
      const { server, loop } = serving(context, new TCPServer(LOCAL, Commanded));
      assert.equal(await asked(context, server, 'shutdown'), 'the loop has ended');
      await loop;
    });
  });

  suite(TCPServer.name, () => {
    test('serves a connection that was accepted, although no worker was ready', async (context) => {
      const server = new TCPServer(LOCAL, Upper);
      const client = await connected(context, server);
      await client.sendall(Buffer.from('early\n'));
      client.shutdown(1);
      await server.handle_request();
      await server.server_close();
      assert.equal(await rest(client), 'EARLY\n');
    });

    test('can serve again after shutdown()', async (context) => {
      const server = new TCPServer(LOCAL, Upper);
      context.after(() => server.server_close());
      for (const text of ['first', 'second']) {
        const loop = server.serve_forever(0.05);
        assert.equal(await ask(context, server, text), text.toUpperCase());
        await server.shutdown();
        await loop;
      }
    });

    test('refuses in process_request what is no request for a worker', (context) => {
      const server = new TCPServer(LOCAL, Upper);
      context.after(() => server.server_close());
      assert.throws(() => server.process_request('text' as never, null as never), {
        name: 'TypeError',
        message: /^only a socket, or data and a socket, can be handed to a worker, not str/,
      });
    });
  });
}
