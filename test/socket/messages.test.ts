// What comes with a message: control messages, descriptors, and the room they need.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { isInherited } from '../support/descriptors.js';
import { thrownBy } from '../support/exceptions.js';
import { pair, udp } from '../support/sockets.js';

const { CMSG_LEN, CMSG_SPACE, IPPROTO_IP, IP_PKTINFO, MSG_CTRUNC, SCM_RIGHTS, SOL_SOCKET } = socket;

const byte = Buffer.from('x');

describe('the room of a control message', () => {
  test('is its header, its data and, with CMSG_SPACE, the padding', () => {
    assert.deepEqual([0, 1, 8].map(CMSG_LEN), [16, 17, 24]);
    assert.deepEqual([0, 1, 8, 9].map(CMSG_SPACE), [16, 24, 24, 32]);
    assert.equal(CMSG_LEN(2 ** 31 - 1 - 16), 2 ** 31 - 1);
    assert.equal(CMSG_SPACE(2 ** 31 - 1 - 24), 2 ** 31 - 8);
  });

  test('is refused where it fits no C int', () => {
    for (const [name, call] of Object.entries({ CMSG_LEN, CMSG_SPACE })) {
      const measure = call as (length: unknown) => number;
      const outOfRange = `OverflowError: ${name}() argument out of range`;
      for (const length of [-1, 2 ** 31, 2 ** 31 - 16, 2 ** 31 - 1]) {
        assert.equal(
          thrownBy(() => measure(length)),
          outOfRange,
          `${length}`,
        );
      }
      assert.equal(
        thrownBy(() => measure('a')),
        "TypeError: 'str' object cannot be interpreted as an integer",
      );
      assert.equal(
        thrownBy(() => measure(2n ** 70n)),
        'OverflowError: Python int too large to convert to C ssize_t',
      );
    }
    assert.equal(
      thrownBy(() => CMSG_SPACE(2 ** 31 - 1 - 23)),
      'OverflowError: CMSG_SPACE() argument out of range',
    );
  });
});

describe('a control message', () => {
  test('comes as level, type and bytes', (context) => {
    const receiver = udp(context);
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    udp(context).sendto(byte, receiver.getsockname());
    const [data, ancdata, flags] = receiver.recvmsg(9, CMSG_SPACE(12));
    assert.deepEqual(data, byte);
    assert.deepEqual(
      ancdata.map(([level, type, bytes]) => [level, type, bytes.length]),
      [[IPPROTO_IP, IP_PKTINFO, 12]],
    );
    assert.equal(flags, 0);
  });

  test('is lost without room for it, and MSG_CTRUNC tells so', (context) => {
    const receiver = udp(context);
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    udp(context).sendto(byte, receiver.getsockname());
    const [, ancdata, flags] = receiver.recvmsg(9);
    assert.deepEqual([ancdata, flags], [[], MSG_CTRUNC]);
  });

  test('comes with recvmsg_into, too', (context) => {
    const receiver = udp(context);
    const sender = udp(context);
    receiver.setsockopt(IPPROTO_IP, IP_PKTINFO, 1);
    sender.sendto(byte, receiver.getsockname());
    const room = Buffer.alloc(3);
    const [length, ancdata, flags, address] = receiver.recvmsg_into([room], CMSG_SPACE(12));
    assert.deepEqual([length, ancdata.length, flags], [1, 1, 0]);
    assert.deepEqual(address, sender.getsockname());
    assert.deepEqual(room, Buffer.from('x\0\0'));
  });
});

describe('descriptors in a message', () => {
  /** Sends two descriptors and receives them into that much room. */
  function pass(context: Parameters<typeof pair>[0], room: number) {
    const [sender, receiver] = pair(context);
    const files = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
    try {
      sender.sendmsg([byte], [[SOL_SOCKET, SCM_RIGHTS, Int32Array.from(files)]]);
    } finally {
      files.forEach(closeSync);
    }
    const [, ancdata, flags] = receiver.recvmsg(1, room);
    const fds = ancdata.flatMap(([, , bytes]) => [...new Int32Array(new Uint8Array(bytes).buffer)]);
    return { ancdata, fds, flags };
  }

  test('are copies, closed on exec and the receiver’s to close', (context) => {
    const { ancdata, fds, flags } = pass(context, CMSG_LEN(8));
    assert.deepEqual(
      ancdata.map(([level, type, bytes]) => [level, type, bytes.length]),
      [[SOL_SOCKET, SCM_RIGHTS, 8]],
    );
    // The kernel gives the MSG_CMSG_CLOEXEC of the call back, which the caller did not ask for.
    assert.equal(flags, 0);
    assert.equal(fds.length, 2);
    assert.deepEqual(
      fds.map((fd) => isInherited({ fileno: () => fd })),
      [false, false],
    );
    fds.forEach(closeSync);
  });

  test('come only as far as there is room for whole ones', (context) => {
    const { ancdata, fds, flags } = pass(context, CMSG_LEN(6));
    assert.deepEqual(
      ancdata.map(([level, type, bytes]) => [level, type, bytes.length]),
      [[SOL_SOCKET, SCM_RIGHTS, 4]],
    );
    assert.equal(flags, MSG_CTRUNC);
    fds.forEach(closeSync);
  });

  test('are closed when there is no room at all', (context) => {
    const { ancdata, flags } = pass(context, 0);
    assert.deepEqual(ancdata, []);
    assert.equal(flags, MSG_CTRUNC);
  });
});
