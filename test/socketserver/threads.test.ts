// ThreadingMixIn alone: requests are served by threads. See also pooled.test.ts.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { readdirSync } from 'node:fs';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { ThreadingTCPServer } from 'berkeley-sockets/socketserver';
import { ask, asked, captureErrors, connected, line, rest, serving } from '../support/pooled.js';
import { until } from '../support/process.js';
import { cannotOn } from '../support/runtime.js';
import {
  Commanded,
  OwnThreadingServer,
  PatientServer,
  PopularServer,
  type Self,
  Upper,
} from './fixtures/pooled-handlers.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

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

suite('what a server shares with its threads', () => {
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

  test('of a server that never served needs no promise', () => {
    const server = new ThreadingTCPServer(LOCAL, Upper);
    assert.equal(server.server_close(), undefined);
  });
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
