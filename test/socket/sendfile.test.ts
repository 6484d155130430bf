// sendfile(): what of a file is sent, where its position ends, and what is no file.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { open } from 'node:fs/promises';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import {
  assertRefusals,
  loose,
  notInteger,
  type Refusals,
  thrownBy,
} from '../support/exceptions.js';
import '../support/leaks.js';
import { pair, tcpPair, udp, unixPath } from '../support/sockets.js';

const DIGITS = '0123456789';

/** A file as Python has them: a descriptor with a position, and no memory of its own. */
class FileObject {
  position = 0;
  readonly mode: string = 'rb';

  constructor(readonly descriptor: number) {}

  fileno(): number {
    return this.descriptor;
  }

  read(size: number): Buffer {
    const buffer = Buffer.alloc(size);
    const length = fs.readSync(this.descriptor, buffer, 0, size, this.position);
    this.position += length;
    return buffer.subarray(0, length);
  }

  seek(offset: number): void {
    if (offset < 0) throw new socket.OSError(22, 'Invalid argument');
    this.position = offset;
  }
}

/** Bytes that can be read like a file but have no descriptor. */
class MemoryFile {
  position = 0;

  constructor(readonly bytes: Buffer) {}

  read(size: number): Buffer {
    const piece = this.bytes.subarray(this.position, this.position + size);
    this.position += piece.length;
    return piece;
  }

  seek(offset: number): void {
    this.position = offset;
  }
}

/** A file with that content; it is closed and removed when the test ends. */
function fileWith(context: TestContext, content: string | Buffer): FileObject {
  const path = unixPath(context);
  fs.writeFileSync(path, content);
  const fd = fs.openSync(path, 'r');
  context.after(() => fs.closeSync(fd));
  return new FileObject(fd);
}

describe('sendfile of a file', () => {
  it('sends from the offset on, whatever the position is, which ends behind it', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = fileWith(context, DIGITS);
    const table: [args: number[], sent: string, position: number][] = [
      [[], DIGITS, 10],
      [[3], '3456789', 10],
      [[2, 4], '2345', 6],
      [[8, 100], '89', 10],
      [[10], '', 0],
      [[50], '', 0],
    ];
    for (const [args, sent, position] of table) {
      file.seek(0);
      assert.equal(client.sendfile(file, ...args), sent.length);
      assert.equal(file.position, position);
      if (sent !== '') assert.equal(accepted.recv(99).toString(), sent);
    }
    file.seek(5);
    assert.equal(client.sendfile(file), 10);
    assert.equal(file.position, 10);
    assert.equal(accepted.recv(99).toString(), DIGITS);
  });

  it('takes offset and count by name', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = fileWith(context, DIGITS);
    assert.equal(client.sendfile(file, { offset: 7, count: 2 }), 2);
    assert.equal(client.sendfile(file, { count: null }), 10);
    assert.equal(accepted.recv(12, socket.MSG_WAITALL).toString(), `78${DIGITS}`);
  });

  it('takes a mere descriptor, whose position it leaves alone', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = fileWith(context, DIGITS);
    assert.equal(client.sendfile(file.descriptor, 1, 3), 3);
    assert.equal(accepted.recv(9).toString(), '123');
    const buffer = Buffer.alloc(1);
    fs.readSync(file.descriptor, buffer, 0, 1, null);
    assert.equal(buffer.toString(), '0');
  });

  it('takes a FileHandle', async (context) => {
    const { client, accepted } = tcpPair(context);
    const path = unixPath(context);
    fs.writeFileSync(path, DIGITS);
    const handle = await open(path);
    assert.equal(client.sendfile(handle, 4), 6);
    await handle.close();
    assert.equal(accepted.recv(9).toString(), '456789');
  });

  it('sends a large file whole', (context) => {
    const [a, b] = pair(context);
    const size = 150_000;
    const content = Buffer.alloc(size, DIGITS);
    assert.equal(a.sendfile(fileWith(context, content)), size);
    assert.ok(b.recv(size, socket.MSG_WAITALL).equals(content));
  });

  it('sends nothing of what has no size: a socket, a file in /proc, an empty file', (context) => {
    const { client } = tcpPair(context);
    const [a] = pair(context);
    assert.equal(client.sendfile(a), 0);
    const fd = fs.openSync('/proc/version', 'r');
    assert.equal(client.sendfile(fd), 0);
    fs.closeSync(fd);
    client.setblocking(false);
    assert.equal(client.sendfile(fileWith(context, '')), 0);
  });

  it('times out with the position behind what was sent', (context) => {
    const { client } = tcpPair(context);
    client.settimeout(0.1);
    const file = fileWith(context, Buffer.alloc(20_000_000));
    assert.equal(
      thrownBy(() => client.sendfile(file)),
      'TimeoutError: timed out',
    );
    assert.ok(file.position > 0);
  });
});

describe('sendfile of an object with read()', () => {
  it('begins at its position if there is no offset', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = new MemoryFile(Buffer.from('abcdef'));
    file.seek(2);
    assert.equal(client.sendfile(file), 4);
    assert.equal(file.position, 4);
    assert.equal(accepted.recv(10).toString(), 'cdef');
    assert.equal(client.sendfile(file, 1, 3), 3);
    assert.equal(file.position, 4);
    assert.equal(accepted.recv(10).toString(), 'bcd');
  });

  it('works on a connected SEQPACKET socket, too', (context) => {
    const [a, b] = pair(context, socket.SOCK_SEQPACKET);
    assert.equal(a.sendfile(new MemoryFile(Buffer.from('abc'))), 3);
    assert.equal(b.recv(9).toString(), 'abc');
  });

  it('goes on after short sends', (context) => {
    const [a, b] = pair(context);
    const content = Buffer.alloc(100_000, DIGITS);
    assert.equal(a.sendfile(new MemoryFile(content)), content.length);
    assert.ok(b.recv(content.length, socket.MSG_WAITALL).equals(content));
  });

  it('passes on what its methods throw', (context) => {
    const [a] = pair(context);
    const broken = {
      read() {
        throw new RangeError('my own');
      },
    };
    assert.throws(() => a.sendfile(broken), /^RangeError: my own$/);
    const unseekable = {
      read: () => Buffer.alloc(0),
      seek() {
        throw new RangeError('my own, too');
      },
    };
    assert.throws(() => a.sendfile(unseekable, 5), /^RangeError: my own, too$/);
  });
});

describe('sendfile refuses', () => {
  it('what is no file', (context) => {
    const { client } = tcpPair(context);
    const noRead = (type: string) => `AttributeError: '${type}' object has no attribute 'read'`;
    assertRefusals(loose(client), [
      [
        'text from read()',
        (s) => s.sendfile({ read: () => 'x' }, 0),
        "TypeError: memoryview: a bytes-like object is required, not 'str'",
      ],
      ['bytes', (s) => s.sendfile(Buffer.from('raw')), noRead('bytes')],
      ['text', (s) => s.sendfile('raw'), noRead('str')],
      ['null', (s) => s.sendfile(null), noRead('NoneType')],
      [
        'nothing',
        (s) => s.sendfile(),
        "TypeError: socket.sendfile() missing 1 required positional argument: 'file'",
      ],
    ]);
  });

  it('a file in text mode, a datagram socket and a non-blocking one', (context) => {
    const { client } = tcpPair(context);
    const file = fileWith(context, 'x');
    class TextFile extends FileObject {
      override readonly mode = 'r';
    }
    assert.equal(
      thrownBy(() => client.sendfile(new TextFile(file.descriptor))),
      'ValueError: file should be opened in binary mode',
    );
    const datagrams = udp(context);
    assert.equal(
      thrownBy(() => datagrams.sendfile(file)),
      'ValueError: only SOCK_STREAM type sockets are supported',
    );
    client.setblocking(false);
    const refused = 'ValueError: non-blocking sockets are not supported';
    assert.equal(
      thrownBy(() => client.sendfile(file)),
      refused,
    );
    assert.equal(
      thrownBy(() => client.sendfile(new MemoryFile(Buffer.from('x')))),
      refused,
    );
  });

  it('counts that are not positive integers', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = fileWith(context, 'x');
    const count = 'count must be a positive integer';
    const refusals: Refusals<typeof file> = [
      ['0', (f) => client.sendfile(f, 0, 0), `ValueError: ${count} (got 0)`],
      ['-1', (f) => client.sendfile(f, 0, -1), `ValueError: ${count} (got -1)`],
      ['1.5', (f) => client.sendfile(f, 0, 1.5), `TypeError: ${count} (got 1.5)`],
      ['text', (f) => loose(client).sendfile(f, 0, '1'), `TypeError: ${count} (got '1')`],
      ['a tuple', (f) => loose(client).sendfile(f, 0, [1]), `TypeError: ${count} (got (1,))`],
    ];
    assertRefusals(file, refusals);
    assert.equal(client.sendfile(file, 0, null), 1);
    assert.equal(loose(client).sendfile(file, 0, true), 1);
    assert.equal(loose(client).sendfile(file, 0, 1n), 1);
    assert.equal(accepted.recv(3, socket.MSG_WAITALL).toString(), 'xxx');
  });

  it('offsets that are no positions', (context) => {
    const { client, accepted } = tcpPair(context);
    const file = fileWith(context, DIGITS);
    const invalid = 'OSError: [Errno 22] Invalid argument';
    assertRefusals(loose(client), [
      ['negative', (s) => s.sendfile(file, -1), invalid],
      ['negative, of a mere descriptor', (s) => s.sendfile(file.descriptor, -1), invalid],
      ['a fraction', (s) => s.sendfile(file, 1.5), notInteger('float')],
      ['text', (s) => s.sendfile(file, '1'), notInteger('str')],
    ]);
    client.close();
    assert.equal(accepted.recv(99).length, 0, 'a refused call sends nothing');
  });

  it('a stream that is not connected, and a closed one', (context) => {
    const file = fileWith(context, 'x');
    const sock = new socket.socket();
    assert.equal(
      thrownBy(() => sock.sendfile(file)),
      'BrokenPipeError: [Errno 32] Broken pipe',
    );
    sock.close();
    assert.equal(
      thrownBy(() => sock.sendfile(file)),
      'ValueError: Invalid file descriptor: -1',
    );
  });
});
