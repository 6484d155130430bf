// Calls every function and method of the socket modules with arbitrary values: only exceptions that
// are documented may come out. A program of its own, run by `npm run fuzz`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import fc from 'fast-check';

/** What is not called: it changes the machine, ends others' descriptors, or asks name servers. */
const SPARED = new Set([
  'sethostname',
  'close',
  'gethostbyname',
  'gethostbyname_ex',
  'gethostbyaddr',
  'getaddrinfo',
  'getfqdn',
  'create_connection',
  'wait_readable',
  'wait_writable',
]);
/** Milliseconds after which a promise counts as waiting, and is ended with its socket. */
const PATIENCE = 20;

/** Exceptions of the engine out of our own code. */
const CRASH =
  /Cannot (read|set) prop|^(?!'.*' object ).* is not (a function|iterable)|Maximum call stack/;

const known: readonly (new (...given: never[]) => Error)[] = [
  blocking.OSError,
  blocking.ValueError,
  blocking.OverflowError,
  blocking.MemoryError,
  blocking.LookupError,
  blocking.AttributeError,
  TypeError,
];

const names = Object.values(blocking).filter((value) => typeof value === 'number');

/** Arguments as programs get them wrong, and now and then right. */
const argument = fc.oneof(
  fc.constantFrom(...names.slice(0, 400)),
  fc.integer({ min: -5, max: 70_000 }),
  fc.constantFrom(-(2 ** 31), 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, -1, 0, 1, 0.5, Number.NaN),
  fc.bigInt(),
  fc.constantFrom(null, undefined, true, '', '127.0.0.1', '::1', 'lo', '\0abstract', '\ud800'),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom<unknown[]>(['127.0.0.1', 0], ['127.0.0.1', 9], ['::1', 9, 0, 0], [], [[]]),
  fc.constantFrom<object>({ flags: 1 }, { timeout: 0 }, { timeout: -1 }, { signal: 5 }, {}),
  fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 3 }),
  fc.anything({ maxDepth: 2, withBigInt: true, withDate: true, withTypedArray: true }),
);

type Method = (...given: unknown[]) => unknown;

/** What a class has, with what it inherits. */
function methodsOf(start: object): string[] {
  const found = new Set<string>();
  for (
    let at: object | null = start;
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const { value } = Object.getOwnPropertyDescriptor(at, key) ?? {};
      if (typeof value === 'function' && key !== 'constructor') found.add(key);
    }
  }
  return [...found].filter((name) => !SPARED.has(name) || name === 'close');
}

function functionsOf(module: object): string[] {
  return Object.entries(module)
    .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)))
    .map(([name]) => name)
    .filter((name) => !SPARED.has(name));
}

function judge(what: string, given: readonly unknown[], error: unknown): void {
  const isKnown = known.some((constructor) => error instanceof constructor);
  const isCrash = error instanceof TypeError && CRASH.test(error.message);
  if (isKnown && !isCrash) return;
  throw new Error(`${what}(${fc.stringify(given)}) threw ${String(error)}`, { cause: error });
}

let calls = 0;

/** Makes one call; a promise that waits is not waited for. */
async function tryOne(what: string, call: () => unknown, given: readonly unknown[]): Promise<void> {
  calls += 1;
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    judge(what, given, error);
    return;
  }
  if (!(result instanceof Promise)) {
    release(result);
    return;
  }
  const outcome = result.then(release, (error) => judge(what, given, error));
  await Promise.race([outcome, new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())]);
}

/** Closes what a call has made. */
function release(value: unknown): void {
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item instanceof blocking.socket || item instanceof promises.socket) item.close();
  }
}

const kinds: readonly [number, number][] = [
  [blocking.AF_INET, blocking.SOCK_STREAM],
  [blocking.AF_INET, blocking.SOCK_DGRAM],
  [blocking.AF_INET6, blocking.SOCK_DGRAM],
  [blocking.AF_UNIX, blocking.SOCK_STREAM],
  [blocking.AF_UNIX, blocking.SOCK_DGRAM],
  [blocking.AF_NETLINK, blocking.SOCK_RAW],
];

/** A socket that never blocks the thread. */
function make(module: typeof blocking | typeof promises, kind: number) {
  const [family, type] = kinds[kind % kinds.length] as [number, number];
  const sock = new (module as typeof blocking).socket(family, type);
  sock.setblocking(false);
  return sock;
}

/** Methods that would undo that. */
const KEEPS = new Set(['settimeout', 'setblocking', 'detach']);

// AF_UNIX sockets are bound to arbitrary paths.
const directory = mkdtempSync(join(tmpdir(), 'berkeley-fuzz-'));
process.chdir(directory);
process.on('exit', () => rmSync(directory, { recursive: true }));

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const end = performance.now() + Number(values.seconds) * 1000;

for (const [flavour, module] of Object.entries({ blocking, promises })) {
  const functions = functionsOf(module);
  const methods = methodsOf(module.socket.prototype).filter((name) => !KEEPS.has(name));
  const half = flavour === 'blocking' ? (end + performance.now()) / 2 : end;
  while (performance.now() < half) {
    const property = fc.asyncProperty(
      fc.nat(),
      fc.nat(),
      fc.array(argument, { maxLength: 5 }),
      async (which, kind, given) => {
        if (which % 4 === 0) {
          const name = functions[which % functions.length] as string;
          const call = (module as unknown as Record<string, Method>)[name] as Method;
          await tryOne(`${flavour}.${name}`, () => call(...given), given);
          return;
        }
        const sock = make(module, kind);
        const name = methods[which % methods.length] as string;
        const method = (sock as unknown as Record<string, Method>)[name] as Method;
        try {
          await tryOne(`${flavour} socket.${name}`, () => method.apply(sock, given), given);
        } finally {
          sock.close();
        }
      },
    );
    await fc.assert(property, {
      numRuns: 2000,
      interruptAfterTimeLimit: half - performance.now() + 1,
    });
  }
}
console.log(`${calls} calls`);
process.exit(0);
