// Calls of the functions for names, services and numbers, with good, odd and impossible arguments.

import * as resolve from '#lib/resolve.js';

/** A call by position, with keyword arguments. */
export type Call = [name: string, args: unknown[], keywords?: Record<string, unknown>];

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const HOST = '127.0.0.1';
const WRONG = [
  null,
  'a',
  1.5,
  [],
  -1,
  2 ** 16,
  2 ** 31,
  -(2 ** 31) - 1,
  2n ** 63n,
  2n ** 70n,
  -(2n ** 70n),
  true,
  bytes('a'),
  5,
];

function* forEach(name: string, lists: readonly unknown[][]): Generator<Call> {
  for (const args of lists) yield [name, args];
}

const singles = (values: readonly unknown[]): unknown[][] => values.map((value) => [value]);

/** The calls to compare: only what needs no name server, and leaves the host as it is. */
export function* calls(): Generator<Call> {
  const everything = Object.keys(resolve);
  for (const name of everything) {
    if (!['getfqdn', 'gethostname', 'if_nameindex'].includes(name)) yield [name, []];
    for (const count of [3, 7]) yield [name, Array(count).fill('x')];
    yield [name, ['x', 'y'], { foo: 1 }];
  }
  yield* addressCalls();
  yield* hostCalls();
  yield* databaseCalls();
  yield* numberCalls();
}

function* addressCalls(): Generator<Call> {
  yield* forEach('getaddrinfo', [
    [HOST, 80],
    [HOST, null, 0, 2],
    ['::1', '80'],
    [HOST, 'nosuchservice'],
    [null, null],
    ['', null],
    [5, 80],
    [new Uint8Array(4), 80],
    ['a\0b', 80, 0, 1],
    [bytes(`${HOST}\0x`), 80],
    [HOST, '80\0'],
    ['nosuchhost.invalid', 80],
    [HOST, 80, 999],
    [HOST, 80, 0, 99],
    [HOST, 80, 0, 0, 999],
    [HOST, 80, 0, 0, 0, 1 << 20],
    ['::1', 80, 2],
    [null, 80, 2, 1],
    [null, 80, 2, 1, 0, 1],
    ['localhost', 80, 2, 1, 0, 2],
    ['localhost', 80, 0, 0, 0, 4],
    [HOST, 'http', 0, 0, 0, 0x400],
    ['fe80::1%lo', 80, 0, 1],
    ['fe80::1%nosuchif', 80, 0, 1],
    [`${'\u0131'.repeat(70)}.com`, 80],
    [`${'a'.repeat(64)}.com`, 80],
    ['a..b', 80],
    ['.', 80],
    ['\ud800', 80],
    ['\xe9\ud800', 80],
    [HOST, '\ud800'],
    [HOST, '\xe9'],
    [HOST],
    [bytes(HOST), 0],
  ]);
  for (const port of [
    80,
    '80',
    bytes('80'),
    'http',
    bytes('http'),
    '',
    ' 80',
    '0x50',
    1.5,
    [],
    -1,
    true,
    70000,
    2n ** 70n,
    new Uint8Array(2),
  ]) {
    yield ['getaddrinfo', [HOST, port, 0, 1]];
  }
  for (const value of WRONG) {
    yield ['getaddrinfo', [HOST, 80, value]];
    yield ['getaddrinfo', [HOST, 80, 0, 0, 0, value]];
    yield ['getnameinfo', [[HOST, value], 3]];
    yield ['getnameinfo', [[HOST, 80], value]];
    yield ['getnameinfo', [['::1', 80, value], 3]];
    yield ['getnameinfo', [['::1', 80, 0, value], 3]];
    yield ['getnameinfo', [value, 0]];
  }
  yield ['getaddrinfo', ['a', 1], { port: 3 }];
  yield ['getaddrinfo', [], { host: 'a' }];
  yield ['getaddrinfo', [], { host: HOST, port: 80, type: 1 }];
  yield* forEach('getnameinfo', [
    [[HOST, 80], 0],
    [[HOST, 80], 3],
    [['::1', 80, 0, 0], 3],
    [[HOST, 53], 0x11],
    [HOST, 0],
    [[HOST], 0],
    [[HOST, 80, 0, 0], 0],
    [['::1', 80, 2 ** 20], 0],
    [['localhost', 80], 0],
    [[HOST, 70000], 3],
    [['192.0.2.77', 80], 8],
    [[null, 80], 0],
    [[bytes(HOST), 80], 0],
    [['fe80::1', 80, 0, 1], 3],
    [[], 0],
    [['a', 1, 2, 3, 4], 0],
    [['1\0', 1], 0],
    [['\ud800', 1], 0],
  ]);
}

function* hostCalls(): Generator<Call> {
  const hosts = [
    HOST,
    'localhost',
    '',
    '<broadcast>',
    '255.255.255.255',
    '::1',
    '127.1',
    'nosuchhost.invalid',
    bytes(HOST),
    new Uint8Array(bytes(HOST)),
    new DataView(new ArrayBuffer(1)),
    5,
    null,
    1.5,
    'a\0b',
    bytes('\0'),
    '\ud800',
    'a'.repeat(64),
    'a..b',
    '\xe9\0',
    'a\u0627.com',
    '\u2603'.repeat(70),
    'a\u3002\u3002\xe9',
  ];
  for (const name of ['gethostbyname', 'gethostbyname_ex', 'gethostbyaddr']) {
    // CPython tells an h_errno of long ago where the look-up of this name leaves it unset.
    const known = hosts.filter((host) => name !== 'gethostbyname_ex' || host !== '<broadcast>');
    yield* forEach(name, singles(known));
  }
  yield* forEach('getfqdn', [
    [],
    ...singles(['nosuchhost.invalid', '  192.0.2.77 ', '0.0.0.0', '::', '', 'a..b', 5, null, HOST]),
  ]);
  yield* forEach('gethostname', [[], [1]]);
  yield* forEach('sethostname', [[5], [null], ['a\0'], ['x'.repeat(70)], [new Uint8Array(1)]]);
  yield* forEach('if_nameindex', [[], [1]]);
  yield* forEach(
    'if_nametoindex',
    singles([
      'lo',
      bytes('lo'),
      'nosuchif',
      '',
      5,
      'l\0o',
      null,
      bytes('l\0o'),
      new Uint8Array(2),
      '\ud800',
      '\udcff',
    ]),
  );
  yield* forEach('if_indextoname', singles([1, 0, 99999, ...WRONG]));
}

function* databaseCalls(): Generator<Call> {
  yield* forEach('getservbyname', [
    ['http'],
    ['http', 'tcp'],
    ['domain', 'udp'],
    ['http', 'udp'],
    ['nosuch'],
    [bytes('http')],
    [80],
    ['http', null],
    ['ht\0tp'],
    ['http', 5],
    ['http', 't\0'],
    ['\ud800'],
    ['a', 'b', 'c'],
  ]);
  yield* forEach('getservbyport', [
    [80, 'tcp'],
    [53, 'udp'],
    [80],
    [1],
    [65535],
    [80, 'sctp'],
    [80, null],
    [80, 5],
    [80, '\0'],
    [80, 'a', 'b'],
    ...singles(WRONG),
  ]);
  yield* forEach(
    'getprotobyname',
    singles(['tcp', 'icmp', 'ipv6-icmp', 'nosuch', 6, bytes('tcp'), 'a\0', '\ud800', null]),
  );
}

function* numberCalls(): Generator<Call> {
  yield* forEach(
    'inet_aton',
    singles([
      HOST,
      '1',
      '1.2',
      '1.2.3',
      '0x7f.1',
      '010.0.0.1',
      '4294967295',
      '255.255.255.255',
      '',
      'a',
      '256.1.1.1',
      '1.2.3.4.5',
      '1.2.3.',
      ' 1.2.3.4',
      '1.2.3.4 ',
      '1.2.3.4 foo',
      '1.2.3.4\n',
      '1.2.3.4foo',
      '4294967296',
      '0x',
      '09.0.0.1',
      bytes('1.2.3.4'),
      5,
      null,
      '1.2.3.4\0',
      '\ud800',
    ]),
  );
  yield* forEach(
    'inet_ntoa',
    singles([
      bytes('\x7f\0\0\x01'),
      new Uint8Array(4),
      new DataView(new ArrayBuffer(4)),
      bytes('123'),
      bytes(''),
      '1234',
      5,
      null,
      1.5,
    ]),
  );
  for (const text of [
    '1.2.3.4',
    '1.2.3',
    '01.2.3.4',
    '',
    '1.2.3.4 ',
    bytes('1.2.3.4'),
    '::',
    '::1',
    '1:2:3:4:5:6:7:8',
    '::ffff:1.2.3.4',
    '::1%lo',
    '1::2::3',
    ':::',
    '12345::',
    null,
    5,
    '1.2.3.4\0',
    '\ud800',
  ]) {
    yield ['inet_pton', [2, text]];
    yield ['inet_pton', [10, text]];
  }
  for (const value of [999, 1, 0, ...WRONG]) {
    yield ['inet_pton', [value, '1.2.3.4']];
    yield ['inet_ntop', [value, bytes('1234')]];
  }
  yield* forEach('inet_ntop', [
    [2, bytes('\x01\x02\x03\x04')],
    [10, Buffer.alloc(16)],
    [10, Buffer.alloc(16, 'ab', 'hex')],
    [10, bytes(`${'\0'.repeat(10)}\xff\xff1234`)],
    [2, bytes('123')],
    [10, bytes('1234')],
    [2, '1234'],
    [2],
    [2, null],
    ['a', null],
    [2, new Uint8Array(4)],
  ]);
  for (const name of ['htons', 'ntohs', 'htonl', 'ntohl']) {
    yield* forEach(name, singles([1, 256, 65535, 0xffff_ffff, 2 ** 32, 2 ** 40, ...WRONG]));
  }
}
