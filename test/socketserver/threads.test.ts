// ThreadingMixIn: requests are served by warm threads.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { readdirSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import * as socket from 'berkeley-sockets/promises';
import {
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
  ThreadingUnixStreamServer,
} from 'berkeley-sockets/socketserver';
import {
  ask,
  asked,
  captureErrors,
  closingFirst,
  connected,
  exchange,
  line,
  rest,
  serving,
} from '../support/pooled.js';
import { until } from '../support/process.js';
import { cannotOn } from '../support/runtime.js';
import { unixPath } from '../support/sockets.js';
import {
  Commanded,
  OwnThreadingServer,
  PatientServer,
  PopularServer,
  type Self,
  Upper,
  UpperDatagram,
  UpperLetters,
} from './fixtures/pooled-handlers.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

suite('the four kinds of servers', () => {
  test('ThreadingTCPServer serves a connection with blocking calls', async (context) => {
    const { server } = serving(context, new ThreadingTCPServer(LOCAL, Upper));
    assert.equal(await ask(context, server, 'one\ntwo\n'), 'ONE\nTWO\n');
  });

  test('ThreadingUnixStreamServer serves a connection', async (context) => {
    const path = unixPath(context);
    const { server } = serving(context, new ThreadingUnixStreamServer(path, Upper));
    assert.equal(await ask(context, server, 'one\ntwo\n'), 'ONE\nTWO\n');
  });

  test('ThreadingUnixStreamServer serves a connection of abstract addresses', async (context) => {
    const name = (what: string) => Buffer.from(`\0berkeley-${what}-${process.pid}`);
    const server = new ThreadingUnixStreamServer(name('server'), Commanded);
    serving(context, server);
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

  test('ThreadingUDPServer answers a datagram', async (context) => {
    const { server } = serving(context, new ThreadingUDPServer(LOCAL, UpperDatagram));
    assert.equal(await exchange(context, server, 'abc'), 'ABC');
  });

  test('ThreadingUDPServer answers a datagram with a DatagramRequestHandler', async (context) => {
    const { server } = serving(context, new ThreadingUDPServer(LOCAL, UpperLetters));
    assert.equal(await exchange(context, server, 'abc'), 'ABC');
  });

  test('ThreadingUnixDatagramServer answers a datagram', async (context) => {
    const path = unixPath(context);
    const { server } = serving(context, new ThreadingUnixDatagramServer(path, UpperDatagram));
    assert.equal(await exchange(context, server, 'abc'), 'ABC');
  });

  test('a datagram of the greatest size comes to the handler whole', async (context) => {
    const { server } = serving(context, new ThreadingUDPServer(LOCAL, UpperDatagram));
    const text = 'x'.repeat(8192);
    assert.equal((await exchange(context, server, text)).length, 4096);
  });
});

suite('a request in a thread', () => {
  test('is served in another thread of the same process', async (context) => {
    const { server } = serving(context, new ThreadingTCPServer(LOCAL, Commanded));
    const self = await asked<Self>(context, server, 'self');
    assert.deepEqual(
      { pid: self.pid, isMainThread: self.isMainThread, server: self.server },
      { pid: process.pid, isMainThread: false, server: 'ThreadingTCPServer' },
    );
    assert.deepEqual(self.server_address, server.server_address);
  });

  test('has the address of its client and no timeout', async (context) => {
    const { server } = serving(context, new ThreadingTCPServer(LOCAL, Commanded));
    const client = await connected(context, server);
    await client.sendall(Buffer.from('self\n'));
    const address = client.getsockname();
    const self: Self = JSON.parse(await rest(client));
    assert.deepEqual([self.address, self.timeout], [address, null]);
  });

  test('keeps the timeout that verify_request gave it', async (context) => {
    const { server } = serving(context, new PatientServer(LOCAL, Commanded));
    const self = await asked<Self>(context, server, 'self');
    assert.equal(self.timeout, 2.5);
  });

  test('blocks nobody else: a hundred connections are held open at once', async (context) => {
    const server = new PopularServer(LOCAL, Commanded);
    serving(context, server);
    const clients = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const client = await connected(context, server);
        await client.sendall(Buffer.from('hold\n'));
        return client;
      }),
    );
    for (const client of clients) assert.equal(await line(client), String(process.pid));
    assert.equal(server._threads.length, 100);
    for (const client of clients) client.close();
    await until('the threads to be free', () => server._threads.length === 0 || undefined);
  });

  test('waits for a thread where max_threads are at work, and is served then', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    server.max_threads = 2;
    serving(context, server);
    const holders = await Promise.all([connected(context, server), connected(context, server)]);
    for (const holder of holders) {
      await holder.sendall(Buffer.from('hold\n'));
      await line(holder);
    }
    const late = ask(context, server, 'hold\n');
    assert.equal(server._threads.length, 2);
    holders[0]?.close();
    assert.equal(await late, `${process.pid}\n`);
  });
});

suite('the replica of the server', () => {
  test('has the methods, options and fields of its class', async (context) => {
    const server = new OwnThreadingServer(LOCAL, Commanded);
    serving(context, server);
    const self = await asked<Self>(context, server, 'self');
    assert.deepEqual(
      [self.server, self.greeting, self.request_queue_size, self.note],
      ['OwnThreadingServer', 'hello from a thread', 17, 'a field'],
    );
  });

  test('has what was set on the server before it served', async (context) => {
    const server = new OwnThreadingServer(LOCAL, Commanded);
    server.note = 'another note';
    server.request_queue_size = 3;
    serving(context, server);
    const self = await asked<Self>(context, server, 'self');
    assert.deepEqual([self.request_queue_size, self.note], [3, 'another note']);
  });

  test('has a copy of what is shared', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    server.shared = { colour: 'green', list: [1, 2] };
    serving(context, server);
    const self = await asked<Self>(context, server, 'self');
    assert.deepEqual(self.shared, { colour: 'green', list: [1, 2] });
  });

  test('shares memory with the server', async (context) => {
    const server = new PopularServer(LOCAL, Commanded);
    const memory = new Int32Array(new SharedArrayBuffer(4));
    server.shared = memory;
    serving(context, server);
    await Promise.all(Array.from({ length: 20 }, () => ask(context, server, 'count\n')));
    assert.equal(memory[0], 20);
  });

  test('gets a port of its own from a function', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    const ports: MessagePort[] = [];
    const said = new Promise((resolve) => {
      server.shared = () => {
        const { port1, port2 } = new MessageChannel();
        port1.on('message', resolve);
        ports.push(port1);
        return { port: port2 };
      };
    });
    serving(context, server);
    await ask(context, server, 'port\n');
    assert.equal(await said, 'from the thread');
    for (const port of ports) port.close();
  });

  test('has no listening socket, and no loop', async (context) => {
    const { server } = serving(context, new ThreadingTCPServer(LOCAL, Commanded));
    assert.deepEqual(
      [await asked(context, server, 'listeningSocket'), await asked(context, server, 'serveHere')],
      [
        'the server as a worker thread sees it has no socket: it is the server that listens',
        'the server as a worker thread sees it has no serve_forever(): only shutdown() reaches the server',
      ],
    );
  });

  test('ends the loop of the server with shutdown()', async (context) => {
    const { server, loop } = serving(context, new ThreadingTCPServer(LOCAL, Commanded));
    assert.equal(await asked(context, server, 'shutdown'), 'the loop has ended');
    await loop;
  });
});

suite('errors of a handler', {
  skip: cannotOn({ deno: 'a worker of Deno writes to stderr past its process' }),
}, () => {
  for (const [command, message] of [
    ['fail', 'RangeError: the handler failed'],
    ['failLater', 'RangeError: the handler failed later'],
  ] as const) {
    test(`are reported in Python's format: ${command}`, async (context) => {
      const errors = captureErrors(context);
      const { server } = serving(context, new ThreadingTCPServer(LOCAL, Commanded));
      const client = await connected(context, server);
      const [host, port] = client.getsockname() as [string, number];
      await client.sendall(Buffer.from(`${command}\n`));
      assert.equal(await rest(client), '');
      const text = await until('the report', () => {
        return errors().split('-'.repeat(40)).length === 3 ? errors() : undefined;
      });
      const lines = text.trimEnd().split('\n');
      assert.deepEqual(lines.slice(0, 3), [
        '-'.repeat(40),
        `Exception occurred during processing of request from ('${host}', ${port})`,
        message,
      ]);
      assert.match(lines[3] as string, /^ {4}at .*pooled-handlers/);
      assert.equal(lines.at(-1), '-'.repeat(40));
      // The server lives on.
      assert.equal(typeof (await asked<Self>(context, server, 'self')).thread, 'number');
    });
  }

  test('go to handle_error in the thread, and then shutdown_request is called', async (context) => {
    captureErrors(context);
    const server = new OwnThreadingServer(LOCAL, Commanded);
    const memory = new Int32Array(new SharedArrayBuffer(8));
    server.shared = memory;
    const { stop } = serving(context, server);
    await ask(context, server, 'fail\n');
    await stop();
    assert.deepEqual([...memory], [1, 1]);
  });

  test('a thread that ends in the middle of a request is replaced', async (context) => {
    const errors = captureErrors(context);
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    server.max_threads = 1;
    serving(context, server);
    assert.equal(await ask(context, server, 'exit\n'), `${process.pid}\n`);
    assert.equal((await asked<Self>(context, server, 'self')).pid, process.pid);
    assert.match(errors(), /^Thread-1 ended while it served a request: exit code 7\n$/);
  });
});

suite('server_close()', () => {
  test('waits for the requests that are served', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    const { loop } = serving(context, server);
    const client = await connected(context, server);
    await client.sendall(Buffer.from('hold\n'));
    await line(client);
    await server.shutdown();
    await loop;
    let isClosed = false;
    const closed = Promise.resolve(server.server_close()).then(() => {
      isClosed = true;
    });
    assert.equal(server.fileno(), -1);
    assert.equal(server._threads.length, 1);
    await new Promise(setImmediate);
    assert.equal(isClosed, false);
    client.close();
    await closed;
    assert.equal(server._threads.length, 0);
  });

  for (const [attribute, value] of [
    ['daemon_threads', true],
    ['block_on_close', false],
  ] as const) {
    test(`does not wait with ${attribute} ${value}`, async (context) => {
      const server = new ThreadingTCPServer(LOCAL, Commanded);
      server[attribute] = value;
      const { loop } = serving(context, server);
      const client = await connected(context, server);
      await client.sendall(Buffer.from('hold\n'));
      await line(client);
      assert.equal(server._threads.length, 0);
      await server.shutdown();
      await loop;
      assert.equal(server.server_close(), undefined);
      // What was begun goes on.
      client.shutdown(1);
      assert.equal(await rest(client), '');
    });
  }

  test('a connection that was accepted is served, although no thread was ready', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Upper);
    const client = await connected(context, server);
    await client.sendall(Buffer.from('early\n'));
    client.shutdown(1);
    await server.handle_request();
    await server.server_close();
    assert.equal(await rest(client), 'EARLY\n');
  });

  test('of a server that never served needs no promise', () => {
    const server = new ThreadingTCPServer(LOCAL, Upper);
    assert.equal(server.server_close(), undefined);
  });
});

test('a server can serve again after shutdown()', async (context) => {
  const server = new ThreadingTCPServer(LOCAL, Upper);
  for (const text of ['first', 'second']) {
    const loop = server.serve_forever(0.05);
    assert.equal(await ask(context, server, text), text.toUpperCase());
    await server.shutdown();
    await loop;
  }
  await server.server_close();
});

test('threads that nobody needs end after a while', async (context) => {
  const server = new ThreadingTCPServer(LOCAL, Commanded);
  server.idle_timeout = 0.05;
  server.spare_threads = 1;
  serving(context, server);
  const clients = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const client = await connected(context, server);
      await client.sendall(Buffer.from('hold\n'));
      await line(client);
      return client;
    }),
  );
  const most = readdirSync('/proc/self/task').length;
  for (const client of clients) client.close();
  await until('the threads to end', () => {
    // Node has a few threads of its own for each that it was asked for.
    return readdirSync('/proc/self/task').length <= most - 4 || undefined;
  });
  assert.equal(typeof (await asked<Self>(context, server, 'self')).thread, 'number');
});

test('what is no request for a thread is refused by process_request', (context) => {
  const server = new ThreadingTCPServer(LOCAL, Upper);
  context.after(() => server.server_close());
  assert.throws(() => server.process_request('text' as never, null as never), {
    name: 'TypeError',
    message: /^only a socket, or data and a socket, can be handed to a worker, not str/,
  });
});
