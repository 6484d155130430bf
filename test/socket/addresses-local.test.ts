// Addresses on this host: AF_UNIX, AF_PACKET, AF_NETLINK and AF_VSOCK.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { addressed, refuseEverywhere } from '../support/addressed.js';
import { assertRefusals, loose, notBytes, notInteger, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, missing, open, pair, udp, unixPath } from '../support/sockets.js';

const X = Buffer.from('x');
const { AF_UNIX, AF_PACKET, AF_NETLINK, AF_VSOCK, SOCK_DGRAM, SOCK_RAW } = socket;

describe('addresses of AF_UNIX', () => {
  it('are paths as text or bytes, and come out as text', (context) => {
    for (const encode of [
      String,
      Buffer.from,
      (path: string) => new Uint8Array(Buffer.from(path)),
    ]) {
      const path = unixPath(context);
      const sock = open(context, AF_UNIX, SOCK_DGRAM);
      sock.bind(encode(path));
      assert.equal(sock.getsockname(), path);
      const client = open(context, AF_UNIX, SOCK_DGRAM);
      client.connect(encode(path));
      assert.equal(client.getpeername(), path);
      client.sendto(X, encode(path));
      client.sendmsg([X], [], 0, encode(path));
      assert.deepEqual(sock.recvfrom(9), [X, null]);
      sock.close();
      assert.ok(existsSync(path), 'close() leaves the file');
    }
  });

  it('are abstract, and come out as bytes', (context) => {
    const name = `\0berkeley-${process.pid}`;
    for (const address of [
      name,
      Buffer.from(name),
      new DataView(new Uint8Array(Buffer.from(name)).buffer),
    ]) {
      const sock = open(context, AF_UNIX, SOCK_DGRAM);
      sock.bind(address);
      assert.deepEqual(sock.getsockname(), Buffer.from(name));
      sock.close();
    }
  });

  it('are given by the kernel where none is asked for', (context) => {
    const sock = open(context, AF_UNIX, SOCK_DGRAM);
    assert.equal(sock.getsockname(), '');
    sock.bind('');
    const name = sock.getsockname();
    assert.ok(Buffer.isBuffer(name));
    assert.match(name.toString('latin1'), /^\0[0-9a-f]{5}$/);
  });

  it('that are not UTF-8 are bytes, and text with the odd bytes escaped', (context) => {
    const path = unixPath(context);
    const odd = Buffer.concat([Buffer.from(path), Buffer.of(0xff, 0xc3, 0xa9)]);
    const sock = open(context, AF_UNIX, SOCK_DGRAM);
    sock.bind(odd);
    const name = sock.getsockname();
    const client = open(context, AF_UNIX, SOCK_DGRAM);
    client.connect(name);
    assert.deepEqual(client.getpeername(), name);
    client.connect(`${path}\udcffé`);
    client.connect(odd);
    client.send(X);
    assert.deepEqual(sock.recv(9), X);
  });

  it('may have 107 bytes as a path and 108 as an abstract name', (context) => {
    const path = unixPath(context);
    const long = path.padEnd(107, 'a');
    const bound = open(context, AF_UNIX, SOCK_DGRAM);
    bound.bind(long);
    assert.equal(bound.getsockname(), long);
    const name = Buffer.alloc(108, 'b');
    name[0] = 0;
    const abstract = open(context, AF_UNIX, SOCK_DGRAM);
    abstract.bind(name);
    assert.deepEqual(abstract.getsockname(), name);
    const tooLong = 'OSError: AF_UNIX path too long';
    refuseEverywhere(AF_UNIX, [
      ['a path of 108', path.padEnd(108, 'a'), tooLong],
      ['a name of 109', Buffer.concat([name, X]), tooLong],
      ['108 bytes of 54 characters', 'é'.repeat(54), tooLong],
    ]);
  });

  it('that are none are refused by every call with the texts of Python', () => {
    const lost = 'FileNotFoundError: [Errno 2] No such file or directory';
    refuseEverywhere(AF_UNIX, [
      ['a number', 5, notBytes('int')],
      ['null', null, notBytes('NoneType')],
      ['a tuple', ['/tmp/x'], notBytes('tuple')],
      ['a URL', new URL('file:///tmp/x'), notBytes('URL')],
    ]);
    const bind = addressed((sock, address) => sock.bind(address), AF_UNIX);
    assert.equal(
      thrownBy(() => bind('/nonexistent/socket')),
      lost,
    );
    const connect = addressed((sock, address) => sock.connect_ex(address), AF_UNIX);
    assert.equal(connect('/nonexistent/socket'), 2);
  });

  it('of unnamed peers are empty, and null with a datagram', (context) => {
    const [a, b] = pair(context);
    b.send(X);
    assert.deepEqual([a.getsockname(), a.getpeername(), a.recvfrom(5)], ['', '', [X, null]]);
    const path = unixPath(context);
    const server = open(context, AF_UNIX, socket.SOCK_STREAM);
    server.bind(path);
    server.listen();
    const client = open(context, AF_UNIX, socket.SOCK_STREAM);
    client.connect(path);
    const [accepted, address] = server.accept();
    closing(context, accepted);
    assert.deepEqual([address, accepted.getpeername(), client.getpeername()], ['', '', path]);
  });
});

describe('addresses of AF_PACKET', { skip: missing(AF_PACKET, SOCK_RAW) }, () => {
  it('have an interface, a protocol and a hardware address', (context) => {
    const sock = open(context, AF_PACKET, SOCK_RAW);
    assert.deepEqual(sock.getsockname(), ['', 0, 0, 0, Buffer.alloc(0)]);
    sock.bind(['lo', 0x806]);
    assert.deepEqual(sock.getsockname(), ['lo', 0x806, 0, 772, Buffer.alloc(6)]);
    sock.bind(['lo', 3, 1, 6, Buffer.from([1, 2, 3, 4, 5, 6])]);
    assert.equal(sock.getsockname()[1], 3);
    const sender = udp(context);
    sender.sendto(X, sender.getsockname());
    const [, address] = sock.recvfrom(2000);
    assert.deepEqual(
      [address?.[0], address?.[1], address?.[3], address?.[4]],
      ['lo', 0x800, 772, Buffer.alloc(6)],
    );
  });

  it('that are none are refused with the texts of Python', (context) => {
    const form = 'TypeError: AF_PACKET address must be a tuple of two to five elements';
    const range = 'OverflowError: bind(): proto must be 0-65535.';
    const device = 'OSError: [Errno 19] No such device';
    const large = /^OverflowError: /;
    const sock = loose(open(context, AF_PACKET, SOCK_RAW));
    assertRefusals(sock, [
      ['no interface', (s) => s.bind(['nosuchif', 0]), device],
      ['a long name', (s) => s.bind(['a'.repeat(30), 0]), device],
      ['one item', (s) => s.bind(['lo']), form],
      ['six items', (s) => s.bind(['lo', 2, 3, 4, X, 6]), form],
      ['a name of bytes', (s) => s.bind([Buffer.from('lo'), 0]), form],
      ['a number', (s) => s.bind([1, 0]), form],
      ['protocol 70000', (s) => s.bind(['lo', 70_000]), range],
      ['protocol -1', (s) => s.bind(['lo', -1]), range],
      ['text', (s) => s.bind('lo'), 'TypeError: bind(): AF_PACKET address must be tuple, not str'],
      ['text as address', (s) => s.bind(['lo', 0, 0, 0, 'str']), notBytes('str')],
      [
        'nine bytes',
        (s) => s.bind(['lo', 0, 0, 0, Buffer.alloc(9)]),
        'ValueError: Hardware address must be 8 bytes or less',
      ],
    ]);
    for (const address of [
      ['lo', 2 ** 40],
      ['lo', 0, 2 ** 40],
      ['lo', 0, 0, 2 ** 40],
    ]) {
      assert.match(
        thrownBy(() => sock.bind(address)),
        large,
      );
    }
  });
});

describe('addresses of AF_NETLINK', { skip: missing(AF_NETLINK, SOCK_RAW) }, () => {
  it('are a port number and groups', (context) => {
    const sock = open(context, AF_NETLINK, SOCK_RAW);
    assert.deepEqual(sock.getsockname(), [0, 0]);
    sock.bind([0, 0]);
    const [pid, groups] = sock.getsockname();
    assert.ok(pid > 0);
    assert.equal(groups, 0);
    sock.bind([pid, 1]);
    assert.deepEqual(sock.getsockname(), [pid, 1]);
  });

  it('name the kernel as sender', (context) => {
    const sock = open(context, AF_NETLINK, SOCK_RAW);
    sock.bind([0, 0]);
    // A header of 16 bytes: a request of a type that nobody knows, to be acknowledged.
    const request = Buffer.alloc(16);
    request.writeUInt32LE(16);
    request.writeUInt16LE(0x7fff, 4);
    request.writeUInt16LE(socket.NLM_F_REQUEST | socket.NLM_F_ACK, 6);
    sock.sendto(request, [0, 0]);
    const [answer, address] = sock.recvfrom(4096);
    assert.deepEqual(address, [0, 0]);
    assert.equal(answer.readUInt16LE(4), socket.NLMSG_ERROR);
  });

  it('that are none are refused with the texts of Python', (context) => {
    const form = 'TypeError: AF_NETLINK address must be a pair (pid, groups)';
    const notTuple = (type: string) =>
      `TypeError: bind(): AF_NETLINK address must be tuple, not ${type}`;
    const sock = loose(open(context, AF_NETLINK, SOCK_RAW));
    assertRefusals(sock, [
      ['one item', (s) => s.bind([5]), form],
      ['three items', (s) => s.bind([5, 6, 7]), form],
      ['text', (s) => s.bind(['a', 6]), notInteger('str')],
      ['a number', (s) => s.bind(5), notTuple('int')],
    ]);
    assert.match(
      thrownBy(() => sock.bind([0, 2 ** 32 + 7])),
      /^OverflowError: /,
      'groups are not cut to 32 bits',
    );
  });
});

describe('addresses of AF_VSOCK', { skip: missing(AF_VSOCK, socket.SOCK_STREAM) }, () => {
  it('are a context and a port', (context) => {
    const sock = open(context, AF_VSOCK, socket.SOCK_STREAM);
    const { VMADDR_CID_ANY, VMADDR_PORT_ANY } = socket;
    assert.deepEqual(sock.getsockname(), [VMADDR_CID_ANY, VMADDR_PORT_ANY]);
    sock.bind([VMADDR_CID_ANY, VMADDR_PORT_ANY]);
    const [cid, port] = sock.getsockname();
    assert.equal(cid, VMADDR_CID_ANY);
    assert.ok(port > 0 && port < VMADDR_PORT_ANY);
  });

  it('that are none are refused with the texts of Python', (context) => {
    const notTuple = (type: string) =>
      `TypeError: getsockaddrarg: AF_VSOCK address must be tuple, not ${type}`;
    const sock = loose(open(context, AF_VSOCK, socket.SOCK_STREAM));
    assertRefusals(sock, [
      [
        'one item',
        (s) => s.bind([3]),
        'TypeError: getsockaddrarg() takes exactly 2 arguments (1 given)',
      ],
      ['text', (s) => s.bind(['3', 4]), notInteger('str')],
      ['null', (s) => s.bind(null), notTuple('NoneType')],
    ]);
    assert.match(
      thrownBy(() => sock.bind([2 ** 32 + 1, 4])),
      /^OverflowError: /,
    );
  });
});
