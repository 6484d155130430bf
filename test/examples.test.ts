// Runs the tour and the other examples, and checks their exit status and what they print.

import './support/leaks.js';
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checksum } from '../examples/tour/packets.js';
import { takeTour } from '../examples/tour/report.js';
import { cannotOn, STRANGE_DESCRIPTOR } from './support/runtime.js';
import { refusingPort } from './support/sockets.js';

const NOBODY = { uid: 65534, gid: 65534 };
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0;

/** Whether this process has the capability that raw and packet sockets take; see capabilities(7). */
function hasNetRaw(): boolean {
  const CAP_NET_RAW = 13n;
  const status = readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> CAP_NET_RAW) & 1n) === 1n;
}

const WITHOUT_NET_RAW = !hasNetRaw() && 'needs CAP_NET_RAW';

interface Outcome {
  status: number | string;
  stdout: string;
  stderr: string;
}

function example(name: string): string {
  return fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url));
}

/** Runs a command to its end. */
function execute(file: string, args: string[], options = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: 60_000, ...options }, (error, stdout, stderr) => {
      resolve({ status: error ? (error.code ?? error.signal ?? 'failed') : 0, stdout, stderr });
    });
  });
}

function run(name: string, args: string[] = [], options = {}): Promise<Outcome> {
  return execute(process.execPath, [example(name), ...args], options);
}

/** Why something cannot be run as another user; false if it can. */
function cannotBeNobody(): string | false {
  if (!isRoot) return 'only root can be somebody else';
  const args = ['-e', `require('node:fs').accessSync(${JSON.stringify(example('tour'))})`];
  const { status } = spawnSync(process.execPath, args, NOBODY);
  return status === 0 ? false : 'others may not read this directory';
}

/** The command that runs another one in a network of its own, where everybody may ping. */
const PRIVATE_NETWORK = [
  '--net',
  'sh',
  '-c',
  'ip link set lo up && echo "0 2147483647" > /proc/sys/net/ipv4/ping_group_range && exec "$@"',
  'sh',
];

function cannotUnshare(): string | false {
  const { status } = spawnSync('unshare', [...PRIVATE_NETWORK, 'setpriv', '--version']);
  return status === 0 ? false : 'unshare(1), ip(8) or setpriv(1) does not work here';
}

/** What every tour shows, whatever its rights. */
const ALWAYS = [
  /process \d+ listens on 127\.0\.0\.1 port \d+/,
  /new TCPServer\(\['127\.0\.0\.1', 0\], Upper\)/,
  /the first says 'hello', receives 'HELLO', and stays/,
  /the second says 'me, too': TimeoutError: timed out/,
  /once the first has gone it receives 'ME, TOO'/,
  /sendall of 50000 bytes, recv until the end: 50000 bytes in upper case/,
  /new ThreadingTCPServer\(\['127\.0\.0\.1', 0\], Upper\)/,
  /the first receives 'HELLO' and stays, the second receives 'ME, TOO'/,
  /the server got 'ping' from 127\.0\.0\.1 port \d+/,
  /file 'datagrams': received 'a datagram' from file 'answers'/,
  /abstract name 'tour-\d+': received 'over a stream'/,
  /both directions at once: 'to the right', 'to the left'/,
  /BlockingIOError: \[Errno 11\] Resource temporarily unavailable/,
  /TimeoutError: timed out \(after \d+ ms\)/,
  /connect_ex returned 111, which is ECONNREFUSED/,
  /SOCK_STREAM, protocol 6: (127\.0\.0\.1|::1) port 80/,
  /gaierror: \[Errno -2\] Name or service not known/,
  /the process answers: as descriptor \d+ I read: a secret/,
];
const BY_DATAGRAM =
  /SOCK_DGRAM: answer from 127\.0\.0\.1 after \d+\.\d+ ms\n +IP: +the kernel keeps .* ttl \d+\n/;
const RAW = /SOCK_RAW: answer .*\n +IP: +version 4, header 20 bytes, total 44 bytes, ttl \d+\n/;
const ECHO_REPLY = /ICMP: type 0 \(echo reply\), code 0, identifier \d+, sequence 1,/;
const ALL = '9 of 9 steps did what they should.';
const NO_RIGHT = '8 of 9 steps did what they should; skipped for want of rights: 9.';

function checkTour({ status, stdout, stderr }: Outcome, patterns: RegExp[], summary: string): void {
  assert.equal(status, 0, stdout + stderr);
  assert.equal(stderr, '');
  for (const pattern of [...ALWAYS, ...patterns]) assert.match(stdout, pattern);
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.at(-1), summary);
  assert.equal(lines.filter((line) => /^\d+\. /.test(line)).length, 9);
  assert.deepEqual(
    lines.filter((line) => line.length > 80),
    [],
    'lines are too wide',
  );
}

describe('the tour', { concurrency: true }, () => {
  it('does all of its steps with CAP_NET_RAW', {
    skip: WITHOUT_NET_RAW || cannotOn(STRANGE_DESCRIPTOR),
  }, async () => {
    checkTour(await run('tour'), [RAW, ECHO_REPLY], ALL);
  });

  it('goes on without the right to ping, and says what is missing', {
    skip: cannotBeNobody() || cannotUnshare(),
  }, async () => {
    // In a network of its own nobody is in the group range, whatever this machine allows.
    const script = 'ip link set lo up && exec "$@"';
    const node = [process.execPath, example('tour')];
    const args = ['--net', 'sh', '-c', script, 'sh', ...AS_NOBODY, ...node];
    checkTour(await execute('unshare', args), [/CAP_NET_RAW/, /ping_group_range/], NO_RIGHT);
  });

  it('pings without root where net.ipv4.ping_group_range allows it', {
    skip: cannotBeNobody() || cannotUnshare(),
  }, async () => {
    const args = [...PRIVATE_NETWORK, ...AS_NOBODY, process.execPath, example('tour')];
    const outcome = await execute('unshare', args);
    const refused = /SOCK_RAW: not allowed, this process lacks CAP_NET_RAW/;
    checkTour(outcome, [BY_DATAGRAM, ECHO_REPLY, refused], ALL);
  });

  it('pings both ways where both are allowed', {
    skip: cannotUnshare() || cannotOn(STRANGE_DESCRIPTOR),
  }, async () => {
    const outcome = await execute('unshare', [
      ...PRIVATE_NETWORK,
      process.execPath,
      example('tour'),
    ]);
    checkTour(outcome, [BY_DATAGRAM, RAW, ECHO_REPLY], ALL);
  });
});

describe("the tour's report", () => {
  it('names a step that fails, does the others, and tells that not all went well', async (t) => {
    const lines = t.mock.method(console, 'log', () => undefined);
    const succeeded = await takeTour('Title', [
      ['first', () => assert.fail('broken')],
      ['second', async (say) => say('was done')],
      ['third', () => Promise.reject(new RangeError('also'))],
    ]);
    const printed = lines.mock.calls.map(({ arguments: [line] }) => line).join('\n');
    assert.equal(succeeded, false);
    assert.match(printed, /1\. first\n {3}FAILED: AssertionError .*broken/);
    assert.match(printed, /2\. second\n {3}was done\n/);
    assert.match(printed, /3\. third\n {3}FAILED: RangeError: also\n/);
    assert.match(printed, /\n1 of 3 steps did what they should; failed: 1, 3\.$/);
  });
});

describe("the tour's packets", () => {
  it('have the checksum of RFC 1071, also with an odd number of bytes', () => {
    const bytes = Buffer.from('0001f203f4f5f6f7', 'hex');
    assert.equal(checksum(bytes), 0x220d);
    assert.equal(checksum(Buffer.concat([bytes, Buffer.from('220d', 'hex')])), 0);
    assert.equal(checksum(Buffer.from('01', 'hex')), 0xfeff);
  });
});

/** Starts the echo server and gives its process, its port and the lines that follow. */
async function startEchoServer(
  context: TestContext,
  args: string[],
  name: 'tcp_echo_server' | 'selectors_echo' = 'tcp_echo_server',
) {
  const server = spawn(process.execPath, [example(name), ...args]);
  context.after(() => server.kill());
  const exited = once(server, 'exit');
  const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const port = /^listening on 127\.0\.0\.1 port (\d+)$/.exec(String(value))?.[1];
  assert(port !== undefined, value);
  return { port, lines, exited };
}

describe('the small examples', { concurrency: true }, () => {
  it('echo over TCP between two programs', async (context) => {
    const { port, lines, exited } = await startEchoServer(context, ['0', '1']);
    const client = await run('tcp_client', [port, 'good morning']);
    assert.deepEqual(client, { status: 0, stdout: 'received: good morning\n', stderr: '' });
    assert.match((await lines.next()).value ?? '', /^12 bytes back to port \d+$/);
    assert.deepEqual(await exited, [0, null]);
  });

  it('echo for five clients at once in one thread', async (context) => {
    const { port, lines, exited } = await startEchoServer(context, ['0', '5'], 'selectors_echo');
    const clients = Array.from({ length: 5 }, () => {
      const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
      context.after(() => client.destroy());
      return client;
    });
    await Promise.all(clients.map((client) => once(client, 'connect')));
    // All are connected before the first one says anything, and the last one speaks first.
    for (const client of clients.toReversed()) {
      client.write('hello');
      assert.equal(String((await once(client, 'data'))[0]), 'hello');
    }
    // More than the buffers hold, from all at once; what is not read yet stops only its sender.
    const size = 3 << 20;
    const received = clients.map(async (client) => {
      client.end(Buffer.alloc(size, 'x'));
      let length = 0;
      for await (const chunk of client) length += (chunk as Buffer).length;
      return length;
    });
    assert.deepEqual(await Promise.all(received), Array(5).fill(size));
    for (const _ of clients) {
      assert.match((await lines.next()).value ?? '', /^3145733 bytes back to port \d+$/);
    }
    assert.deepEqual(await exited, [0, null]);
  });

  it('tell by their status that nobody listens, or that they do not know where', async (context) => {
    const usage = await run('tcp_client');
    assert.deepEqual([usage.status, usage.stderr], [2, 'usage: tcp_client.js port [text]\n']);
    const refused = await run('tcp_client', [String(refusingPort(context))]);
    assert.equal(refused.status, 1);
    assert.equal(refused.stderr, 'ConnectionRefusedError: [Errno 111] Connection refused\n');
  });

  it('speak a protocol of lines', async () => {
    const { status, stdout, stderr } = await run('line_protocol');
    assert.deepEqual([status, stderr], [0, '']);
    assert.equal(stdout, "= 3\n= 42\n? what is 'mul'\n");
  });

  it('ask and answer over UDP', async () => {
    const { status, stdout } = await run('udp_echo');
    assert.equal(status, 0);
    assert.match(stdout, /^sent 'one', received 'echo of one'\nsent 'two'/);
    assert.match(stdout, /\nnothing more: TimeoutError: timed out\n$/);
  });

  it('know their peer by SO_PEERCRED', async () => {
    const { status, stdout, stderr } = await run('unix_credentials');
    assert.deepEqual([status, stderr], [0, '']);
    const ids = `user ${process.getuid?.()} and group ${process.getgid?.()}`;
    assert.match(stdout, new RegExp(`^the peer is process \\d+ of ${ids}\n`));
    assert.match(stdout, /\nthat is the process we started\n$/);
  });

  it("carry Node's http over an abstract AF_UNIX name", async () => {
    const { status, stdout, stderr } = await run('http_unix');
    assert.deepEqual([status, stderr], [0, '']);
    const answers = '/one is for this process\n/two is for this process\n';
    assert.equal(stdout, `listening on a name of 6 bytes\n${answers}`);
  });

  it('reach both members of a multicast group', async () => {
    const { status, stdout, stderr } = await run('multicast');
    assert.deepEqual([status, stderr], [0, '']);
    const line = (name: string) =>
      `the ${name} member of 239.1.2.3 got 'hello, group' from 127.0.0.1\n`;
    assert.equal(stdout, line('first') + line('second'));
  });

  it('see the frames on the loopback', { skip: WITHOUT_NET_RAW }, async () => {
    const { status, stdout, stderr } = await run('packet_sniffer', ['6']);
    assert.deepEqual([status, stderr], [0, '']);
    const lines = stdout.trimEnd().split('\n');
    assert.equal(lines.length, 6);
    for (const line of lines) assert.match(line, /^\d\. lo (out|in): \d+ bytes, /);
  });

  it('name the missing right to see frames', { skip: cannotBeNobody() }, async () => {
    const { status, stderr } = await run('packet_sniffer', [], NOBODY);
    assert.equal(status, 1);
    assert.match(stderr, /^PermissionError: \[Errno 1\] Operation not permitted: .*CAP_NET_RAW/);
  });
});
