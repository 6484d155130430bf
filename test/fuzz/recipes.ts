// Arbitrary arguments as plain data: what a value is made of, so that it can be made again, printed,
// and made smaller.

import * as sockets from 'berkeley-sockets';
import fc from 'fast-check';

/** What a value of the caller's does when it is looked at. */
export interface Act {
  readonly does: 'nothing' | 'throw' | 'close' | 'detach' | 'resize' | 'call' | 'collect';
  /** Which of the objects, or pieces of memory, that there are. */
  readonly which: number;
}

export const BYTES_FORMS = [
  'Buffer',
  'Uint8Array',
  'DataView',
  'Float64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'shared view',
  'resizable',
  'tracking',
  'growable',
  'detached',
  'outside',
  'lying',
  'subclass',
] as const;

export const LIST_FORMS = [
  'array',
  'array',
  'array',
  'holes',
  'getter',
  'iterator',
  'generator',
  'set',
  'proxy',
  'subclass',
  'frozen',
  'array-like',
] as const;

export const OBJECT_FORMS = ['plain', 'plain', 'getters', 'proxy', 'bare', 'instance'] as const;
const CALLABLE_FORMS = ['function', 'async', 'class', 'arrow'] as const;

/** What kind of object is meant. */
export type Kind = 'socket' | 'batch' | 'file';

/** How to make a value. */
export type Recipe =
  | { readonly is: 'plain'; readonly value: unknown }
  | {
      readonly is: 'bytes';
      readonly form: (typeof BYTES_FORMS)[number];
      readonly length: number;
      readonly fill: number;
    }
  | {
      readonly is: 'list';
      readonly form: (typeof LIST_FORMS)[number];
      readonly items: readonly Recipe[];
      readonly act: Act;
    }
  | {
      readonly is: 'object';
      readonly form: (typeof OBJECT_FORMS)[number];
      readonly entries: readonly (readonly [key: string, value: Recipe])[];
      readonly act: Act;
    }
  | {
      readonly is: 'callable';
      readonly form: (typeof CALLABLE_FORMS)[number];
      readonly result: Recipe;
      readonly act: Act;
    }
  | { readonly is: 'coerced'; readonly value: Recipe; readonly act: Act }
  | { readonly is: 'signal'; readonly when: 'aborted' | 'soon' | 'never' }
  | { readonly is: 'live'; readonly which: number; readonly kind?: Kind }
  | { readonly is: 'address'; readonly which: number }
  | { readonly is: 'descriptor'; readonly which: number };

/** One call: whose, which, with what. */
export interface Step {
  readonly subject: number;
  readonly member: number;
  readonly args: readonly Recipe[];
  /** Whether some of the arguments are replaced by ones that fit the function. */
  readonly fits: boolean;
  /** What a method is called on instead of its object; usually nothing. */
  readonly self: Recipe | null;
  /** Whether a promise is waited for, for a moment, before the next call. */
  readonly waits: boolean;
}

/** A few calls on the same objects. */
export interface Script {
  readonly area: number;
  readonly steps: readonly Step[];
}

const numbers = Object.values(sockets).filter((value) => typeof value === 'number');

const TEXTS = [
  ...['', '127.0.0.1', '::1', '0.0.0.0', 'localhost', 'no.such.host', 'fe80::1%lo', '127.1', '::'],
  ...[
    'lo',
    'path',
    './a/b',
    '\0abstract',
    '\ud800',
    'a\0b',
    '\u00e9',
    'x'.repeat(300),
    '00:00:00:00:00:00',
  ],
  ...['r', 'rb', 'w', 'wb', 'rw', 'rwb', 'x', 'utf-8', 'latin-1', 'shift_jis', 'utf-16', 'ascii'],
  ...['strict', 'ignore', 'replace', 'surrogateescape', '\n', '\r\n', '\r', 'tcp', 'udp', 'http'],
  ...[
    'hash',
    'sha256',
    'skcipher',
    'cbc(aes)',
    'ethernet',
    'ip',
    '1',
    '-1',
    '65536',
    'constructor',
  ],
  ...['__proto__', 'bücher.example', 'xn--bcher-kva.example', '.'.repeat(70)],
];

const KEYS = [
  ...['timeout', 'signal', 'flags', 'family', 'type', 'proto', 'fileno', 'nbytes', 'buffer'],
  ...['address', 'backlog', 'reuse_port', 'dualstack_ipv6', 'all_errors', 'source_address', 'mode'],
  ...[
    'buffering',
    'encoding',
    'errors',
    'newline',
    'offset',
    'count',
    'op',
    'iv',
    'assoclen',
    'msg',
  ],
  ...['read', 'seek', 'write', 'close', 'host', 'port', 'memory', 'ancbufsize', 'data', 'events'],
  ...['fd', 'fileobj', 'eventmask', 'maxevents', 'sizehint', 'poll_interval', 'server_address'],
  ...['RequestHandlerClass', 'bind_and_activate', 'allowHalfOpen', 'highWaterMark', 'verify'],
  ...[
    'network',
    'source',
    'destination',
    'protocol',
    'options',
    'payload',
    'level',
    'length',
    'then',
  ],
  ...[
    'partial',
    'checksum',
    'sourcePort',
    'inheritable',
    'happy_eyeballs_delay',
    'readable',
    'closed',
  ],
  ...['recv_into', 'write_through', 'line_buffering', 'raw', 'gettimeout', 'constructor', 'size'],
];

const which = fc.nat({ max: 30 });
const act: fc.Arbitrary<Act> = fc.record({
  does: fc.constantFrom<Act['does']>(
    'nothing',
    'nothing',
    'throw',
    'close',
    'detach',
    'resize',
    'call',
    'collect',
  ),
  which,
});

const LIMITS = [
  ...[-1, 0, 1, 2, 7, 8, 63, 64, 255, 256, 1023, 1024, 4095, 4096, 4097, 32_768, 65_535, 65_536],
  ...[0.5, 1e-9, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e308],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53, 2 ** 63],
  ...[-(2 ** 63), 2 ** 64, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 4 * 1024 * 1024 + 1],
];
const BIG = [0n, 1n, -1n, 2n ** 31n, 2n ** 32n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n, -(2n ** 70n)];
const ODD = [null, undefined, true, false, Symbol('odd'), Symbol.iterator];

const plain: fc.Arbitrary<Recipe> = fc
  .oneof(
    { arbitrary: fc.constantFrom(...numbers), weight: 6 },
    { arbitrary: fc.integer({ min: -2, max: 130 }), weight: 4 },
    { arbitrary: fc.constantFrom(...LIMITS), weight: 3 },
    { arbitrary: fc.constantFrom(...TEXTS), weight: 4 },
    { arbitrary: fc.constantFrom<unknown>(...ODD), weight: 2 },
    { arbitrary: fc.constantFrom(...BIG), weight: 1 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 12 }), weight: 1 },
    {
      arbitrary: fc.anything({
        maxDepth: 1,
        maxKeys: 3,
        withBigInt: true,
        withBoxedValues: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSet: true,
        withSparseArray: true,
        withTypedArray: true,
      }),
      weight: 1,
    },
  )
  .map((value) => ({ is: 'plain', value }));

const bytes: fc.Arbitrary<Recipe> = fc.record({
  is: fc.constant('bytes' as const),
  form: fc.oneof(fc.constant('Buffer' as const), fc.constantFrom(...BYTES_FORMS)),
  length: fc.oneof(fc.nat({ max: 64 }), fc.constantFrom(0, 4, 16, 1024, 4096, 5000, 70_000)),
  fill: fc.nat({ max: 255 }),
});

const value = (item: unknown): Recipe => ({ is: 'plain', value: item });
const ADDRESSES: readonly (readonly unknown[])[] = [
  ['127.0.0.1', 0],
  ['127.0.0.1', 9],
  ['', 0],
  ['::1', 0],
  ['::1', 9, 0, 0],
  ['localhost', 80],
  [0, 0],
  ['lo', 3],
  ['lo', 2048, 0, 1],
  ['hash', 'sha256'],
  [1, 1],
];
const quiet: Act = { does: 'nothing', which: 0 };
const address: fc.Arbitrary<Recipe> = fc
  .tuple(
    fc.constantFrom(...ADDRESSES),
    fc.constantFrom<'array' | 'getter'>('array', 'array', 'getter'),
    act,
  )
  .map(([items, form, does]) => ({
    is: 'list',
    form,
    items: items.map(value),
    act: form === 'array' ? quiet : does,
  }));

const leaf = fc.oneof(
  { arbitrary: plain, weight: 10 },
  { arbitrary: bytes, weight: 5 },
  { arbitrary: address, weight: 3 },
  { arbitrary: which.map((index): Recipe => ({ is: 'live', which: index })), weight: 3 },
  { arbitrary: which.map((index): Recipe => ({ is: 'descriptor', which: index })), weight: 2 },
  {
    arbitrary: fc
      .constantFrom<'aborted' | 'soon' | 'never'>('aborted', 'soon', 'never')
      .map((when): Recipe => ({ is: 'signal', when })),
    weight: 1,
  },
);

/** Values that hold other values. */
function holding(item: fc.Arbitrary<Recipe>): fc.Arbitrary<Recipe> {
  const entries = fc.array(fc.tuple(fc.constantFrom(...KEYS), item), { maxLength: 3 });
  return fc.oneof(
    fc.record({
      is: fc.constant('list' as const),
      form: fc.constantFrom(...LIST_FORMS),
      items: fc.array(item, { maxLength: 4 }),
      act,
    }),
    fc.record({
      is: fc.constant('object' as const),
      form: fc.constantFrom(...OBJECT_FORMS),
      entries,
      act,
    }),
    fc.record({
      is: fc.constant('callable' as const),
      form: fc.constantFrom(...CALLABLE_FORMS),
      result: item,
      act,
    }),
    fc.record({ is: fc.constant('coerced' as const), value: plain, act }),
  );
}

const inner = fc.oneof({ arbitrary: leaf, weight: 3 }, { arbitrary: holding(leaf), weight: 1 });

/** An argument as programs get it wrong, and now and then right. */
export const argument: fc.Arbitrary<Recipe> = fc.oneof(
  { arbitrary: leaf, weight: 4 },
  { arbitrary: holding(inner), weight: 1 },
);

const step: fc.Arbitrary<Step> = fc.record({
  subject: fc.nat({ max: 9999 }),
  member: fc.nat({ max: 9999 }),
  args: fc.array(argument, { maxLength: 5 }),
  self: fc.option(argument, { freq: 30, nil: null }),
  fits: fc.boolean(),
  waits: fc.boolean(),
});

/** Scripts for one of that many areas. */
export function scripts(areas: number): fc.Arbitrary<Script> {
  return fc.record({
    area: fc.nat({ max: areas - 1 }),
    steps: fc.array(step, { minLength: 1, maxLength: 16, size: 'max' }),
  });
}
