// Runs the idioms of docs/porting.md against each other: a program in TypeScript, its peer in Python.

import './support/leaks.js';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as socket from 'berkeley-sockets/promises';
import './support/directory.js';
import { cannotMakeNamespaces, Namespace } from './support/namespaces.js';
import { start } from './support/programs.js';
import { environmentOf, findPython } from './support/python.js';

const python = findPython();
const skip = python === undefined && 'there is no python3 that is new enough';
const sources = fileURLToPath(new URL('../../examples/porting/', import.meta.url));
const compiled = fileURLToPath(new URL('../examples/porting/', import.meta.url));

type Language = 'Python' | 'TypeScript';
const DIRECTIONS: readonly [Language, Language][] = [
  ['Python', 'TypeScript'],
  ['TypeScript', 'Python'],
];

/** The file that is run. */
function fileOf(language: Language, name: string): string {
  return language === 'Python' ? `${sources}${name}.py` : `${compiled}${name}.js`;
}

const tested = new Set<string>();

/** Runs a program behind a command that begins with `prefix`. */
function runBehind(prefix: string[], context: TestContext, language: Language, ...rest: string[]) {
  const [name = '', ...args] = rest;
  tested.add(name);
  assert(python !== undefined);
  const inPython = language === 'Python';
  const interpreter = inPython ? python.command : process.execPath;
  const [command = '', ...before] = [...prefix, interpreter, fileOf(language, name)];
  const environment = inPython ? environmentOf(python.command) : process.env;
  return start(context, command, [...before, ...args], environment);
}

function run(context: TestContext, language: Language, name: string, ...args: string[]) {
  return runBehind([], context, language, name, ...args);
}

/** Runs both programs of a pair to their ends: they print the same. */
async function runPair(context: TestContext, name: string, ...args: string[]): Promise<string[]> {
  const left = await run(context, 'Python', name, ...args).rest();
  assert.deepEqual(await run(context, 'TypeScript', name, ...args).rest(), left);
  return left;
}

function hasCapability(bit: bigint): boolean {
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> bit) & 1n) === 1n;
}

// See capabilities(7).
const CAP_NET_RAW = 13n;
const needsRaw = skip || (!hasCapability(CAP_NET_RAW) && 'needs CAP_NET_RAW');

function hasLoopback6(): boolean {
  try {
    return /^0{31}1 /m.test(readFileSync('/proc/net/if_inet6', 'latin1'));
  } catch {
    return false; // a kernel without IPv6
  }
}

/** A server, the client that it is given, and what both print. */
interface Conversation {
  server: string;
  args?: string[];
  /** Left out it is the same program, which is told where the server is. */
  client?: string;
  /** How many clients come, one after the other; 1 if left out. */
  clients?: number;
  serverSays?: (language: Language) => string[];
  clientSays?: (language: Language) => string[];
  skip?: string | false;
}

const ids = [process.getuid?.(), process.getgid?.()].join(' ');
const upper = { client: 'client', clients: 2, clientSays: () => ['HELLO, WORLD'] };
const served = () => ['served 127.0.0.1'];

const CONVERSATIONS: Conversation[] = [
  {
    server: 'server',
    client: 'client',
    serverSays: served,
    clientSays: () => ['HELLO, WORLD'],
  },
  {
    server: 'server',
    client: 'non_blocking',
    serverSays: served,
    clientSays: () => ['connected', 'AT ONCE'],
  },
  {
    server: 'server',
    client: 'contexts',
    serverSays: served,
    clientSays: () => [
      'HOW ARE YOU?',
      'something is wrong True',
      'goodbye from descriptor open',
      '-1',
    ],
  },
  {
    server: 'server',
    client: 'errors',
    serverSays: served,
    clientSays: () => [
      'EISCONN [Errno 106] Transport endpoint is already connected',
      'EADDRINUSE [Errno 98] Address already in use',
      'nobody is there: [Errno 111] Connection refused',
      'connect(): port must be 0-65535.',
      'EBADF [Errno 9] Bad file descriptor',
      'no such host: True [Errno -2] Name or service not known',
    ],
  },
  {
    server: 'udp',
    serverSays: () => ['answered 127.0.0.1'],
    clientSays: () => ['stressed'],
  },
  { server: 'timeouts', clientSays: () => ['timed out', 'Anybody there? Yes!'] },
  { server: 'multicast', serverSays: () => ['hello, group from 127.0.0.1'] },
  { server: 'credentials', serverSays: () => ['true'], clientSays: () => [ids] },
  {
    server: 'descriptors',
    serverSays: () => ['a socket: through the socket'],
    clientSays: () => ['it works'],
  },
  { server: 'lines', clientSays: () => ['sum: 3', 'sum: 42'] },
  {
    server: 'sendfile',
    serverSays: (language) => {
      return [`sent ${readFileSync(fileOf(language, 'sendfile')).length} bytes`];
    },
    clientSays: (language) => {
      const file = readFileSync(fileOf(language, 'sendfile'));
      return [createHash('sha256').update(file).digest('hex')];
    },
  },
  { server: 'servers', args: ['TCPServer'], ...upper },
  { server: 'servers', args: ['ThreadingTCPServer'], ...upper },
  { server: 'servers', args: ['ForkingTCPServer'], ...upper },
  { server: 'http', clientSays: () => ['HTTP/1.0 200 OK', '18 GET of /index.html'] },
  {
    server: 'dual_stack',
    clientSays: () => ['127.0.0.1 is ::ffff:127.0.0.1', '::1 is ::1'],
    skip: !hasLoopback6() && 'the loopback has no IPv6',
  },
];

describe('the idioms of the porting guide', { concurrency: 3, skip }, () => {
  for (const conversation of CONVERSATIONS) {
    const { server, args = [], client = server, clients = 1 } = conversation;
    const nothing = () => [];
    const { serverSays = nothing, clientSays = nothing } = conversation;
    for (const [first, second] of DIRECTIONS) {
      const title = `${[server, ...args].join(' ')} in ${first} serves ${client} in ${second}`;
      it(title, { skip: conversation.skip ?? false }, async (context) => {
        const serving = run(context, first, server, ...args);
        const place = await serving.line();
        for (let each = 0; each < clients; each++) {
          const lines = await run(context, second, client, place).rest();
          assert.deepEqual(lines, clientSays(first));
        }
        assert.deepEqual(await serving.rest(), serverSays(first));
      });
    }
  }

  for (const language of ['Python', 'TypeScript'] as const) {
    it(`selectors_echo in ${language} serves clients in both languages at once`, async (context) => {
      const serving = run(context, language, 'selectors_echo');
      const place = await serving.line();
      const clients = DIRECTIONS.map(([each]) => run(context, each, 'client', place).rest());
      assert.deepEqual(await Promise.all(clients), [['hello, world'], ['hello, world']]);
      assert.deepEqual(await serving.rest(), ['all are gone']);
    });
  }

  for (const [first, second] of DIRECTIONS) {
    const title = `sniffer in ${first} sees what udp in ${second} sends`;
    it(title, { skip: skip || cannotMakeNamespaces() }, async (context) => {
      // On a busy loopback a sniffer would miss frames.
      const { command } = new Namespace(context);
      const serving = runBehind(command, context, first, 'udp');
      const port = await serving.line();
      const sniffing = runBehind(command, context, first, 'sniffer', port);
      assert.equal(await sniffing.line(), 'ready');
      await runBehind(command, context, second, 'udp', port).rest();
      const lines = ['lo 0x800 True', '127.0.0.1 to 127.0.0.1 desserts'];
      assert.deepEqual(await sniffing.rest(), lines);
      await serving.rest();
    });
  }

  it('ping gets the same answer in both languages', { skip: needsRaw }, async (context) => {
    assert.deepEqual(await runPair(context, 'ping'), ['127.0.0.1 64 1 0', 'anybody at home?']);
  });

  it('dns asks the same in both languages, and understands the answer', async (context) => {
    const questions: string[] = [];
    const server = createSocket('udp4', (query, { port, address }) => {
      questions.push(query.toString('hex', 2));
      // Two records of type A for the name that the question has at byte 12, and one of another type.
      const record = (kind: string, data: string) => `c00c${kind}00010000012c${data}`;
      const records =
        record('0001', '0004c0000201') +
        record('0010', '00020141') +
        record('0001', '0004c0000202');
      const head = `${query.toString('hex', 0, 2)}818000010003000000000000`.slice(0, 24);
      const answer = Buffer.from(head + query.toString('hex', 12) + records, 'hex');
      server.send(answer, port, address);
    });
    context.after(() => server.close());
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const lines = await runPair(context, 'dns', 'www.example.org', String(server.address().port));
    assert.deepEqual(lines, ['192.0.2.1 300', '192.0.2.2 300']);
    const question = Buffer.from('\x03www\x07example\x03org\0\0\x01\0\x01').toString('hex');
    assert.deepEqual(questions, Array(2).fill(`01000001000000000000${question}`));
  });

  it('syslog writes the same in both languages', async (context) => {
    const path = join(process.cwd(), 'log');
    using log = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
    await log.bind(path);
    for (const [language] of DIRECTIONS) {
      const program = run(context, language, 'syslog', path);
      assert.deepEqual(await program.rest(), ['sent True']);
      const text = (await log.recv(1024)).toString();
      assert.equal(text, `<14>porting[${program.pid}]: all is well`);
    }
  });

  const ALONE: Record<string, string[]> = {
    options: ['1', '1 5'],
    own_memory: ['3 abc'],
    control_messages: ['it is me 0', `True ${ids}`],
    names: [
      'AF_INET SOCK_STREAM 6 127.0.0.1 80',
      '::1 443',
      'fe800000000000000000000000000001 fe80::1',
    ],
  };
  for (const [name, lines] of Object.entries(ALONE)) {
    it(`${name} prints the same in both languages`, async (context) => {
      assert.deepEqual(await runPair(context, name), lines);
    });
  }
});

it('no idiom of the porting guide is left out', {
  skip: needsRaw || cannotMakeNamespaces(),
}, () => {
  const names = readdirSync(sources).map((file) => file.replace(/\.\w+$/, ''));
  assert.deepEqual([...new Set(names)].sort(), [...tested].sort());
});
