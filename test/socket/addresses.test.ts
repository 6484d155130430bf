// Internet addresses: what goes into the kernel comes out, and what is no address is refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { addressed, CALLS, refuseEverywhere } from '../support/addressed.js';
import { assertRefusals, loose, notInteger, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { missing, open, udp } from '../support/sockets.js';

const X = Buffer.from('x');
const { AF_INET, AF_INET6, SOCK_DGRAM } = socket;

describe('addresses of AF_INET', () => {
  it('name this host in many ways', (context) => {
    const table: [host: string | Uint8Array, address: string][] = [
      ['127.0.0.1', '127.0.0.1'],
      ['', '0.0.0.0'],
      ['localhost', '127.0.0.1'],
      [Buffer.from('localhost'), '127.0.0.1'],
      [new Uint8Array(Buffer.from('127.0.0.4')), '127.0.0.4'],
      ['\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54', '127.0.0.1'],
      ['127.1', '127.0.0.1'],
      ['0x7f.1', '127.0.0.1'],
      ['2130706433', '127.0.0.1'],
      ['0177.0.0.1', '127.0.0.1'],
    ];
    for (const [host, address] of table) {
      const sock = open(context, AF_INET, SOCK_DGRAM);
      sock.bind([host, 0]);
      const [name, port] = sock.getsockname();
      assert.deepEqual([name, port > 0], [address, true]);
    }
  });

  it('are taken by every call, also as a name and as nothing', (context) => {
    const receiver = udp(context);
    const [, port] = receiver.getsockname();
    const text = Buffer.from('127.0.0.1');
    for (const host of ['127.0.0.1', 'localhost', '', text, new Uint8Array(text)]) {
      const connected = open(context, AF_INET, SOCK_DGRAM);
      connected.connect([host, port]);
      assert.deepEqual(connected.getpeername(), ['127.0.0.1', port]);
      const sender = open(context, AF_INET, SOCK_DGRAM);
      assert.equal(sender.sendto(X, [host, port]), 1);
      assert.equal(sender.sendmsg([X], [], 0, [host, port]), 1);
      assert.equal(sender.connect_ex([host, port]), 0);
      assert.equal(receiver.recvfrom(1)[1]?.[1], sender.getsockname()[1]);
      receiver.recv(1);
    }
  });

  it('may mean everybody', (context) => {
    const sock = udp(context);
    assert.equal(
      thrownBy(() => sock.connect(['<broadcast>', 9])),
      'PermissionError: [Errno 13] Permission denied',
    );
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
    sock.connect(['<broadcast>', 9]);
    assert.deepEqual(sock.getpeername(), ['255.255.255.255', 9]);
  });

  it('take a port that is a boolean or a bigint', (context) => {
    const sock = udp(context);
    for (const [port, read] of [
      [true, 1],
      [65_535n, 65_535],
    ]) {
      loose(sock).connect(['127.0.0.1', port]);
      assert.deepEqual(sock.getpeername(), ['127.0.0.1', read]);
    }
  });

  it('that are none are refused by every call with the texts of Python', () => {
    const pairText = 'TypeError: AF_INET address must be a pair (host, port)';
    const portText = 'OverflowError: METHOD(): port must be 0-65535.';
    const notTuple = (type: string) =>
      `TypeError: METHOD(): AF_INET address must be tuple, not ${type}`;
    const notHost = (type: string) => `TypeError: str, bytes or bytearray expected, not ${type}`;
    const noNul = 'TypeError: host name must not contain null character';
    const unknown = 'gaierror: [Errno -2] Name or service not known';
    refuseEverywhere(AF_INET, [
      ['an unknown host', ['256.1.1.1', 0], unknown],
      [
        'a host of IPv6',
        ['::1', 0],
        'gaierror: [Errno -9] Address family for hostname not supported',
      ],
      ['text', '127.0.0.1', notTuple('str')],
      ['null', null, notTuple('NoneType')],
      ['an object', { host: '127.0.0.1', port: 0 }, notTuple('Object')],
      ['a host alone', ['127.0.0.1'], pairText],
      ['three items', ['127.0.0.1', 0, 0], pairText],
      ['nothing', [], pairText],
      ['port -1', ['127.0.0.1', -1], portText],
      ['port 65536', ['127.0.0.1', 65_536], portText],
      ['port 2**31', ['127.0.0.1', 2 ** 31], portText],
      ['port 2**32+80', ['127.0.0.1', 2 ** 32 + 80], portText],
      ['port 2**70', ['127.0.0.1', 2n ** 70n], portText],
      ['a port as text', ['127.0.0.1', '80'], notInteger('str')],
      ['a fraction of a port', ['127.0.0.1', 80.5], notInteger('float')],
      ['port NaN', ['127.0.0.1', Number.NaN], notInteger('float')],
      ['port null', ['127.0.0.1', null], notInteger('NoneType')],
      ['host null', [null, 0], notHost('NoneType')],
      ['a number as host', [127, 0], notHost('int')],
      ['a DataView as host', [new DataView(new ArrayBuffer(1)), 0], notHost('memoryview')],
      ['a host with NUL', ['127.0.0.1\0', 0], noNul],
      ['bytes with NUL', [Buffer.from('127.0.0.1\0x'), 0], noNul],
      [
        'a label too long for IDNA',
        [`${'a'.repeat(64)}\xe9`, 0],
        'TypeError: encoding of hostname failed',
      ],
      ['a lone surrogate', ['\ud800', 0], 'TypeError: encoding of hostname failed'],
      ['a label too long', ['a'.repeat(64), 0], unknown],
      ['an unknown host before its port', ['xn--nxasmq6b.invalid', 65_536], unknown],
    ]);
  });

  it('that the kernel refuses are its errors', (context) => {
    const [host, port] = udp(context).getsockname();
    const bind = addressed((sock, address) => sock.bind(address), AF_INET);
    assertRefusals(bind, [
      ['not here', (f) => f(['1.2.3.4', 0]), 'OSError: [Errno 99] Cannot assign requested address'],
      ['in use', (f) => f([host, port]), 'OSError: [Errno 98] Address already in use'],
    ]);
    const sock = udp(context);
    assert.equal(
      thrownBy(() => sock.bind(['127.0.0.1', 0])),
      'OSError: [Errno 22] Invalid argument',
    );
  });
});

describe('addresses of AF_INET6', { skip: missing(AF_INET6, SOCK_DGRAM) }, () => {
  it('come out with four items, of which a host of all links has no scope', (context) => {
    const sock = open(context, AF_INET6, SOCK_DGRAM);
    sock.bind(['::1', 0]);
    const [host, port, ...rest] = sock.getsockname();
    assert.deepEqual([host, port > 0, rest], ['::1', true, [0, 0]]);
    const peer = open(context, AF_INET6, SOCK_DGRAM);
    peer.connect(['::1', port, 0, 7]);
    assert.deepEqual(peer.getpeername(), ['::1', port, 0, 0]);
  });

  it('keep a flow label that was asked for', (context) => {
    const { IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, IPV6_FLOWINFO_SEND } = socket;
    const label = 0x54321;
    // struct in6_flowlabel_req of linux/in6.h: the host, the label, and "create it for anybody".
    const request = Buffer.alloc(32);
    socket.inet_pton(AF_INET6, '::1').copy(request);
    request.writeUInt32BE(label, 16);
    request.writeUInt8(255, 21);
    request.writeUInt16LE(1, 22);
    const sock = open(context, AF_INET6, SOCK_DGRAM);
    sock.setsockopt(IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, request);
    sock.setsockopt(IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1);
    sock.connect(['::1', 9, label]);
    assert.deepEqual(sock.getpeername(), ['::1', 9, label, 0]);
  });

  it('keep the scope of a link-local host, which a zone does not replace', (context) => {
    const lo = socket.if_nametoindex('lo');
    for (const host of ['ff02::1', 'ff02::1%lo']) {
      const sock = open(context, AF_INET6, SOCK_DGRAM);
      assert.equal(
        thrownBy(() => sock.bind([host, 0])),
        'OSError: [Errno 22] Invalid argument',
      );
      sock.bind([host, 0, 0, lo]);
      const [name, , ...rest] = sock.getsockname();
      assert.deepEqual([name, rest], ['ff02::1', [0, lo]]);
    }
  });

  it('hold IPv4 and the wildcard', (context) => {
    for (const [host, read] of [
      ['::ffff:127.0.0.1', '::ffff:127.0.0.1'],
      ['', '::'],
      ['::', '::'],
      ['ip6-localhost', '::1'],
    ] as const) {
      if (host === 'ip6-localhost' && thrownBy(() => socket.getaddrinfo(host, 0)) !== 'nothing') {
        continue;
      }
      const sock = open(context, AF_INET6, SOCK_DGRAM);
      sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0);
      sock.bind([host, 0]);
      assert.equal(sock.getsockname()[0], read);
    }
  });

  it('that are none are refused by every call with the texts of Python', () => {
    const form = 'TypeError: AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])';
    const flow = 'OverflowError: METHOD(): flowinfo must be 0-1048575.';
    refuseEverywhere(AF_INET6, [
      [
        'an unknown zone',
        ['fe80::1%nosuchif', 80],
        'gaierror: [Errno -2] Name or service not known',
      ],
      ['everybody', ['<broadcast>', 0], 'OSError: address family mismatched'],
      [
        'a host of IPv4',
        ['127.0.0.1', 0],
        'gaierror: [Errno -9] Address family for hostname not supported',
      ],
      ['a host alone', ['::1'], form],
      ['five items', ['::1', 0, 0, 0, 0], form],
      ['text', '::1', 'TypeError: METHOD(): AF_INET6 address must be tuple, not str'],
      ['a port too large', ['::1', 65_536], 'OverflowError: METHOD(): port must be 0-65535.'],
      ['flow information of 21 bits', ['::1', 0, 2 ** 20], flow],
      ['negative flow information', ['::1', 0, -1], flow],
      ['flow information as text', ['::1', 0, '0'], notInteger('str')],
      ['scope as text', ['::1', 0, 0, '0'], notInteger('str')],
    ]);
    // Cut to 32 bits these would be addresses.
    for (const [name, call] of CALLS) {
      const take = addressed(call, AF_INET6);
      for (const address of [
        ['::1', 9, 2 ** 32],
        ['::1', 9, 0, 2 ** 32 + 5],
        ['::1', 9, 0, 2n ** 70n],
      ]) {
        assert.match(
          thrownBy(() => take(address)),
          /^OverflowError: /,
          `${name} of ${address}`,
        );
      }
    }
  });
});
