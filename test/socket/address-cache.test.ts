// Addresses that are remembered from call to call never show: each call means its own.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { loose, thrownBy } from '../support/exceptions.js';
import '../support/leaks.js';
import { closing, pair, tcpPair, udp, unixPath } from '../support/sockets.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const { AF_UNIX, SOCK_DGRAM } = socket;

describe('an address to send to', () => {
  it('may alternate, on one socket and on several', (context) => {
    const [first, second, sender, other] = [1, 2, 3, 4].map(() => udp(context));
    assert.ok(first && second && sender && other);
    const [one, two] = [first.getsockname(), second.getsockname()];
    sender.sendto(bytes('a'), one);
    sender.sendto(bytes('b'), two);
    other.sendto(bytes('c'), one);
    sender.sendto(bytes('d'), one);
    sender.sendmsg([bytes('e')], [], 0, two);
    other.sendto(bytes('f'), one);
    const from = (sock: typeof sender) => sock.getsockname();
    assert.deepEqual(
      ['a', 'c', 'd', 'f'].map(() => first.recvfrom(2)),
      [
        [bytes('a'), from(sender)],
        [bytes('c'), from(other)],
        [bytes('d'), from(sender)],
        [bytes('f'), from(other)],
      ],
    );
    assert.deepEqual(
      ['b', 'e'].map(() => second.recv(2).toString()),
      ['b', 'e'],
    );
  });

  it('may be of another family in between', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const address = receiver.getsockname();
    const path = unixPath(context);
    const local = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    local.bind(path);
    const v6 = closing(context, new socket.socket(socket.AF_INET6, SOCK_DGRAM));
    v6.bind(['::1', 0]);
    sender.sendto(bytes('a'), address);
    local.sendto(bytes('b'), path);
    sender.sendto(bytes('c'), address);
    v6.sendto(bytes('d'), ['::1', v6.getsockname()[1]]);
    sender.sendto(bytes('e'), address);
    assert.deepEqual(
      [receiver.recv(9), receiver.recv(9), receiver.recv(9)],
      ['a', 'c', 'e'].map(bytes),
    );
    assert.deepEqual([local.recv(9), v6.recv(9)], ['b', 'd'].map(bytes));
  });

  it('may be changed in place by its owner', (context) => {
    const [first, second, sender] = [1, 2, 3].map(() => udp(context));
    assert.ok(first && second && sender);
    const address: [string, number] = first.getsockname();
    sender.sendto(bytes('a'), address);
    address[1] = second.getsockname()[1];
    sender.sendto(bytes('b'), address);
    assert.deepEqual([first.recv(9), second.recv(9)], ['a', 'b'].map(bytes));
  });

  it('is checked again after a refused one', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const [host, port] = receiver.getsockname();
    sender.sendto(bytes('a'), [host, port]);
    for (const bad of [
      [host, 70_000],
      ['256.1.1.1', port],
      [host, String(port)],
      [host, port + 0.5],
      [host],
      [host, port, 0],
    ]) {
      assert.notEqual(
        thrownBy(() => loose(sender).sendto(bytes('x'), bad)),
        'nothing',
      );
      assert.equal(sender.sendto(bytes('a'), [host, port]), 1);
    }
    for (let count = 0; count < 7; count += 1) assert.deepEqual(receiver.recv(9), bytes('a'));
    assert.throws(() => receiver.recv(1, socket.MSG_DONTWAIT), socket.BlockingIOError);
  });

  it('is looked up each time if it is a name', (context) => {
    const receiver = udp(context);
    const [, port] = receiver.getsockname();
    const sender = udp(context);
    for (const host of ['localhost', '127.0.0.1', 'localhost']) {
      assert.equal(sender.sendto(bytes(host), [host, port]), host.length);
      assert.deepEqual(receiver.recvfrom(99), [bytes(host), sender.getsockname()]);
    }
    assert.match(
      thrownBy(() => sender.sendto(bytes('x'), ['nosuchhost.invalid', port])),
      /^gaierror: /,
    );
  });

  it('given to bind or connect is not that of the next sendto', (context) => {
    const [first, second, sender] = [1, 2, 3].map(() => udp(context));
    assert.ok(first && second && sender);
    const client = closing(context, new socket.socket(socket.AF_INET, SOCK_DGRAM));
    sender.sendto(bytes('a'), first.getsockname());
    client.connect(second.getsockname());
    sender.sendto(bytes('b'), first.getsockname());
    client.send(bytes('c'));
    assert.deepEqual([first.recv(9), first.recv(9), second.recv(9)], ['a', 'b', 'c'].map(bytes));
  });
});

describe('an address that was received from', () => {
  it('is that of the datagram, however peers alternate', (context) => {
    const receiver = udp(context);
    const senders = [1, 2, 3].map(() => udp(context));
    const order = [0, 0, 1, 0, 2, 2, 1, 0];
    for (const index of order) senders[index]?.sendto(bytes(`${index}`), receiver.getsockname());
    const room = Buffer.alloc(1);
    const calls = [
      () => receiver.recvfrom(9)[1],
      () => receiver.recvfrom_into(room)[1],
      () => receiver.recvmsg(9)[3],
      () => receiver.recvmsg_into([room])[3],
    ];
    assert.deepEqual(
      order.map((_, count) => calls[count % calls.length]?.()),
      order.map((index) => senders[index]?.getsockname()),
    );
  });

  it("is the caller's own", (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const expected = sender.getsockname();
    for (let count = 0; count < 3; count += 1) {
      sender.sendto(bytes('x'), receiver.getsockname());
      const [, address] = receiver.recvfrom(9);
      assert.ok(address);
      assert.deepEqual(address, expected);
      address[0] = 'changed';
      address.reverse();
    }
    const name = sender.getsockname();
    name[1] = 0;
    assert.deepEqual(sender.getsockname(), expected);
  });

  it("is the caller's own where it is bytes", (context) => {
    const name = bytes(`\0berkeley-cache-${process.pid}`);
    const sender = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    sender.bind(name);
    const path = unixPath(context);
    const receiver = closing(context, new socket.socket(AF_UNIX, SOCK_DGRAM));
    receiver.bind(path);
    for (let count = 0; count < 3; count += 1) {
      sender.sendto(bytes('x'), path);
      const [, address] = receiver.recvfrom(9);
      assert.deepEqual(address, name);
      (address as Buffer).fill(0);
    }
  });

  it('survives getsockname and other calls in between', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    const { client, accepted } = tcpPair(context);
    const [a, b] = pair(context, SOCK_DGRAM);
    const expected = sender.getsockname();
    for (const between of [
      () => receiver.getsockname(),
      () => client.getpeername(),
      () => accepted.getsockname(),
      () => [a.send(bytes('y')), b.recvfrom(9)],
      () => receiver.toString(),
    ]) {
      sender.sendto(bytes('x'), receiver.getsockname());
      assert.deepEqual(receiver.recvfrom(9)[1], expected);
      between();
      sender.sendto(bytes('x'), receiver.getsockname());
      assert.deepEqual(receiver.recvfrom(9)[1], expected);
    }
  });

  it('is null on a connected stream, also after a datagram', (context) => {
    const { client, accepted } = tcpPair(context);
    const receiver = udp(context);
    receiver.sendto(bytes('x'), receiver.getsockname());
    assert.deepEqual(receiver.recvfrom(9)[1], receiver.getsockname());
    client.send(bytes('y'));
    assert.deepEqual(accepted.recvfrom(9), [bytes('y'), null]);
  });
});
