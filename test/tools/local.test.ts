// The tools for AF_UNIX and for one another: syslog, sd_notify, fd-broker, throughput, the chats.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, type TestContext, test } from 'node:test';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as socket from 'berkeley-sockets/promises';
import '../support/leaks.js';
import '../support/directory.js';
import { cannotMakeNamespaces, layCable } from '../support/namespaces.js';
import { cannotOn, STRANGE_DESCRIPTOR } from '../support/runtime.js';
import { AS_NOBODY, runTool, startTool } from '../support/tools.js';

const isRoot = process.getuid?.() === 0;
const LIMIT = 20;

/** An AF_UNIX socket for datagrams, which takes the sender's credentials. */
async function receiver(context: TestContext, name: string | Buffer) {
  const sock = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  context.after(() => sock.close());
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1);
  await sock.bind(name);
  sock.settimeout(LIMIT);
  return sock;
}

suite('syslog', () => {
  test('sends a message with its priority, time, tag and process', async (context) => {
    const log = await receiver(context, 'log');
    const args = ['-u', 'log', '-p', 'local3.warning', '-t', 'test', 'something', 'happened'];
    const program = startTool(context, 'syslog', args);
    const month = '(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)';
    const head = `<${19 * 8 + 4}>${month} [ 123]\\d \\d\\d:\\d\\d:\\d\\d`;
    const expected = new RegExp(`^${head} test\\[${program.pid}\\]: something happened$`);
    assert.match(String(await log.recv(1000)), expected);
    assert.equal((await program.ended).code, 0);
  });

  test('says that nobody logs, and what is no priority', async (context) => {
    const nobody = await runTool(context, 'syslog', ['-u', 'nowhere', 'text']);
    assert.equal(nobody.code, 2);
    assert.equal(nobody.stderr, 'syslog: no log at nowhere: [Errno 2] No such file or directory\n');
    const wrong = await runTool(context, 'syslog', ['-p', 'user.awful', 'text']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^syslog: user\.awful is no priority: kern\|user\|/);
  });
});

suite('sd_notify', () => {
  for (const [kind, name, variable] of [
    ['a path', 'manager', 'manager'],
    ['an abstract name', Buffer.from(`\0manager-${process.pid}`), `@manager-${process.pid}`],
  ] as const) {
    test(`tells a manager at ${kind} what it shall, with credentials`, async (context) => {
      const manager = await receiver(context, name);
      const env = { ...process.env, NOTIFY_SOCKET: variable };
      const args = ['--ready', '--status', 'at work', 'WATCHDOG=1'];
      const program = startTool(context, 'sd_notify', args, { env });
      const [data, ancdata] = await manager.recvmsg(1000, ancillary.space('SCM_CREDENTIALS'));
      assert.equal(String(data), 'WATCHDOG=1\nREADY=1\nSTATUS=at work');
      const { pid } = ancillary.get(ancdata, 'SCM_CREDENTIALS') ?? {};
      assert.equal(pid, program.pid);
      assert.equal((await program.ended).code, 0);
    });
  }

  test('says that no manager started it, and what cannot be told', async (context) => {
    const { NOTIFY_SOCKET: _, ...env } = process.env;
    const alone = await runTool(context, 'sd_notify', ['--ready'], { env });
    assert.equal(alone.code, 2);
    assert.match(alone.stderr, /NOTIFY_SOCKET is not set/);
    const wrong = { env: { ...env, NOTIFY_SOCKET: 'manager' } };
    const lines = await runTool(context, 'sd_notify', ['A=1\nREADY=1'], wrong);
    assert.equal(lines.code, 2);
    assert.match(lines.stderr, /is no assignment of one line/);
  });
});

suite('fd-broker', () => {
  const skip = cannotOn(STRANGE_DESCRIPTOR);
  test('passes files of its directory to other processes, and nothing else', {
    skip,
  }, async (context) => {
    mkdirSync('files');
    writeFileSync('files/letter', 'from the broker\n', { mode: 0o600 });
    writeFileSync('secret', 'not for others\n');
    symlinkSync('../secret', 'files/link');
    const uid = process.getuid?.();
    const broker = startTool(context, 'fd-broker', ['serve', 'broker', 'files']);
    assert.match(await broker.line(), /^files of .*\/files at broker$/);

    const letter = await runTool(context, 'fd-broker', ['get', 'broker', 'letter']);
    assert.deepEqual([letter.code, letter.lines], [0, ['from the broker']]);
    assert.match(await broker.line(), new RegExp(`^letter for process \\d+ of user ${uid}$`));
    for (const name of ['../secret', 'link']) {
      const refused = await runTool(context, 'fd-broker', ['get', 'broker', name]);
      assert.equal(refused.code, 2);
      assert.equal(refused.stderr, `fd-broker: ${name}: outside of the directory\n`);
      assert.match(await broker.line(), /refused to process \d+ .*: outside of the directory$/);
    }
    broker.kill('SIGINT');
    assert.deepEqual((await broker.ended).code, 0);
    const gone = await runTool(context, 'fd-broker', ['get', 'broker', 'letter']);
    assert.equal(
      gone.stderr,
      'fd-broker: no broker at broker: [Errno 2] No such file or directory\n',
    );
  });

  test('knows who asks', { skip: skip || (!isRoot && 'needs another user') }, async (context) => {
    // A directory that others may look into, unlike the one that this test runs in.
    const directory = mkdtempSync(join(tmpdir(), 'broker-'));
    context.after(() => rmSync(directory, { recursive: true }));
    chmodSync(directory, 0o755);
    const path = join(directory, 'socket');
    mkdirSync('others');
    writeFileSync('others/letter', 'for one user\n', { mode: 0o600 });
    const args = ['serve', path, 'others', '--user', '65534'];
    const broker = startTool(context, 'fd-broker', args);
    await broker.line();
    const get = ['get', path, 'letter'];
    const other = await runTool(context, 'fd-broker', get, { command: AS_NOBODY });
    assert.deepEqual([other.code, other.lines], [0, ['for one user']]);
    const root = await runTool(context, 'fd-broker', get);
    assert.deepEqual([root.code, root.stderr], [2, 'fd-broker: letter: not for user 0\n']);
    broker.kill('SIGTERM');
    assert.equal((await broker.ended).code, 0);
  });
});

suite('throughput', { skip: cannotMakeNamespaces() }, () => {
  for (const [what, args, summaries] of [
    ['to the server', [], [/^up {3}[\d.]+ MB in [\d.]+ s: [\d.]+ [MG]bit\/s$/]],
    ['from it', ['-R', '-P', '3'], [/^down [\d.]+ MB in [\d.]+ s: [\d.]+ [MG]bit\/s$/]],
    ['in both directions', ['--both'], [/^up {3}[1-9][\d.]+ MB in /, /^down [1-9][\d.]+ MB in /]],
  ] as const) {
    test(`measures what goes ${what}, with a line from time to time`, async (context) => {
      const { near, far } = layCable(context);
      const server = startTool(context, 'throughput', ['-s', '-p', '0'], { command: far.command });
      const port = /^listening on port (\d+)$/.exec(await server.line())?.[1] ?? '';
      const all = ['-p', port, '-t', '1', '-i', '0.3', ...args, '10.9.8.2'];
      const { code, lines, stderr } = await runTool(context, 'throughput', all, {
        command: near.command,
      });
      assert.deepEqual([code, stderr], [0, '']);
      const last = lines.splice(-summaries.length);
      for (const [index, pattern] of summaries.entries()) assert.match(last[index] ?? '', pattern);
      assert(lines.length > 0);
      for (const line of lines) assert.match(line, /^ +[\d.]+ s {2}(up|down) [\d.]+ [MG]bit\/s/);
      server.kill('SIGINT');
      assert.equal((await server.ended).code, 0);
    });
  }
});

/** Somebody who chats. */
class Person {
  readonly #sock: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(context: TestContext, port: string) {
    this.#sock = connect({ port: Number(port), host: '127.0.0.1' });
    context.after(() => this.#sock.destroy());
    this.#lines = createInterface({ input: this.#sock })[Symbol.asyncIterator]();
  }

  say(line: string): void {
    this.#sock.write(`${line}\n`);
  }

  async hears(line: string): Promise<void> {
    assert.equal((await this.#lines.next()).value, line);
  }

  /** Breaks the connection, and waits until that is done. */
  async vanish(): Promise<void> {
    this.#sock.resetAndDestroy();
    await once(this.#sock, 'close');
  }

  async end(): Promise<void> {
    assert.equal((await this.#lines.next()).done, true);
  }
}

for (const name of ['chat', 'chat-async']) {
  suite(name, () => {
    test('lets people talk to one another, until Ctrl-C', async (context) => {
      const server = startTool(context, name, ['-p', '0']);
      const port = /^listening on 127\.0\.0\.1 port (\d+)$/.exec(await server.line())?.[1] ?? '';
      const [anna, bert, carl] = [1, 2, 3].map(() => new Person(context, port)) as [
        Person,
        Person,
        Person,
      ];
      const question = 'What is your name?';
      for (const person of [anna, bert, carl]) await person.hears(question);
      anna.say('Anna');
      await anna.hears('* welcome; here are: nobody');
      bert.say('Anna');
      await bert.hears('There is a Anna already. What is your name?');
      bert.say('Bert');
      await bert.hears('* welcome; here are: Anna');
      await anna.hears('* Bert has come');
      anna.say('Grüße');
      await bert.hears('Anna: Grüße');
      carl.say('Carl');
      await carl.hears('* welcome; here are: Anna, Bert');
      for (const person of [anna, bert]) await person.hears('* Carl has come');
      await bert.vanish();
      for (const person of [anna, carl]) await person.hears('* Bert has left');
      carl.say('/who');
      await carl.hears('* here are: Anna, Carl');
      server.kill('SIGINT');
      const { code, lines, stderr } = await server.ended;
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(lines, ['closed, with 2 people in the room']);
      await anna.end();
      await carl.end();
    });

    test('serves a hundred people at once', async (context) => {
      const server = startTool(context, name, ['-p', '0']);
      const port = /port (\d+)$/.exec(await server.line())?.[1] ?? '';
      const people = Array.from({ length: 100 }, () => new Person(context, port));
      for (const [index, person] of people.entries()) {
        await person.hears('What is your name?');
        person.say(`n${index}`);
        const others =
          people
            .slice(0, index)
            .map((_, other) => `n${other}`)
            .join(', ') || 'nobody';
        await person.hears(`* welcome; here are: ${others}`);
        for (const other of people.slice(0, index)) await other.hears(`* n${index} has come`);
      }
      people[0]?.say('hello, everybody');
      for (const person of people.slice(1)) await person.hears('n0: hello, everybody');
      server.kill('SIGTERM');
      assert.equal((await server.ended).code, 0);
      for (const person of people) await person.end();
    });
  });
}
