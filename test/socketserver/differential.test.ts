// Compares with Python: the file in memory, call by call, and the hooks of servers in their order.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import * as socketserver from 'berkeley-sockets/socketserver';
import { answer, askPython, findPython, type Script } from '../support/python.js';

const python = findPython();
const skip = python === undefined && 'there is no python3';
const { BytesIO } = socketserver;
const bytes = (text: string) => Buffer.from(text);

/** Calls of a file in memory that holds three lines, the last without an ending. */
const FILE_CALLS: readonly Script[] = [
  ['file', ['read'], ['read'], ['tell']],
  ['file', ['read', 3], ['read1', 2], ['read', -1], ['read', 5]],
  ['file', ['read', null], ['seek', 0], ['read', 0], ['read', '3'], ['read', 1.5]],
  [
    'file',
    ['readline'],
    ['readline', 2],
    ['readline', 0],
    ['readline'],
    ['readline'],
    ['readline'],
  ],
  ['file', ['readlines'], ['readlines']],
  ['file', ['readlines', 1], ['readlines', 100], ['seek', 0], ['readlines', 0], ['readlines', -1]],
  ['file', ['write', bytes('XYZ')], ['getvalue'], ['tell'], ['readline']],
  ['file', ['seek', 0, 2], ['write', bytes('end')], ['getvalue'], ['tell'], ['read']],
  ['file', ['seek', 20], ['write', bytes('far')], ['getvalue'], ['read'], ['seek', 100], ['read']],
  ['file', ['seek', 30], ['readline'], ['write', bytes('')], ['getvalue'], ['tell']],
  ['file', ['seek', -1], ['seek', -3, 2], ['read'], ['seek', -100, 1], ['tell'], ['seek', 0, 3]],
  ['file', ['seek', '0'], ['seek', 1.5], ['seek', true], ['tell']],
  [
    'file',
    ['truncate', 4],
    ['getvalue'],
    ['tell'],
    ['seek', 9],
    ['write', bytes('!')],
    ['getvalue'],
  ],
  ['file', ['read', 5], ['truncate'], ['getvalue'], ['truncate', 50], ['getvalue'], ['tell']],
  ['file', ['truncate', -1], ['truncate', 'x'], ['truncate', null], ['getvalue']],
  ['file', ['write', 'text'], ['write', 5], ['write', null]],
  ['file', ['writelines', [bytes('a'), bytes('b')]], ['getvalue'], ['writelines', ['x']]],
  ['file', ['readable'], ['writable'], ['seekable'], ['isatty'], ['flush']],
  ['file', ['close'], ['close'], ['read'], ['write', bytes('x')], ['getvalue'], ['tell']],
  ['file', ['close'], ['readable'], ['seekable'], ['isatty'], ['flush'], ['seek', 0], ['readline']],
  ['file', ['close'], ['truncate'], ['readlines'], ['writelines', []]],
];

describe('BytesIO', () => {
  it('answers as that of Python', { skip }, () => {
    assert.ok(python);
    const makers = "{'file': lambda: __import__('io').BytesIO(b'one\\ntwo\\nthree')}";
    const expected = askPython(python, makers, FILE_CALLS);
    const actual = FILE_CALLS.map(([, ...steps]) => {
      const file = new BytesIO(bytes('one\ntwo\nthree'));
      return steps.map((step) => answer(file, step));
    });
    assert.deepEqual(actual, expected);
  });

  it('gives bytes of its own, and its memory by getbuffer()', () => {
    const given = bytes('abc');
    const file = new BytesIO(given);
    given[0] = 0x78;
    const read = file.read();
    read[1] = 0x79;
    assert.equal(String(file.getvalue()), 'abc');
    file.getbuffer()[2] = 0x7a;
    assert.equal(String(file.getvalue()), 'abz');
    file.seek(0);
    const room = new Uint8Array(2);
    assert.deepEqual([file.readinto(room), file.readinto(room), file.readinto(room)], [2, 1, 0]);
    assert.deepEqual([...new BytesIO(bytes('a\nb'))].map(String), ['a\n', 'b']);
    {
      using closed = new BytesIO();
      assert.equal(closed.closed, false);
    }
  });
});

/** The hooks that are logged; `get_request` and its relatives call the original. */
const HOOKS = [
  'server_bind',
  'server_activate',
  'service_actions',
  'get_request',
  'verify_request',
  'process_request',
  'finish_request',
  'shutdown_request',
  'close_request',
  'handle_error',
  'handle_timeout',
  'server_close',
];

const PROGRAM = `
import json, socket, socketserver, sys
def run(kind, serve):
    log = []
    base = getattr(socketserver, kind)
    class Server(base): pass
    def logged(name):
        original = getattr(base, name)
        def hook(self, *given):
            log.append(name)
            if name == 'handle_error': return None
            return original(self, *given)
        return hook
    for name in ${JSON.stringify(HOOKS)}:
        if hasattr(base, name): setattr(Server, name, logged(name))
    class Handler(socketserver.BaseRequestHandler):
        def setup(self): log.append('setup')
        def handle(self):
            log.append('handle')
            if serve == 'fail': raise ValueError('x')
        def finish(self): log.append('finish')
    with Server(('127.0.0.1', 0), Handler) as server:
        server.timeout = 0
        server.handle_request()
        client = socket.socket(socket.AF_INET, server.socket_type)
        client.connect(server.server_address)
        client.send(b'x')
        server.timeout = 5
        if serve == 'refuse': server.verify_request = lambda *given: False
        server.handle_request()
        client.close()
    return log
print(json.dumps([run(*each) for each in json.load(sys.stdin)]))
`;

/** The same as the program in Python. */
async function run(kind: string, serve: string): Promise<string[]> {
  const log: string[] = [];
  const Base = (socketserver as unknown as Record<string, typeof socketserver.TCPServer>)[
    kind
  ] as typeof socketserver.TCPServer;
  class Server extends Base {}
  for (const name of HOOKS) {
    const original = Reflect.get(Base.prototype, name) as (...given: unknown[]) => unknown;
    Object.defineProperty(Server.prototype, name, {
      writable: true,
      value(this: object, ...given: unknown[]) {
        log.push(name);
        return name === 'handle_error' ? undefined : original.apply(this, given);
      },
    });
  }
  class Handler extends socketserver.BaseRequestHandler {
    override setup(): void {
      log.push('setup');
    }
    override handle(): void {
      log.push('handle');
      if (serve === 'fail') throw new socket.ValueError('x');
    }
    override finish(): void {
      log.push('finish');
    }
  }
  await using server = new Server(['127.0.0.1', 0], Handler);
  server.timeout = 0;
  await server.handle_request();
  using client = new socket.socket(socket.AF_INET, server.socket_type);
  client.connect(server.server_address);
  client.send(bytes('x'));
  server.timeout = 5;
  if (serve === 'refuse') server.verify_request = () => false;
  await server.handle_request();
  return log;
}

describe('the hooks of a server', () => {
  it('are called as those of Python', { skip }, async () => {
    const cases = ['TCPServer', 'UDPServer'].flatMap((kind) =>
      ['serve', 'fail', 'refuse'].map((serve) => [kind, serve] as const),
    );
    const { stdout, stderr } = spawnSync(python?.command ?? '', ['-c', PROGRAM], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      env: { PYENV_VERSION: '3.13', ...process.env },
    });
    assert.equal(stderr, '');
    const expected: string[][] = JSON.parse(stdout);
    for (const [index, [kind, serve]] of cases.entries()) {
      assert.deepEqual(await run(kind, serve), expected[index], `${kind}, ${serve}`);
    }
  });
});
