// Servers of all kinds: whichever system call fails, the loop goes on, a request is served or its
// failure is told to handle_error(), the next one is served, and no descriptor is lost.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import * as socketserver from 'berkeley-sockets/socketserver';
import '../support/leaks.js';
import { EchoDatagram, EchoLine } from './handlers.js';
import {
  allDescriptors,
  checkError,
  cover,
  ERRORS,
  faults,
  openSince,
  unharmed,
  walkFaults,
} from './walk.js';

type Sock = InstanceType<typeof socket.socket<number>>;
type Server = InstanceType<typeof socketserver.TCPServer<number, unknown, unknown>>;
type ServerClass = new (...given: unknown[]) => Server;

/** Milliseconds in which a client has got its answer, or the end, whatever happened before. */
const LIMIT = 10_000;
const POLL_INTERVAL = 0.01;
/** One worker, so that nothing begins by itself meanwhile. */
const FEW = { max_threads: 1, spare_threads: 1, max_children: 1, spare_children: 1 };
const directory = fs.mkdtempSync(join(tmpdir(), 'faults-'));
process.on('exit', () => fs.rmSync(directory, { recursive: true }));
let paths = 0;
const newPath = (): string => join(directory, `${++paths}`);

/** Reads what has come; undefined where nothing has. */
function receive(client: Sock): string | undefined {
  const bytes = Buffer.alloc(100);
  try {
    return bytes.toString('latin1', 0, fs.readSync(client.fileno(), bytes));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ECONNRESET') return '';
    assert.equal(code, 'EAGAIN');
    return undefined;
  }
}

/** A server that is served from, and what it was told. */
class Subject {
  readonly server: Server;
  readonly errors: unknown[] = [];
  readonly #serving: Promise<void>;
  #failure: unknown;
  #answered = 0;

  constructor(readonly title: string) {
    const { [title]: Class } = socketserver as unknown as Record<string, ServerClass>;
    const handler = this.isDatagram ? EchoDatagram : EchoLine;
    this.server = new (Class as ServerClass)(this.isUnix ? newPath() : ['127.0.0.1', 0], handler);
    if (/^(Thr|Fork)/.test(title)) Object.assign(this.server, FEW);
    this.server.handle_error = (_request, _address, error) => void this.errors.push(error);
    this.#serving = this.server.serve_forever(POLL_INTERVAL).catch((error) => {
      this.#failure = error;
    });
  }

  get isDatagram(): boolean {
    return /UDP|Datagram/.test(this.title);
  }

  get isUnix(): boolean {
    return this.title.includes('Unix');
  }

  /** Sends a request from a socket of its own. */
  ask(text: string): Sock {
    return unharmed(() => {
      const family = this.isUnix ? socket.AF_UNIX : socket.AF_INET;
      const type = this.isDatagram ? socket.SOCK_DGRAM : socket.SOCK_STREAM;
      const client = new socket.socket(family, type) as unknown as Sock;
      if (this.isUnix && this.isDatagram) client.bind(newPath());
      client.connect(this.server.server_address as never);
      client.sendall(Buffer.from(`${text}\n`));
      client.setblocking(false);
      return client;
    });
  }

  /** What a client got: the answer, '' for the end without one, undefined for neither in time. */
  async answer(client: Sock, isLost = () => false, limit = LIMIT): Promise<string | undefined> {
    const end = performance.now() + limit;
    try {
      while (performance.now() < end && !isLost()) {
        const text = receive(client);
        if (text !== undefined) return text;
        await delay(1);
      }
      return undefined;
    } finally {
      unharmed(() => client.close());
    }
  }

  /** A request without any fault is served. */
  async check(where: string): Promise<void> {
    const text = `clean ${++this.#answered}`;
    assert.equal(await this.answer(this.ask(text)), `${text}\n`, `${where}: the next request`);
    assert.equal(this.#failure, undefined, where);
  }

  async close(): Promise<void> {
    await this.server.shutdown();
    await this.#serving;
    await this.server.server_close();
  }
}

/** Waits until only those descriptors are open that were before. */
async function checkOpen(before: ReadonlySet<string>, where: string): Promise<void> {
  const end = performance.now() + 2000;
  while (openSince(before).length > 0 && performance.now() < end) await delay(2);
  assert.deepEqual(openSince(before), [], `${where}: descriptors are left open`);
}

const subjects = new Map<string, Promise<Subject>>();

/** The server of that class, which all faults are for; it has served already. */
function subjectOf(title: string): Promise<Subject> {
  const known = subjects.get(title);
  if (known) return known;
  const made = (async () => {
    const subject = new Subject(title);
    for (let round = 0; round < 3; round += 1) await subject.check(title);
    return subject;
  })();
  subjects.set(title, made);
  return made;
}

async function walkServer(title: string, countdown: number, code: string, number: number) {
  const subject = await subjectOf(title);
  const where = `${title}, system call ${countdown + 1}, ${code}`;
  const before = allDescriptors();
  subject.errors.length = 0;
  const text = `request ${countdown}`;
  const client = subject.ask(text);
  faults.armFault(countdown, number);
  // What was sent away in vain is lost, as a datagram is: the server has said so.
  const isLost = () => subject.isDatagram && subject.errors.length > 0;
  const answer = await subject.answer(client, isLost);
  const happened = faults.disarmFault() === 1;
  for (const error of subject.errors) checkError(error, code, number, where);
  const isTold = subject.errors.length > 0;
  // A short transfer of a datagram is a datagram that is cut: the kernel makes none.
  const isCut = subject.isDatagram && number === 0 && answer !== undefined;
  // Told EAGAIN on a blocking socket a handler reads nothing, and answers with nothing.
  const isEmpty = code === 'EAGAIN' && answer === '';
  if (!isTold && !isCut && !isEmpty) assert.equal(answer, `${text}\n`, where);
  await subject.check(where);
  await checkOpen(before, where);
  return happened;
}

const KINDS = ['TCPServer', 'UDPServer', 'UnixStreamServer', 'UnixDatagramServer'];
const MIXINS = ['', 'Async', 'Threading', 'Forking'];
const titles = MIXINS.flatMap((mixin) => KINDS.map((kind) => mixin + kind));
for (const title of titles) {
  cover('berkeley-sockets/socketserver', coveredBy(title), title);
  const isPooled = /^(Thr|Fork)/.test(title);
  walkFaults(
    `${title} serving`,
    (countdown, code, number) => walkServer(title, countdown, code, number),
    ERRORS.filter(([number, code]) => {
      // What is full says so, and that there is room again is heard of. Where a fault says so nobody
      // tells anything. A channel's messages are never cut by the kernel (unix(7), SOCK_SEQPACKET).
      if (isPooled) return code !== 'EAGAIN' && number !== 0;
      return code !== 'EAGAIN' || !/^Async.*(UDP|Datagram)/.test(title);
    }),
  );
}

/** The methods that serving a request goes through. */
function coveredBy(title: string): string[] {
  const methods = ['serve_forever', 'service_actions', 'get_request', 'verify_request'].concat(
    ['process_request', 'finish_request', 'shutdown_request', 'close_request', 'handle_error'],
    ['shutdown', '_handle_request_noblock'],
    title.startsWith('Async') ? ['process_request_async'] : [],
    title.startsWith('Threading') ? ['process_request_thread'] : [],
    title.startsWith('Forking') ? ['collect_children', 'active_children'] : [],
  );
  return methods.map((method) => `${title}.${method}`);
}

test('servers that were walked through can be closed', async () => {
  for (const subject of subjects.values()) await (await subject).close();
});

/** Making, binding and closing, with nobody served. */
for (const title of titles) {
  const names = ['', '.server_bind', '.server_activate', '.server_close', '.handle_request'];
  cover(
    'berkeley-sockets/socketserver',
    names.map((name) => title + name),
    title,
  );
  const isPooled = /^(Thr|Fork)/.test(title);
  walkFaults(`${title} being made and closed`, async (countdown, code, number) => {
    const { [title]: Class } = socketserver as unknown as Record<string, ServerClass>;
    const isUnix = title.includes('Unix');
    const handler = /UDP|Datagram/.test(title) ? EchoDatagram : EchoLine;
    const where = `${title}, system call ${countdown + 1}, ${code}`;
    const before = allDescriptors();
    let server: Server | undefined;
    faults.armFault(countdown, number);
    try {
      server = new (Class as ServerClass)(isUnix ? newPath() : ['127.0.0.1', 0], handler);
      server.timeout = 0;
      Object.assign(server, isPooled ? FEW : {});
      // Workers take their time to start: those of two classes are enough.
      if (!isPooled || title.endsWith('UDPServer')) await server.handle_request();
      await server.server_close();
    } catch (error) {
      checkError(error, code, number, where);
    }
    const happened = faults.disarmFault() === 1;
    await server?.server_close();
    await checkOpen(before, where);
    return happened;
  });
}
