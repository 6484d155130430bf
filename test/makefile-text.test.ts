// Text files of makefile(): characters, line endings, encodings and error modes.

import './support/leaks.js';
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { lookup } from '#lib/io/encodings.js';
import type { TextOptions } from '#lib/io/text.js';
import { pair } from './support/sockets.js';

/** A text file, and the socket at the other end. */
function open(context: TestContext, options: TextOptions = {}, buffering = -1) {
  const [sock, peer] = pair(context);
  const file = sock.makefile('rw', buffering, options);
  context.after(() => file.close());
  return { file, sock, peer };
}

const bytes = (text: string): Buffer => Buffer.from(text);

test('text is UTF-8 by default, with all line endings read as one', (t) => {
  const { file, peer } = open(t);
  assert.deepEqual(
    [file.encoding.toLowerCase(), file.errors, file.newlines, file.line_buffering],
    ['utf-8', 'strict', null, false],
  );
  peer.sendall(bytes('hé\r\nx\ry\nz'));
  peer.close();
  assert.deepEqual([file.readline(), file.read()], ['hé\n', 'x\ny\nz']);
  assert.deepEqual(file.newlines, ['\r', '\n', '\r\n']);
});

test('line endings split and stay as the newline argument says', (t) => {
  const sent = 'a\rb\nc\r\nd';
  const table: [string | null, string[]][] = [
    [null, ['a\n', 'b\n', 'c\n', 'd']],
    ['', ['a\r', 'b\n', 'c\r\n', 'd']],
    ['\n', ['a\rb\n', 'c\r\n', 'd']],
    ['\r', ['a\r', 'b\nc\r', '\nd']],
    ['\r\n', ['a\rb\nc\r\n', 'd']],
  ];
  for (const buffering of [1, 2, 3, 8192]) {
    for (const [newline, lines] of table) {
      const { file, peer } = open(t, { newline }, buffering);
      peer.sendall(bytes(sent));
      peer.close();
      assert.deepEqual([...file], lines, `${JSON.stringify(newline)}, ${buffering}`);
    }
  }
});

test('written line endings become what the newline argument says', (t) => {
  for (const [newline, sent] of [
    [null, 'a\nb\r\n'],
    ['', 'a\nb\r\n'],
    ['\r', 'a\rb\r\r'],
    ['\r\n', 'a\r\nb\r\r\n'],
  ] as const) {
    const { file, peer } = open(t, { newline });
    assert.equal(file.write('a\nb\r\n'), 5);
    file.flush();
    assert.deepEqual(peer.recv(20), bytes(sent));
  }
});

test('sizes and results count characters, and pairs of surrogates stay together', (t) => {
  const { file, peer } = open(t, {}, 1);
  peer.sendall(bytes('a😀😀b\nc😀d'));
  peer.close();
  assert.deepEqual([file.read(2), file.read(0), file.read(1)], ['a😀', '', '😀']);
  assert.deepEqual([file.readline(1), file.readline(), file.readline(2)], ['b', '\n', 'c😀']);
  assert.deepEqual([file.read(9), file.read(), file.readline()], ['d', '', '']);
  const writer = open(t);
  assert.equal(writer.file.write('a😀'), 2);
  writer.file.flush();
});

test('a character that is cut off where the socket would block is complete later', (t) => {
  const { file, sock, peer } = open(t);
  sock.setblocking(false);
  const snow = bytes('☃\n');
  peer.sendall(snow.subarray(0, 2));
  assert.deepEqual([file.read(1), file.readline()], ['', '']);
  assert.throws(() => file.read(), { name: 'BlockingIOError' });
  peer.sendall(snow.subarray(2));
  assert.equal(file.readline(), '☃\n');
});

test('text that was written goes out before anything is read', (t) => {
  const { file, peer } = open(t);
  peer.sendall(bytes('answer\n'));
  file.write('question\n');
  file.flush();
  assert.deepEqual([peer.recv(20), file.readline()], [bytes('question\n'), 'answer\n']);
  const big = 'x'.repeat(50_000);
  file.write(big);
  file.flush();
  let received = 0;
  while (received < big.length) received += peer.recv(1 << 16).length;
  assert.equal(received, big.length);
});

test('encodings are found by all of their names', () => {
  for (const name of ['utf8', 'UTF-8', 'U8', 'Latin 1', 'iso-8859-1', 'L1', 'us-ascii', '646']) {
    assert.doesNotThrow(() => lookup(name), name);
  }
  assert.equal(lookup('windows-1252').decoder('strict').decode(Buffer.of(0x80), true), '€');
  assert.equal(lookup('sjis').decoder('strict').decode(Buffer.of(0x82, 0xa0), true), 'あ');
  for (const name of ['nosuch', 'win1252', 'utf.8', '']) {
    assert.throws(() => lookup(name), { message: `unknown encoding: ${name}` });
  }
  const text = "'hex' is not a text encoding; use codecs.open() to handle arbitrary codecs";
  assert.throws(() => lookup('hex'), { name: 'LookupError', message: text });
});

test('every encoding decodes byte by byte what it has encoded', () => {
  const table: [string, string][] = [
    ['utf-8', 'aé☃😀'],
    ['utf-8-sig', 'aé☃😀'],
    ['utf-16', 'aé☃😀'],
    ['utf-16-le', 'aé☃😀'],
    ['utf-16-be', 'aé☃😀'],
    ['utf-32', 'aé☃😀'],
    ['utf-32-le', 'aé☃😀'],
    ['utf-32-be', 'aé☃😀'],
    ['ascii', 'abc?'],
    ['latin-1', 'aé\u0080'],
    ['cp1252', 'aé€'],
    ['koi8-r', 'aЖ'],
    ['gbk', 'a中?'],
    ['gb18030', 'a中😀'],
    ['shift_jis', 'aあｱ'],
    ['euc_jp', 'aあé'],
    ['big5', 'a中'],
    ['euc_kr', 'a한'],
  ];
  for (const [name, text] of table) {
    const encoder = lookup(name).encoder('strict');
    const encoded = Array.from(text, (character) => encoder.encode(character));
    const decoder = lookup(name).decoder('strict');
    let decoded = '';
    for (const byte of Buffer.concat(encoded)) decoded += decoder.decode(Buffer.of(byte), false);
    assert.equal(decoded + decoder.decode(Buffer.alloc(0), true), text, name);
  }
});

test('undecodable bytes become what the error mode says', () => {
  const table: [string, string, number[], string][] = [
    ['utf-8', 'replace', [0x61, 0xe0, 0x80, 0xf0, 0x9f, 0x98, 0x41], 'a��\ufffdA'],
    ['utf-8', 'ignore', [0x61, 0xff, 0x62], 'ab'],
    ['utf-8', 'surrogateescape', [0x61, 0xe2, 0x82], 'a\udce2\udc82'],
    ['utf-8', 'backslashreplace', [0xed, 0xa0, 0x80], '\\xed\\xa0\\x80'],
    ['ascii', 'surrogateescape', [0x61, 0x80], 'a\udc80'],
    ['cp1252', 'replace', [0x81], '\ufffd'],
    ['gbk', 'replace', [0x61, 0x81, 0x20], 'a\ufffd '],
    ['utf-16-le', 'replace', [0x3d, 0xd8, 0x61, 0x00, 0x62], '\ufffda\ufffd'],
  ];
  for (const [encoding, errors, input, text] of table) {
    const decoder = lookup(encoding).decoder(errors);
    assert.equal(decoder.decode(Buffer.from(input), true), text, `${encoding} ${errors}`);
  }
  const unknown = { name: 'LookupError', message: "unknown error handler name 'nosuch'" };
  assert.throws(() => lookup('ascii').decoder('nosuch').decode(Buffer.of(0xff), true), unknown);
});

test('bytes that no others could complete are refused at once', () => {
  const table: [string, number[], string][] = [
    ['euc_jp', [0xe2, 0x82], '\ufffd'],
    ['euc_jp', [0x8f, 0xab], ''],
    ['gb18030', [0xff, 0xff, 0x41], '\ufffd\ufffdA'],
    ['gb18030', [0x81, 0x30, 0x81], ''],
    ['shift_jis', [0xfd], '\ufffd'],
    ['shift_jis', [0x82], ''],
  ];
  for (const [encoding, input, text] of table) {
    const decoder = lookup(encoding).decoder('replace');
    assert.equal(decoder.decode(Buffer.from(input), false), text, `${encoding} ${input}`);
  }
});

test('text without the byte order mark that it needs is a UnicodeDecodeError', () => {
  const decode = (encoding: string, errors: string, input: string) => () =>
    lookup(encoding).decoder(errors).decode(Buffer.from(input), false);
  const refused = (message: string) => ({ name: 'UnicodeDecodeError', message });
  for (const errors of ['strict', 'replace']) {
    for (const [encoding, last] of [
      ['utf-16', 1],
      ['utf-32', 3],
    ] as const) {
      const message =
        `'${encoding}' codec can't decode bytes in position 0-${last}: ` +
        'Stream does not start with BOM';
      assert.throws(decode(encoding, errors, 'a\0\0\0b'), refused(message));
    }
  }
  const range =
    "'utf-32-le' codec can't decode bytes in position 0-3: code point not in range(0x110000)";
  assert.throws(decode('utf-32', 'strict', 'abcd'), refused(range));
});

test('unencodable characters become what the error mode says', () => {
  const table: [string, string, string, string][] = [
    ['ascii', 'replace', 'aé😀', 'a??'],
    ['ascii', 'ignore', 'aé', 'a'],
    ['ascii', 'backslashreplace', 'é€😀', '\\xe9\\u20ac\\U0001f600'],
    ['ascii', 'xmlcharrefreplace', 'aé😀', 'a&#233;&#128512;'],
    ['ascii', 'surrogateescape', 'a\udc80', 'a\x80'],
    ['utf-8', 'surrogateescape', '\udcff', '\xff'],
    ['cp1252', 'replace', '€\u1234', '\x80?'],
    ['gbk', 'xmlcharrefreplace', 'þ?', '&#254;?'],
  ];
  for (const [encoding, errors, text, expected] of table) {
    const encoded = Buffer.from(lookup(encoding).encoder(errors).encode(text));
    assert.equal(encoded.toString('latin1'), expected, `${encoding} ${errors}`);
  }
});

test('strict encoding says which characters it lacks, counting as Python does', () => {
  const encode = (encoding: string, text: string) => () =>
    lookup(encoding).encoder('strict').encode(text);
  const table: [string, string, string][] = [
    [
      'ascii',
      'aéèb',
      "'ascii' codec can't encode characters in position 1-2: ordinal not in range(128)",
    ],
    [
      'ascii',
      'a😀',
      "'ascii' codec can't encode character '\\U0001f600' in position 1: ordinal not in range(128)",
    ],
    [
      'latin-1',
      '😀€',
      "'latin-1' codec can't encode characters in position 0-1: ordinal not in range(256)",
    ],
    [
      'cp1252',
      'x\u1234',
      "'charmap' codec can't encode character '\\u1234' in position 1: character maps to <undefined>",
    ],
    [
      'gbk',
      'þÿ',
      "'gbk' codec can't encode character '\\xfe' in position 0: illegal multibyte sequence",
    ],
    [
      'utf-16',
      '\ud800',
      "'utf-16' codec can't encode character '\\ud800' in position 0: surrogates not allowed",
    ],
  ];
  for (const [encoding, text, message] of table) {
    assert.throws(encode(encoding, text), { name: 'UnicodeEncodeError', message });
  }
});
