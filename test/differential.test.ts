// The same calls made here and in python3 on the same host: results, addresses and texts are equal.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { pythonRepr } from '#lib/repr.js';
import './support/leaks.js';
import { answer, askPython, findPython, type Script, type Step } from './support/python.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const X = bytes('x');
const HOST = '127.0.0.1';
const ADDRESS = [HOST, 9];

interface Closable {
  close(): unknown;
}

/** What the scripts are about: the first object of a list is called, all are closed. */
const MAKERS: Record<string, () => readonly (Closable | typeof socket)[]> = {
  module: () => [socket],
  tcp: () => [new socket.socket()],
  udp: () => [new socket.socket(socket.AF_INET, socket.SOCK_DGRAM)],
  tcp6: () => [new socket.socket(socket.AF_INET6)],
  udp6: () => [new socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)],
  unix: () => [new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)],
  netlink: () => [new socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)],
  listener: () => [socket.create_server([HOST, 0])],
  pair: () => {
    const [a, b] = socket.socketpair();
    b.send(bytes('hello'));
    return [a, b];
  },
  closed: () => {
    const sock = new socket.socket();
    sock.close();
    return [sock];
  },
};

const PYTHON_MAKERS = `{
    'module': lambda: socket,
    'tcp': socket.socket,
    'udp': lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    'tcp6': lambda: socket.socket(socket.AF_INET6),
    'udp6': lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM),
    'unix': lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM),
    'netlink': lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    'listener': lambda: socket.create_server(('${HOST}', 0)),
    'pair': lambda: (lambda p: p[1].send(b'hello') and p)(socket.socketpair()),
    'closed': lambda: (lambda s: (s.close(), s)[1:])(socket.socket()),
}`;

const WRONG = ['a', null, 1.5, [], X, -1, 2 ** 31, -(2 ** 31) - 1, 2n ** 63n, 2n ** 70n, true];
const NOT_BYTES = ['str', 5, null, 1.5, [1], true, 2n ** 70n];
const NOT_ADDRESSES: unknown[] = [
  HOST,
  5,
  null,
  X,
  [],
  [HOST],
  [HOST, 1, 2],
  ...WRONG.map((port) => [HOST, port]),
  [null, 1],
  [1, 1],
  [1.5, 1],
  [new DataView(new ArrayBuffer(1)), 1],
  ['a\0b', 1],
  [bytes('a\0b'), 1],
  ['\ud800', 1],
  [`${'a'.repeat(64)}\xe9`, 1],
  ['a..\xe9', 1],
  ['256.1.1.1', 1],
  ['::1', 1],
  ['nosuchhost.invalid', 70_000],
];

function* scripts(): Generator<Script> {
  yield* numbers();
  yield* data();
  yield* addresses();
  yield* options();
  yield* results();
}

/** Arguments that are integers, and how many there are. */
function* numbers(): Generator<Script> {
  for (const value of WRONG) {
    for (const method of ['recv', 'recvfrom', 'recvmsg', 'listen', 'shutdown']) {
      // A size that is right is the business of other tests: the socket is not connected.
      yield ['tcp', [method, value]];
    }
    yield ['pair', ['recv', 1, value]];
    yield ['pair', ['send', X, value]];
    yield ['pair', ['recvmsg', 1, value]];
    yield ['pair', ['recv_into', new Uint8Array(4), value]];
    yield ['pair', ['recvfrom_into', new Uint8Array(4), value]];
    yield ['tcp', ['getsockopt', value, 3]];
    yield ['tcp', ['getsockopt', 1, value]];
    yield ['tcp', ['getsockopt', 1, 3, value]];
    yield ['tcp', ['setsockopt', value, 2, 1]];
    yield ['tcp', ['setsockopt', 1, value, 1]];
    yield ['tcp', ['setsockopt', 1, 2, value]];
    yield ['module', ['CMSG_LEN', value]];
    yield ['module', ['CMSG_SPACE', value]];
    yield ['module', ['socketpair', value]];
    // Larger ones are cut to 32 bits in Python, and refused here.
    if (typeof value !== 'bigint' && Math.abs(Number(value)) < 2 ** 31 && value !== true) {
      yield ['module', ['dup', value]];
      yield ['module', ['fromfd', value, 2, 1]];
    }
  }
  for (const value of [...WRONG, Number.NaN, Number.POSITIVE_INFINITY, 1e10, 0.1, 0, 3]) {
    yield ['tcp', ['settimeout', value], ['gettimeout'], ['getblocking']];
  }
  const counted = ['bind', 'connect', 'connect_ex', 'recv', 'recvfrom', 'recvmsg', 'recvmsg_into'];
  for (const method of [
    ...counted,
    ...['send', 'sendall', 'sendto', 'sendmsg', 'getsockopt', 'setsockopt', 'shutdown'],
    ...['settimeout', 'setblocking', 'listen'],
  ]) {
    if (method !== 'listen') yield ['tcp', [method]];
    yield ['tcp', [method, 1, 2, 3, 4, 5]];
  }
}

/** Arguments that are bytes. */
function* data(): Generator<Script> {
  // A text is a sequence of texts in Python, which no control message is made of.
  for (const value of NOT_BYTES) {
    for (const method of ['send', 'sendall', 'sendmsg', 'recv_into', 'recvfrom_into']) {
      yield ['pair', [method, value]];
    }
    yield ['udp', ['sendto', value, ADDRESS]];
    yield ['pair', ['recvmsg_into', [value]]];
    yield ['pair', ['recvmsg_into', value]];
    yield ['pair', ['sendmsg', [value]]];
    if (value !== 'str') yield ['pair', ['sendmsg', [X], value]];
    yield ['pair', ['sendmsg', [X], [[1, 99, value]]]];
    if (value !== 'str') yield ['pair', ['sendmsg', [X], [value]]];
  }
  yield ['pair', ['sendmsg', [X], [[1, 2]]]];
  yield ['pair', ['sendmsg', [X], [[1, 2, X, X]]]];
  yield ['pair', ['recv_into', new Uint8Array(2), 3]];
  yield ['pair', ['recvfrom_into', new Uint8Array(2), 3]];
}

/** Addresses, good and bad. */
function* addresses(): Generator<Script> {
  for (const address of NOT_ADDRESSES) {
    for (const method of ['bind', 'connect', 'connect_ex']) yield ['udp', [method, address]];
    yield ['udp', ['sendto', X, address]];
    yield ['udp', ['sendto', X, 0, address]];
    if (address !== null) yield ['udp', ['sendmsg', [X], [], 0, address]];
  }
  for (const address of [
    [HOST, 0],
    ['', 0],
    ['localhost', 0],
    [bytes('localhost'), 0],
    ['127.1', 0],
    ['0x7f.1', 0],
    ['2130706433', 0],
    ['\uff4cocalhost', 0],
    [HOST, true],
    ['1.2.3.4', 0],
    ['<broadcast>', 0],
  ]) {
    yield ['udp', ['bind', address], ['getsockname'], ['bind', address]];
    yield ['udp', ['connect', address], ['getpeername']];
  }
  for (const address of [
    ['::1', 0],
    ['', 0],
    ['::1', 0, 5],
    ['::1', 0, 2 ** 20],
    ['::1', 0, -1],
    ['::1', 0, 'a'],
    ['::1', 0, 0, 'a'],
    ['::1', 0, 0, 0, 0],
    ['::1'],
    ['127.0.0.1', 0],
    ['<broadcast>', 0],
    ['fe80::1%nosuchif', 0],
    ['ff02::1', 0, 0, 1],
    ['ff02::1%lo', 0],
    '::1',
  ]) {
    yield ['udp6', ['bind', address], ['getsockname']];
  }
  const abstract = `\0berkeley-differential-${process.pid}`;
  for (const address of [
    abstract,
    bytes(abstract),
    new DataView(new Uint8Array(bytes(abstract)).buffer),
    'a'.repeat(108),
    `\0${'a'.repeat(108)}`,
    '\xe9'.repeat(54),
    '/nonexistent/x',
    '/tmp/\ud800',
    5,
    null,
    ['/tmp/x'],
  ]) {
    yield ['unix', ['bind', address], ['getsockname']];
    yield ['unix', ['connect', address]];
    yield ['unix', ['sendto', X, address]];
  }
  for (const address of [[5], [1, 2, 3], ['a', 6], 5, null, X]) {
    yield ['netlink', ['bind', address]];
  }
}

/** Options and what is read of them. */
function* options(): Generator<Script> {
  const { SOL_SOCKET, IPPROTO_TCP, IPPROTO_IP } = socket;
  for (const [level, option, value] of [
    [SOL_SOCKET, socket.SO_REUSEADDR, 1],
    [SOL_SOCKET, socket.SO_RCVBUF, 20_000],
    [SOL_SOCKET, socket.SO_LINGER, Buffer.from(Int32Array.of(1, 5).buffer)],
    [SOL_SOCKET, socket.SO_BINDTODEVICE, bytes('lo\0')],
    [SOL_SOCKET, socket.SO_ERROR, 1],
    [IPPROTO_TCP, socket.TCP_NODELAY, 1],
    [IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 5],
    [IPPROTO_TCP, socket.TCP_CONGESTION, bytes('reno')],
    [IPPROTO_IP, socket.IP_TTL, 33],
    [IPPROTO_IP, socket.IP_TOS, 16],
    [999, 2, 1],
    [SOL_SOCKET, 9999, 1],
  ] as const) {
    yield [
      'tcp',
      ['setsockopt', level, option, value],
      ['getsockopt', level, option],
      ['getsockopt', level, option, 16],
    ];
  }
  yield ['tcp', ['setsockopt', 1, 2, null, -1], ['setsockopt', 1, 2, null, 0]];
  yield ['tcp', ['setsockopt', 1, 2, X, 4], ['setsockopt', 1, 2], ['getsockopt', 1]];
}

/** Sequences of calls, and objects as text. */
function* results(): Generator<Script> {
  const read: Step[] = [
    ['getsockname'],
    ['getpeername'],
    ['fileno'],
    ['gettimeout'],
    ['get_inheritable'],
  ];
  for (const kind of Object.keys(MAKERS)) {
    if (kind !== 'module') yield [kind, ...read, [AS_TEXT], ['close'], [AS_TEXT], ...read];
  }
  yield ['pair', ['recv', 2], ['recv', 2, socket.MSG_PEEK], ['recvfrom', 1], ['recvmsg', 9]];
  yield ['pair', ['recvmsg', 9, 64], ['send', X], ['sendall', X], ['sendmsg', [X, X]]];
  yield ['pair', ['shutdown', 1], ['send', X], ['shutdown', 99], ['shutdown', 0], ['recv', 1]];
  yield ['listener', ['setblocking', false], ['accept'], ['recv', 1], ['send', X]];
  yield ['udp', ['setblocking', false], ['recv', 1], ['accept'], ['listen'], ['shutdown', 0]];
  yield ['tcp', ['detach'], ['detach'], ['fileno'], ['recv', 1]];
  yield ['module', ['getaddrinfo', HOST, 80], ['getaddrinfo', '::1', 80, 0, 1]];
  yield ['module', ['getaddrinfo', null, 80, 2, 2], ['getaddrinfo', HOST, 'nosuchservice']];
  yield ['module', ['getnameinfo', [HOST, 80], 3], ['gethostbyname', HOST]];
  yield ['module', ['inet_aton', '127.1'], ['inet_ntoa', bytes('\x01\x02\x03\xff')]];
  yield ['module', ['inet_pton', 10, '::1'], ['inet_ntop', 10, Buffer.alloc(16)]];
  yield ['module', ['inet_pton', 99, '::1'], ['inet_ntop', 2, X], ['inet_aton', 'x']];
  yield ['module', ['htons', 1], ['ntohl', 1], ['CMSG_LEN', 10], ['CMSG_SPACE', 10]];
  for (const address of [HOST, [HOST], ['::1', 80, 0, 0], 5, [HOST, 70_000], ['', 0]]) {
    yield ['module', ['create_server', address]];
    if (!Array.isArray(address) || address.length !== 2) {
      yield ['module', ['create_connection', address]];
    }
  }
}

/** How both print an object: `repr()` there, `toString()` here. */
const AS_TEXT = '__repr__';

/** Replaces numbers that differ from run to run: descriptors and ports. */
function mask(text: string, method: string): string {
  if (method === 'fileno' || method === 'detach') return text.replace(/^\d+$/, 'N');
  return text
    .replace(/fd=\d+/g, 'fd=N')
    .replace(/(\('[\w.:]*', )\d{4,5}\b/g, '$1PORT')
    .replace(/^(\d+)\.0$/, '$1');
}

// What other versions than 3.13 word differently: since when, or until when, and the text here.
const CHANGES: { from?: number; before?: number; here: RegExp }[] = [
  { before: 13, here: /PyTime_t$/ },
  { from: 14, here: /must be (3-item sequence|sequence of length 3)/ },
  { from: 14, here: /^TypeError: \w+\(\) takes at (least|most) \d arguments? / },
  { from: 14, here: /^TypeError: (setsockopt\(\)|a bytes-like object is required)/ },
];

function isKnown(text: string, minor: number): boolean {
  return CHANGES.some(
    ({ from = 0, before = Number.POSITIVE_INFINITY, here }) =>
      minor >= from && minor < before && here.test(text),
  );
}

function runHere([kind, ...steps]: Script): string[] {
  const made = MAKERS[kind]?.() ?? [];
  const target = made[0] as object;
  try {
    return steps.map((step) => {
      const text = step[0] === AS_TEXT ? String(target) : answer(target, step);
      if (step[0] === 'detach' && Number(text) >= 0) socket.close(Number(text));
      return text;
    });
  } finally {
    for (const object of made) if (object !== socket) (object as Closable).close();
  }
}

const python = process.platform === 'linux' ? findPython() : undefined;

it('every call gives what it gives in Python', {
  skip: python ? false : 'needs Linux and a python3 of 3.11 or later',
}, () => {
  if (!python) return;
  const table = [...scripts()];
  const theirs = askPython(python, PYTHON_MAKERS, table);
  const differences = table.flatMap((script, index) => {
    const ours = runHere(script);
    return ours.flatMap((text, step) => {
      const [method, ...args] = script[step + 1] as Step;
      const here = mask(text, method);
      const there = mask(theirs[index]?.[step] ?? '', method);
      if (here === there || isKnown(here, python.minor)) return [];
      return [`${script[0]}.${method}${pythonRepr(args)}: ${here}, in Python ${there}`];
    });
  });
  assert.ok(table.length >= 150);
  assert.deepEqual(differences, []);
});
