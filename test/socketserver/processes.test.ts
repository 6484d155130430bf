// ForkingMixIn alone: requests are served by child processes. See also pooled.test.ts.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { existsSync, readFileSync } from 'node:fs';
import { ForkingTCPServer } from 'berkeley-sockets/socketserver';
import { ask, asked, captureErrors, connected, line, rest, serving } from '../support/pooled.js';
import { start, until } from '../support/process.js';
import { cannotOn } from '../support/runtime.js';
import { Commanded, OwnForkingServer, type Self, Upper } from './fixtures/pooled-handlers.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

suite('a request in a child process', () => {
  test('is served by a child, which serves the next one, too', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    server.spare_children = 1;
    server.max_children = 1;
    assert.equal(server.active_children, null);
    serving(context, server);
    const first = await asked<Self>(context, server, 'self');
    const second = await asked<Self>(context, server, 'self');
    assert.notEqual(first.pid, process.pid);
    assert.equal(second.pid, first.pid);
    assert.deepEqual([...(server.active_children ?? [])], [first.pid]);
    assert.equal(first.isMainThread, true);
    assert.deepEqual(first.server_address, server.server_address);
  });

  test('with max_requests 1 each request has a process of its own', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    server.max_requests = 1;
    serving(context, server);
    const pids = new Set<number>();
    for (let count = 0; count < 4; count += 1) {
      pids.add((await asked<Self>(context, server, 'self')).pid);
    }
    assert.equal(pids.size, 4);
  });

  test('blocks nobody else: ten connections are held open at once', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    serving(context, server);
    const pids = new Set<string>();
    const clients = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = await connected(context, server);
        await client.sendall(Buffer.from('hold\n'));
        pids.add(await line(client));
        return client;
      }),
    );
    assert.equal(pids.size, 10);
    for (const client of clients) client.close();
  });

  test('waits for a child where max_children are at work', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    server.max_children = 1;
    serving(context, server);
    const holder = await connected(context, server);
    await holder.sendall(Buffer.from('hold\n'));
    const pid = await line(holder);
    const late = asked<Self>(context, server, 'self');
    assert.equal(server.active_children?.size, 1);
    holder.close();
    assert.equal(String((await late).pid), pid);
  });
});

suite('a child that fails', () => {
  test('has its error reported, and lives on', async (context) => {
    const program = start(context, 'forking-server', ['1']);
    const address = await program.message<[string, number]>();
    const server = { server_address: address } as never;
    const first = await asked<Self>(context, server, 'self');
    assert.equal(await ask(context, server, 'fail\n'), '');
    assert.equal((await asked<Self>(context, server, 'self')).pid, first.pid);
    program.kill('SIGINT');
    const { stderr, code } = await program.ended;
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^-{40}\nException occurred during processing of request from \('127\.0\.0\.1', \d+\)\nRangeError: the handler failed\n( {4}at .*\n)+-{40}\n$/,
    );
  });

  for (const [command, how] of [
    ['exit', 'exit code 7'],
    ['abort', 'signal SIGKILL'],
  ] as const) {
    test(`with ${how} takes only its own request along and is replaced`, async (context) => {
      const errors = captureErrors(context);
      const server = new ForkingTCPServer(LOCAL, Commanded);
      serving(context, server);
      const holder = await connected(context, server);
      await holder.sendall(Buffer.from('hold\n'));
      const pid = await line(holder);
      await ask(context, server, `${command}\n`);
      await until('the report', () => (errors().includes('\n') ? true : undefined));
      assert.match(
        errors(),
        new RegExp(`^Child process \\d+ ended while it served a request: ${how}\\n$`),
      );
      const self = await asked<Self>(context, server, 'self');
      assert.notEqual(String(self.pid), pid);
      holder.shutdown(1);
      assert.equal(await rest(holder), '');
    });
  }
});

/** Whether a process is more than an entry that its parent has not read yet. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

test('a child that is killed while it starts is replaced', async (context) => {
  const errors = captureErrors(context);
  const server = new ForkingTCPServer(LOCAL, Commanded);
  server.spare_children = 1;
  serving(context, server);
  const [first] = await until('a child', () => {
    const pids = [...(server.active_children ?? [])];
    return pids.length > 0 ? pids : undefined;
  });
  process.kill(first as number, 'SIGKILL');
  assert.notEqual((await asked<Self>(context, server, 'self')).pid, first);
  assert.equal(errors(), `Child process ${first} ended: signal SIGKILL\n`);
});

suite('no child is left', () => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const) {
    const skip =
      signal === 'SIGSEGV' &&
      cannotOn({ deno: 'a SIGSEGV that another process sends does not end Deno' });
    test(`when ${signal} ends the server while a request is served`, { skip }, async (context) => {
      const program = start(context, 'forking-server', ['4']);
      const address = await program.message<[string, number]>();
      const server = { server_address: address } as never;
      const client = await connected(context, server);
      await client.sendall(Buffer.from('hold\n'));
      const pid = Number(await line(client));
      const idle = await asked<Self>(context, server, 'self');
      assert.notEqual(idle.pid, pid);
      program.kill(signal);
      assert.equal((await program.ended).signal, signal);
      for (const child of [pid, idle.pid]) {
        await until('the child to end', () => !isRunning(child) || undefined);
      }
    });
  }

  test('and no zombie when children have ended', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    server.max_requests = 1;
    const { stop } = serving(context, server);
    const { pid } = await asked<Self>(context, server, 'self');
    await stop();
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.deepEqual([...(server.active_children ?? [])], []);
  });
});

suite('collect_children()', () => {
  test('is called when a wait has ended, after each request and at the end', async (context) => {
    const calls: unknown[] = [];
    class Collecting extends OwnForkingServer {
      override collect_children(options?: { blocking?: boolean }) {
        calls.push(options?.blocking ?? false);
        return super.collect_children(options);
      }
    }
    const server = new Collecting(LOCAL, Commanded);
    context.after(() => server.server_close());
    server.timeout = 0.01;
    await server.handle_request();
    assert.deepEqual(calls, [false]);
    await server.service_actions();
    assert.deepEqual(calls, [false, false]);
    await server.server_close();
    assert.deepEqual(calls, [false, false, true]);
  });

  test('takes blocking by name only', (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    context.after(() => server.server_close());
    assert.throws(() => server.collect_children(true as never), {
      name: 'TypeError',
      message: 'ForkingMixIn.collect_children() takes 1 positional argument but 2 were given',
    });
    assert.equal(server.collect_children(), undefined);
    assert.equal(server.collect_children({ blocking: true }), undefined);
  });

  test('with blocking waits for the running requests', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Commanded);
    serving(context, server);
    const client = await connected(context, server);
    await client.sendall(Buffer.from('hold\n'));
    await line(client);
    const collected = server.collect_children({ blocking: true });
    client.close();
    await collected;
  });
});

suite('server_close()', () => {
  test('waits for the requests that are served', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Upper);
    const client = await connected(context, server);
    await client.sendall(Buffer.from('early\n'));
    await server.handle_request();
    const closed = server.server_close();
    client.shutdown(1);
    assert.equal(await rest(client), 'EARLY\n');
    await closed;
    assert.equal(server.active_children?.size, 0);
  });

  test('does not wait with block_on_close false', async (context) => {
    const server = new ForkingTCPServer(LOCAL, Upper);
    server.block_on_close = false;
    const client = await connected(context, server);
    await client.sendall(Buffer.from('early\n'));
    await server.handle_request();
    assert.equal(server.server_close(), undefined);
    client.shutdown(1);
    assert.equal(await rest(client), 'EARLY\n');
    await until('the children to end', () => server.active_children?.size === 0 || undefined);
  });
});

test('the attributes are those of Python', (context) => {
  const server = new ForkingTCPServer(LOCAL, Commanded);
  context.after(() => server.server_close());
  assert.deepEqual(
    [server.timeout, server.max_children, server.block_on_close, server.max_requests],
    [300, 40, true, Number.POSITIVE_INFINITY],
  );
});
