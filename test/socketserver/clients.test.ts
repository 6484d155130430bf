// Clients of other makes: curl, nc, Python's socket and http.client, and Node's net.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { ForkingTCPServer, TCPServer, ThreadingTCPServer } from 'berkeley-sockets/socketserver';
import { serving } from '../support/pooled.js';
import { environmentOf, findPython } from '../support/python.js';
import { unixPath } from '../support/sockets.js';
import { FileHandler, type Shared } from './fixtures/file-handler.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];
/** More than the buffers of a connection hold, and no whole number of pages. */
const SIZE = 5_000_001;
const REQUEST = 'GET /file HTTP/1.0\r\n\r\n';
const LIMIT = 60_000;

/** A program that fetches the file, or the whole answer, and writes it to standard output. */
interface Client {
  readonly name: string;
  readonly missing: string | false;
  command(port: number): string[];
  readonly input?: string;
  /** Whether the header of the answer is in the output, too. */
  readonly hasHeader?: boolean;
}

function lacks(command: string, ...args: string[]): string | false {
  return spawnSync(command, args).error !== undefined && `${command} is missing`;
}

const python = findPython();
const noPython = python === undefined && 'no python3 was found';
const inPython = (program: string, port: number) => [
  python?.command ?? 'python3',
  '-c',
  program,
  String(port),
];

const PYTHON_SOCKET = `
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as client:
    client.sendall(b"GET /file HTTP/1.0\\r\\n\\r\\n")
    with client.makefile("rb") as answer:
        sys.stdout.buffer.write(answer.read())
`;
const PYTHON_HTTP = `
import http.client, sys
client = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
client.request("PUT", "/", b"x" * 100_000)
assert client.getresponse().read() == b"X" * 100_000
client.request("GET", "/file")
answer = client.getresponse()
assert answer.status == 200, answer.status
sys.stdout.buffer.write(answer.read())
`;
const NODE_NET = `
const client = require('node:net').connect(Number(process.argv.at(-1)), '127.0.0.1');
client.write(${JSON.stringify(REQUEST)});
client.pipe(process.stdout);
`;

const CLIENTS: readonly Client[] = [
  {
    name: 'curl',
    missing: lacks('curl', '--version'),
    command: (port) => ['curl', '-sS', '--fail', `http://127.0.0.1:${port}/file`],
  },
  {
    name: 'nc',
    missing: lacks('nc', '-h'),
    // netcat-openbsd's -N: shut down the sending side at the end of the input.
    command: (port) => ['nc', '-N', '127.0.0.1', String(port)],
    input: REQUEST,
    hasHeader: true,
  },
  {
    name: "Python's socket",
    missing: noPython,
    command: (port) => inPython(PYTHON_SOCKET, port),
    hasHeader: true,
  },
  {
    name: "Python's http.client",
    missing: noPython,
    command: (port) => inPython(PYTHON_HTTP, port),
  },
  {
    name: "Node's net",
    missing: false,
    command: (port) => [process.execPath, '-e', NODE_NET, String(port)],
    hasHeader: true,
  },
];

/**
 * Runs a command and gives what it writes: into a file, because nobody reads a pipe while a handler
 * blocks this thread.
 */
async function output(
  context: TestContext,
  [file = '', ...args]: string[],
  input = '',
): Promise<Buffer> {
  const path = join(dirname(unixPath(context)), 'output');
  const stdout = openSync(path, 'w');
  try {
    const child = spawn(file, args, {
      stdio: ['pipe', stdout, 'inherit'],
      env: environmentOf(file),
      timeout: LIMIT,
    });
    child.stdin?.end(input);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  } finally {
    closeSync(stdout);
  }
  return readFileSync(path);
}

/** A file with something in it, in a directory of its own. */
function makeFile(context: TestContext): { path: string; content: Buffer } {
  const path = join(dirname(unixPath(context)), 'file');
  const content = randomBytes(SIZE);
  writeFileSync(path, content);
  return { path, content };
}

const SERVERS = {
  TCPServer: () => new TCPServer(LOCAL, FileHandler),
  ThreadingTCPServer: () => new ThreadingTCPServer(LOCAL, FileHandler),
  ForkingTCPServer: () => new ForkingTCPServer(LOCAL, FileHandler),
};

type Make = () => TCPServer;

function serve(context: TestContext, make: Make, path: string): number {
  const server = Object.assign(make(), { shared: { path } satisfies Shared });
  serving(context, server);
  return server.server_address[1];
}

for (const [server, make] of Object.entries<Make>(SERVERS)) {
  suite(`a ${server}`, () => {
    for (const { name, missing, command, input, hasHeader } of CLIENTS) {
      test(`gives a file to ${name}`, { skip: missing }, async (context) => {
        const { path, content } = makeFile(context);
        const answer = await output(context, command(serve(context, make, path)), input);
        const start = hasHeader ? answer.indexOf('\r\n\r\n') + 4 : 0;
        assert.equal(answer.length - start, SIZE);
        assert(answer.subarray(start).equals(content), 'the content is another one');
      });
    }
  });
}

suite('all of them together', () => {
  test('are served at once by one server', async (context) => {
    const { path, content } = makeFile(context);
    const port = serve(context, SERVERS.ThreadingTCPServer, path);
    const present = CLIENTS.filter(({ missing }) => missing === false);
    const answers = await Promise.all(
      [...present, ...present].map(({ command, input }) => output(context, command(port), input)),
    );
    assert.equal(answers.length, 2 * present.length);
    for (const answer of answers) assert(answer.subarray(-SIZE).equals(content));
  });

  test('hear of a wrong path', { skip: lacks('curl', '--version') }, async (context) => {
    const port = serve(context, SERVERS.ThreadingTCPServer, '/dev/null');
    const url = `http://127.0.0.1:${port}/other`;
    const answer = await output(context, ['curl', '-sS', '-w', '%{http_code}', url]);
    assert.equal(String(answer), 'there is only /file\n404');
  });
});
