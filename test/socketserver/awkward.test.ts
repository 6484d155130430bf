// Servers with workers when handlers, programs or the system do what is unusual.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets/promises';
import {
  ForkingTCPServer,
  ThreadingTCPServer,
  ThreadingUDPServer,
  ThreadingUnixDatagramServer,
} from 'berkeley-sockets/socketserver';
import { native } from '#lib/native.js';
import type { MemberEvents } from '#lib/server/member.js';
import { Pool } from '#lib/server/pool.js';
import { outgoing } from '#lib/server/request-message.js';
import {
  ask,
  captureErrors,
  closingFirst,
  connected,
  line,
  project,
  rest,
  serving,
} from '../support/pooled.js';
import { Program } from '../support/process.js';
import { Curt, Ending, Posting, Remembering, Verbose } from './fixtures/awkward-handlers.js';
import { Commanded, Upper } from './fixtures/pooled-handlers.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

suite('a server with threads', () => {
  test('is not affected by what a handler posts through its parentPort', async (context) => {
    const { server } = serving(context, new ThreadingTCPServer(LOCAL, Posting));
    assert.equal(await ask(context, server, ''), 'posted');
    assert.equal(await ask(context, server, ''), 'posted');
  });

  test('is ended by a handler although its own shutdown() gives no promise', async (context) => {
    const { server, loop } = serving(context, new Curt(LOCAL, Ending));
    assert.equal(await ask(context, server, ''), 'ended');
    await loop;
  });

  test('takes a max_threads that is no number for one thread', async (context) => {
    const server = new ThreadingTCPServer(LOCAL, Upper);
    server.max_threads = Number.NaN;
    serving(context, server);
    assert.equal(await ask(context, server, 'one\n'), 'ONE\n');
  });

  test('keeps threads for ever with an idle_timeout of Infinity', async (context) => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    context.after(() => void process.off('warning', note));
    const server = new ThreadingTCPServer(LOCAL, Commanded);
    server.spare_threads = 1;
    server.idle_timeout = Number.POSITIVE_INFINITY;
    serving(context, server);
    const client = await connected(context, server);
    await client.sendall(Buffer.from('hold\n'));
    await line(client);
    assert.deepEqual(warnings, []);
  });

  test('reports a request with too long an address, and serves the next one', async (context) => {
    const errors = captureErrors(context);
    const server = new Verbose(LOCAL, Upper);
    server.max_threads = 1;
    serving(context, server);
    assert.equal(await rest(await connected(context, server)), '');
    assert.equal(await ask(context, server, 'one\n'), 'ONE\n');
    assert.match(errors(), /OSError: \[Errno 90\] Message too long/);
    assert.doesNotMatch(errors(), /Thread-\d+ ended/);
  });

  test('gives each request an address of its own, which a handler may keep', async (context) => {
    const name = (what: string) => Buffer.from(`\0berkeley-${what}-${process.pid}`) as never;
    const server = new ThreadingUnixDatagramServer(name('keeper'), Remembering);
    server.max_threads = 1;
    serving(context, server);
    const answers: string[] = [];
    for (const who of ['first', 'second']) {
      const kind = [socket.AF_UNIX, socket.SOCK_DGRAM] as const;
      const client = closingFirst(context, new socket.socket<number>(...kind));
      await client.bind(name(who));
      await client.sendto(Buffer.from('x'), name('keeper'));
      answers.push(String(await client.recv(1000, { timeout: 30 })));
    }
    const [first, second] = ['first', 'second'].map((who) => String(name(who)));
    assert.deepEqual(answers, [first, `${first} ${second}`]);
  });
});

for (const Server of [ThreadingTCPServer, ThreadingUDPServer, ForkingTCPServer]) {
  test(`a closed ${Server.name} refuses to serve, and starts no workers`, async () => {
    const server = new Server(LOCAL, Upper as never);
    await server.server_close();
    const refusal = { name: 'ValueError', message: 'Invalid file descriptor: -1' };
    await assert.rejects(server.serve_forever(), refusal);
    await assert.rejects(server.handle_request(), refusal);
  });
}

for (const Server of [ThreadingTCPServer, ForkingTCPServer]) {
  test(`a ${Server.name} reports a request that verify_request() has closed`, async (context) => {
    const errors = captureErrors(context);
    await using server = new Server(LOCAL, Upper);
    server.verify_request = (request) => {
      request.close();
      return true;
    };
    const client = await connected(context, server);
    await server.handle_request();
    assert.match(
      errors(),
      /^-{40}\nException occurred .*\nOSError: \[Errno 9\] Bad file descriptor/,
    );
    assert.equal(await rest(client), '');
  });
}

test('a server of datagrams whose handler cannot be found keeps no copy of its socket', async () => {
  await using server = new ThreadingUDPServer(LOCAL, Curt as never);
  server.RequestHandlerClass = (() => class {})() as never;
  const before = readdirSync('/proc/self/fd').length;
  await assert.rejects(server.serve_forever(), /has no name by which a worker could find it/);
  assert.equal(readdirSync('/proc/self/fd').length, before);
});

suite('a server with child processes', () => {
  test('starts none where what is shared cannot be cloned', async () => {
    await using server = new ForkingTCPServer(LOCAL, Upper);
    server.shared = { call: () => {} };
    await assert.rejects(server.serve_forever(), /(could|can) not be cloned/);
    assert.ok(!process.getActiveResourcesInfo().includes('ProcessWrap'));
  });

  test('has no process number of a child that could not be started', async (context) => {
    const { execPath } = process;
    context.after(() => {
      process.execPath = execPath;
    });
    process.execPath = '/nonexistent';
    await using server = new ForkingTCPServer(LOCAL, Upper);
    const loop = server.serve_forever();
    assert.deepEqual([...(server.active_children ?? [])], []);
    await assert.rejects(loop, /ENOENT/);
  });
});

test('who waits for requests is told when the pool is closed, whatever became of them', async () => {
  const workers: MemberEvents[] = [];
  let channel = -1;
  const nothing = () => {};
  const member = {
    title: 'A worker',
    pid: 0,
    ref: nothing,
    unref: nothing,
    stop: nothing,
    dismiss: nothing,
  };
  const pool = new Pool({
    limit: () => 1,
    spares: () => 1,
    idleTimeout: () => 1000,
    start: (_id, end, events) => {
      channel = end;
      workers.push(events);
      return member;
    },
    send: (to, request) => to.trySendNumber(request),
    shutdown: async () => {},
    preparation: 'it starts',
    longestMessage: 1000,
    closed: nothing,
  });
  workers[0]?.ready();
  assert.equal(pool.submit(outgoing([Buffer.from('x'), null], null)), undefined);
  // The worker takes the request, and ends before it can report that.
  assert.ok(native.take(channel, Buffer.alloc(1000)) > 0);
  const closed = pool.close();
  const settled = pool.settled();
  workers[0]?.ended(undefined);
  await Promise.all([closed, settled]);
  assert.equal(pool.running, 0);
});

for (const kind of ['ThreadingTCPServer', 'ForkingTCPServer']) {
  test(`start-up code without a guard is refused in workers of ${kind}, late as it may come`, async (context) => {
    const text = `
      import { ${kind}, BaseRequestHandler } from 'berkeley-sockets/socketserver';
      export class Handler extends BaseRequestHandler { static module = import.meta.url; }
      async function main() {
        await new Promise((resolve) => setTimeout(resolve, 1));
        const server = new ${kind}(['127.0.0.1', 0], Handler);
        // A worker that gets here would start workers of its own, and so on.
        if (process.argv[2] === 'again') return console.log('a worker has made a server');
        process.argv[2] = 'again';
        await server.serve_forever();
      }
      main().catch((error) => console.log(error.message));
    `;
    const directory = project(context, { 'program.mjs': text });
    const child = spawn(process.execPath, ['program.mjs'], { cwd: directory, stdio: 'pipe' });
    const program = new Program(child, kind, 20_000);
    context.after(() => program.stop());
    assert.match(await program.line(), /starts the server of 'Handler'.*isMainProgram/);
  });
}
