// Every public call is walked through, or here is why not.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { listOnly } from './walk.js';

const MODULES = [
  'berkeley-sockets',
  'berkeley-sockets/promises',
  'berkeley-sockets/ancillary',
  'berkeley-sockets/interop',
  'berkeley-sockets/options',
  'berkeley-sockets/packet',
  'berkeley-sockets/select',
  'berkeley-sockets/selectors',
  'berkeley-sockets/socketserver',
];

const METHODS = (...names: string[]): RegExp => new RegExp(`\\.(${names.join('|')})$`);
const NAMES = (...names: string[]): RegExp => new RegExp(` (${names.join('|')})$`);

/** Calls that are not walked through: their name in any module or class, and why. */
const REASONS: readonly [names: RegExp, why: string][] = [
  [METHODS('toString', 'nodejs.util.inspect.custom'), 'texts'],
  [METHODS('nodejs.dispose', 'nodejs.asyncDispose'), 'close(), which is walked through'],
  [METHODS('family', 'type', 'proto', 'timeout', '_closed', '_io_refs', 'closed'), 'fields'],
  [METHODS('fileno', 'gettimeout', 'getblocking', 'promises', 'blocking'), 'fields'],
  [METHODS('_decref_socketios', 'makefile'), 'counts files; the files are walked through'],
  [METHODS('name', 'mode', 'raw', 'buffer', 'encoding', 'errors', 'newlines'), 'fields'],
  [METHODS('line_buffering', 'write_through', 'length'), 'fields'],
  [METHODS('readable', 'writable', 'seekable', 'isatty'), 'fields of a file'],
  [METHODS('seek', 'tell', 'truncate', 'detach'), 'refused, or a flush() and no more'],
  [/ (SocketIO|Buffered\w+|TextIOWrapper)$/, 'made by makefile()'],
  [METHODS('read1', 'readinto1'), 'one read of the raw file, as in read(), walked through'],
  [/\.Symbol\.(async)?iterator$/i, 'readline(), which is walked through, or no system call'],
  [/ (BufferedReader|SocketIO)\.(write|writelines|flush|close)$/, 'refused, or of the other file'],
  [/ BufferedWriter\.(read\w*|peek|writelines)$/, 'refused: it only writes'],
  [/ BufferedRWPair\.(read\w*|peek)$/, 'those of BufferedReader, which it consists of'],
  [/ (\w+Error|\w+Group|error|timeout|gaierror|herror|UnsupportedOperation)$/, 'exceptions'],
  [/ (SocketType|socket)\.sendmsg_afalg$/, 'sendmsg(), for a family that few kernels have'],
  [NAMES('SocketType', 'constantName', 'MessageBatch', 'isMainProgram'), 'no system call'],
  [NAMES('if_nametoindex'), 'answers "none" whatever happened, as in Python'],
  [NAMES('getprotobyname', 'getservbyname', 'getservbyport'), 'files, which libc reads'],
  [/ SelectorKey/, 'no system call'],
  [
    /Selector\.(titleOf|begin|end|change|addReady|keep)$/,
    'parts of the calls that are walked through',
  ],
  [/ BaseSelector/, 'what its subclasses have, which are walked through'],
  [/ BorrowedSocket/, 'the calls of any socket, walked through there'],
  [/ SocketStream(\.(connecting|pending|readyState|setTimeout|ref|unref))?$/, 'no system call'],
  [/ BytesIO/, 'memory'],
  [
    / (Base|Async|)(Stream|Datagram)?RequestHandler/,
    'run by the servers, which are walked through',
  ],
  [/ (Async|Threading|Forking)MixIn$/, 'the servers made of it are walked through'],
  [/ BaseServer/, 'what its subclasses have, which are walked through'],
  [/Server\.(look|check|drop|open|connection|serve|reply socket)$/, 'parts of serving'],
  [/Server\.(handle_timeout|_threads)$/, 'no system call'],
  [
    /Server\.(socket|address_family|socket_type|\w+_size|allow_\w+|block_on_close|daemon_threads)$/,
    'attributes',
  ],
  [/Server\.(max_\w+|spare_\w+|idle_timeout)$/, 'attributes'],
  [NAMES('listen_fds'), 'descriptors of a supervisor: tested in a process of its own'],
];

/** Where the methods of a class end that are this package's. */
const FOREIGN: readonly unknown[] = [
  Object.prototype,
  Error.prototype,
  (await import('node:stream')).Duplex.prototype,
];

type Call = (...given: unknown[]) => unknown;

/** The methods and accessors of a class by name, inherited ones included. */
function* membersOf(prototype: object): Generator<[name: string, call: Call]> {
  const seen = new Set<string>();
  for (let each = prototype; !FOREIGN.includes(each); each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) {
      const name = typeof key === 'symbol' ? `${key.description}` : key;
      const { value, get } = Object.getOwnPropertyDescriptor(each, key) as PropertyDescriptor;
      const call: unknown = value ?? get;
      if (typeof call !== 'function' || name === 'constructor' || seen.has(name)) continue;
      seen.add(name);
      yield [name, call as Call];
    }
  }
}

/** Whether something is a class, or has been one before it was compiled. */
function isClass(call: Call): boolean {
  return /^class\b/.test(Function.prototype.toString.call(call));
}

/** All calls of a module, by the names that walks give them. */
async function callsOf(module: string): Promise<Map<string, Call>> {
  const calls = new Map<string, Call>();
  for (const [name, value] of Object.entries(await import(module))) {
    if (typeof value !== 'function') continue;
    calls.set(name, value as Call);
    const { prototype } = value as { prototype?: object };
    const isError = prototype instanceof Error;
    if (!isClass(value as Call) || prototype === undefined || isError) continue;
    for (const [method, call] of membersOf(prototype)) calls.set(`${name}.${method}`, call);
    for (const key of Object.getOwnPropertyNames(value)) {
      const call: unknown = Reflect.get(value, key);
      const isMethod = typeof call === 'function' && !isClass(call as Call);
      if (isMethod && key !== 'prototype') calls.set(`${name}.${key}`, call as Call);
    }
  }
  if (module.endsWith('/select')) {
    // Only the function that makes one is public.
    const made = Object.getPrototypeOf((await import('berkeley-sockets/select')).poll());
    for (const [method, call] of membersOf(made)) calls.set(`poll.${method}`, call);
  }
  return calls;
}

test('every public call is walked through, or there is a reason why not', async () => {
  const listed = listOnly();
  const here = new URL('.', import.meta.url);
  for (const file of readdirSync(here)) {
    if (file.endsWith('.faults.js') && !import.meta.url.endsWith(file)) {
      await import(new URL(file, here).href);
    }
  }
  const calls = new Map<string, Map<string, Call>>();
  for (const module of MODULES) calls.set(module, await callsOf(module));

  const walked = new Set<Call>();
  const unknown: string[] = [];
  for (const { module, names, walk } of listed) {
    const known = calls.get(module);
    for (const name of names) {
      const call = known?.get(name) ?? known?.get(`socket.${name}`);
      if (call) walked.add(call);
      else unknown.push(`${module} ${name} (${walk})`);
    }
  }
  assert.deepEqual(unknown, [], 'walks are about no public call');

  const missing: string[] = [];
  const used = new Set<RegExp>();
  for (const [module, known] of calls) {
    for (const [name, call] of known) {
      if (walked.has(call)) continue;
      const reason = REASONS.find(([names]) => names.test(`${module} ${name}`));
      if (reason) used.add(reason[0]);
      else missing.push(`${module} ${name}`);
    }
  }
  assert.deepEqual(missing, [], 'calls are not walked through');
  const idle = REASONS.filter(([names]) => !used.has(names)).map(([names]) => String(names));
  assert.deepEqual(idle, [], 'reasons are about no call');
});
