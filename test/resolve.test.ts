// Names, services and numbers: what callers see, wherever the result is the same on every host.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as constants from '#lib/constants.js';
import * as errors from '#lib/errors.js';
import { encodeHost, idnaEncode } from '#lib/idna.js';
import { native } from '#lib/native.js';
import * as resolve from '#lib/resolve.js';
import { toInt, typeName, withOptions } from '#lib/types.js';

const { AF_INET, AF_INET6, AI_NUMERICHOST, AI_PASSIVE, IPPROTO_TCP, SOCK_STREAM } = constants;

/** Calls a function with arguments its types forbid. */
function call(method: unknown, ...args: unknown[]): unknown {
  return (method as (...args: unknown[]) => unknown)(...args);
}

/** An expectation for `assert.throws`: exactly this class and this text. */
function refusal(expected: new (...args: never[]) => Error, message: string) {
  return (error: unknown): boolean => {
    assert.equal((error as Error).constructor, expected, String(error));
    assert.equal((error as Error).message, message);
    return true;
  };
}

describe('getaddrinfo', () => {
  it('gives what socket() and connect() take', () => {
    assert.deepEqual(resolve.getaddrinfo('127.0.0.1', 80, AF_INET, SOCK_STREAM), [
      [AF_INET, SOCK_STREAM, IPPROTO_TCP, '', ['127.0.0.1', 80]],
    ]);
    assert.deepEqual(resolve.getaddrinfo('::1', '80', { proto: IPPROTO_TCP }), [
      [AF_INET6, SOCK_STREAM, IPPROTO_TCP, '', ['::1', 80, 0, 0]],
    ]);
  });

  it('takes keyword arguments behind any number of positional ones', () => {
    const expected = resolve.getaddrinfo('127.0.0.1', 80, 0, SOCK_STREAM, 0, AI_NUMERICHOST);
    const host = '127.0.0.1';
    const flags = AI_NUMERICHOST;
    assert.deepEqual(resolve.getaddrinfo({ host, port: 80, type: SOCK_STREAM, flags }), expected);
    assert.deepEqual(resolve.getaddrinfo(host, 80, 0, { type: SOCK_STREAM, flags }), expected);
    assert.deepEqual(resolve.getaddrinfo(host, 80, 0, SOCK_STREAM, 0, { flags }), expected);
  });

  it('refuses keyword arguments that are unknown, doubled or missing', () => {
    const { getaddrinfo } = resolve;
    const refuses = (message: string, ...args: unknown[]) =>
      assert.throws(() => call(getaddrinfo, ...args), refusal(TypeError, message));
    refuses("getaddrinfo() got an unexpected keyword argument 'foo'", 'a', 1, { foo: 1 });
    refuses("getaddrinfo() got multiple values for argument 'port'", 'a', 1, { port: 1 });
    refuses("getaddrinfo() missing 1 required positional argument: 'port'", { host: 'a' });
  });

  it('resolves no host to the loopback address, or to the wildcard when passive', () => {
    const host = (flags: number) =>
      resolve.getaddrinfo(null, 80, AF_INET, SOCK_STREAM, 0, flags)[0]?.[4][0];
    assert.equal(host(0), '127.0.0.1');
    assert.equal(host(AI_PASSIVE), '0.0.0.0');
  });

  it('tells the EAI number, its name and the call of a failure', () => {
    assert.throws(
      () => resolve.getaddrinfo('localhost', 80, { flags: AI_NUMERICHOST }),
      (error: errors.gaierror) => {
        assert.ok(error instanceof errors.gaierror && error instanceof errors.OSError);
        assert.equal(error.errno, constants.EAI_NONAME);
        assert.equal(error.code, 'EAI_NONAME');
        assert.equal(error.syscall, 'getaddrinfo');
        assert.equal(error.message, `[Errno ${error.errno}] ${error.strerror}`);
        return true;
      },
    );
  });
});

describe('other look-ups', () => {
  it('name an address and its port', () => {
    const numeric = constants.NI_NUMERICHOST | constants.NI_NUMERICSERV;
    assert.deepEqual(resolve.getnameinfo(['::1', 80, 0, 0], numeric), ['::1', '80']);
  });

  it('find hosts, of which the wildcard and the broadcast address need no look-up', () => {
    assert.equal(resolve.gethostbyname('127.1'), '127.0.0.1');
    assert.equal(resolve.gethostbyname(''), '0.0.0.0');
    assert.equal(resolve.gethostbyname('<broadcast>'), '255.255.255.255');
    assert.deepEqual(resolve.gethostbyname_ex('127.0.0.1'), ['127.0.0.1', [], ['127.0.0.1']]);
  });

  it('find services and protocols both ways', () => {
    assert.equal(resolve.getservbyname('http', 'tcp'), 80);
    assert.equal(resolve.getservbyport(80), 'http');
    assert.equal(resolve.getprotobyname('tcp'), IPPROTO_TCP);
  });

  it('give the name itself as fully qualified name of an unknown host', () => {
    assert.equal(resolve.getfqdn('  nosuchhost.invalid '), 'nosuchhost.invalid');
    assert.equal(resolve.getfqdn(), resolve.getfqdn({ name: '0.0.0.0' }));
  });

  it('find interfaces by name and by number', () => {
    for (const [index, name] of resolve.if_nameindex()) {
      assert.equal(resolve.if_nametoindex(name), index);
      assert.equal(resolve.if_nametoindex(Buffer.from(name)), index);
      assert.equal(resolve.if_indextoname(index), name);
    }
    assert.throws(
      () => resolve.if_nametoindex('\udcff\udc80'),
      refusal(errors.OSError, 'no interface with this name'),
    );
  });
});

describe('internationalised host names', () => {
  it('are encoded by the rules of IDNA 2003', () => {
    assert.equal(idnaEncode('Bücher.example'), 'xn--bcher-kva.example');
    assert.equal(idnaEncode('straße.de.'), 'strasse.de.');
    assert.equal(idnaEncode('日本語。ＪＰ'), 'xn--wgv71a119e.jp');
    assert.equal(idnaEncode('\u0130'), 'xn--i-9bb');
    assert.equal(idnaEncode('x\u200d\u00adü'), idnaEncode('xü'));
    assert.equal(idnaEncode('😀'), 'xn--e28h');
  });

  it('tell where they cannot be encoded, and why', () => {
    const fault = (host: string) => {
      try {
        return idnaEncode(host);
      } catch (error) {
        assert.ok(error instanceof errors.UnicodeEncodeError);
        const { start, end, reason, object, encoding } = error;
        assert.deepEqual([object, encoding], [host, 'idna']);
        return [start, end, reason];
      }
    };
    assert.deepEqual(fault('a..b'), [2, 3, 'label empty']);
    assert.deepEqual(fault('é.'.padEnd(70, 'a')), [2, 70, 'label too long']);
    assert.deepEqual(fault('é'.repeat(100_000)), [0, 100_000, 'label too long']);
    assert.deepEqual(fault('xn--é'), [0, 4, 'Label starts with ACE prefix']);
    assert.deepEqual(fault('b.\u0627a'), [3, 4, 'Violation of BIDI requirement 2']);
    assert.deepEqual(fault('\u0627\u0664'), [1, 2, 'Violation of BIDI requirement 3']);
    assert.deepEqual(fault('\u0635\u{1f600}'), [1, 3, 'Violation of BIDI requirement 3']);
    assert.deepEqual(fault('\u{1f600}\u0635'), [0, 2, 'Violation of BIDI requirement 3']);
    // Signs that have a direction, and letters that have none.
    assert.deepEqual(fault('\u05d0\u0f06\u05d0'), [1, 2, 'Violation of BIDI requirement 2']);
    assert.deepEqual(fault('\u05d0\u0967\u05d0'), [1, 2, 'Violation of BIDI requirement 2']);
    assert.doesNotThrow(() => idnaEncode('\u05d0\u02c6\u05d0'));
    assert.deepEqual(fault('a\ud800'), [1, 2, "Invalid character '\\ud800'"]);
  });

  it('in addresses are encoded only when they are not ASCII', () => {
    assert.equal(encodeHost('a..b'), 'a..b');
    assert.equal(encodeHost('Bücher'), 'xn--bcher-kva');
    const host = `${'a'.repeat(64)}é`;
    assert.throws(() => encodeHost(host), refusal(TypeError, 'encoding of hostname failed'));
  });
});

describe('numbers', () => {
  it('change their byte order there and back', () => {
    for (const number of [0, 1, 0x1234, 0xffff]) {
      assert.equal(resolve.ntohs(resolve.htons(number)), number);
      assert.equal(resolve.ntohl(resolve.htonl(BigInt(number) << 16n)), number * 0x10000);
    }
  });

  it('in addresses become bytes and text again', () => {
    for (const text of ['::', 'fe80::1', '::ffff:1.2.3.4']) {
      assert.equal(resolve.inet_ntop(AF_INET6, resolve.inet_pton(AF_INET6, text)), text);
    }
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set([127, 0, 0, 1]);
    assert.equal(resolve.inet_ntoa(shared), '127.0.0.1');
    assert.equal(resolve.inet_ntop(AF_INET, shared.buffer), '127.0.0.1');
    assert.deepEqual(resolve.inet_aton('127.1'), Buffer.from([127, 0, 0, 1]));
  });

  it('that are too large for a C int are refused with either of two texts', () => {
    assert.equal(toInt(true), 1);
    assert.equal(toInt(-5n), -5);
    const { OverflowError } = errors;
    const large = refusal(OverflowError, 'Python int too large to convert to C int');
    assert.throws(() => toInt(2 ** 31), large);
    assert.throws(
      () => toInt(2 ** 31, 'signed'),
      refusal(OverflowError, 'signed integer is greater than maximum'),
    );
    assert.throws(
      () => toInt(1.5),
      refusal(TypeError, "'float' object cannot be interpreted as an integer"),
    );
  });
});

describe('arguments', () => {
  it('have the type names that Python gives them', () => {
    const names = [
      ['', 'str'],
      [1, 'int'],
      [1n, 'int'],
      [1.5, 'float'],
      [NaN, 'float'],
      [true, 'bool'],
      [null, 'NoneType'],
      [undefined, 'NoneType'],
      [Buffer.alloc(0), 'bytes'],
      [new Uint8Array(), 'bytearray'],
      [new DataView(new ArrayBuffer(1)), 'memoryview'],
      [new Int32Array(), 'array.array'],
      [new ArrayBuffer(1), 'ArrayBuffer'],
      [[], 'tuple'],
      [() => 0, 'function'],
      [Symbol(), 'symbol'],
      [new Map(), 'Map'],
      [Object.create(null), 'object'],
    ] as const;
    for (const [value, name] of names) assert.equal(typeName(value), name);
  });

  it('of methods are counted together with self', () => {
    const signature = { name: 'f', names: ['a', 'b', 'c'], required: 3 };
    assert.throws(
      () => withOptions(signature, []),
      refusal(TypeError, "f() missing 3 required positional arguments: 'a', 'b', and 'c'"),
    );
    assert.throws(
      () => withOptions({ name: 'm', names: [], method: true }, [1]),
      refusal(TypeError, 'm() takes 1 positional argument but 2 were given'),
    );
  });

  it('of the addon may be anything without a crash', () => {
    const values = [
      undefined,
      null,
      -1,
      2 ** 40,
      NaN,
      10n ** 30n,
      '\ud800',
      'a\0b',
      {},
      [],
      Buffer.alloc(3),
      new Uint8Array(new SharedArrayBuffer(2)),
      Symbol('s'),
      () => 0,
      true,
    ];
    const functions = [
      native.lookup,
      native.gaiText,
      native.hostErrorText,
      native.interfaceIndex,
      native.interfaceName,
      native.internetTextToBytes,
      native.presentationToBytes,
      native.bytesToPresentation,
    ];
    for (const method of functions) {
      call(method);
      for (const first of values) {
        call(method, first);
        for (const second of values) call(method, first, second, second, 0, 0, 0, 0);
      }
    }
  });
});
