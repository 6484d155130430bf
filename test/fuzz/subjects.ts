// What is fuzzed: the public modules, cut into areas that have functions, classes and objects.

import * as blocking from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as interop from 'berkeley-sockets/interop';
import * as options from 'berkeley-sockets/options';
import * as packet from 'berkeley-sockets/packet';
import * as promises from 'berkeley-sockets/promises';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import * as socketserver from 'berkeley-sockets/socketserver';
import { type Bound, boundOf } from './bounds.js';
import * as makers from './makers.js';

type Callee = (...given: unknown[]) => unknown;

/** A function, a class or a method to call. */
export interface Callable {
  readonly name: string;
  readonly call: (self: unknown, given: unknown[]) => unknown;
  /** What it waits for at most: where the number is in the arguments, and how much it may be. */
  readonly bound?: Bound | undefined;
  /** Whether it is an exception's constructor, whose arguments the engine's Error converts. */
  readonly isException: boolean;
  /** Whether it may close the descriptors whose numbers it is given, or take from them. */
  readonly takesNumbers: boolean;
}

/** A module, or a part of one. */
export interface Area {
  readonly name: string;
  /** Functions and classes. */
  readonly callables: readonly Callable[];
  readonly makers: readonly makers.Maker[];
}

const TAKERS =
  /\b(close|fromfd|dup|sendfile|new socket|new SocketType|new epoll|fromNode|set_inheritable|listen_fds)$/;

function callable(name: string, call: Callable['call'], isException = false): Callable {
  return { name, call, bound: boundOf(name), isException, takesNumbers: TAKERS.test(name) };
}

export function isClass(value: unknown): value is new (...given: unknown[]) => object {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** The functions, classes and static methods of a module, and of the namespaces in it. */
function callablesOf(prefix: string, module: object): Callable[] {
  const found: Callable[] = [];
  for (const [name, value] of Object.entries(module)) {
    const title = `${prefix}.${name}`;
    if (isClass(value)) {
      const isException = value.prototype instanceof Error;
      const construct: Callable['call'] = (_, given) => Reflect.construct(value, given);
      found.push(callable(`${prefix}.new ${name}`, construct, isException));
      for (const key of Object.getOwnPropertyNames(value)) {
        const member: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
        if (typeof member !== 'function') continue;
        found.push(
          callable(`${title}.${key}`, (self, given) => Reflect.apply(member, self ?? value, given)),
        );
      }
    } else if (typeof value === 'function') {
      found.push(callable(title, (self, given) => Reflect.apply(value as Callee, self, given)));
    } else if (/^[a-z]/.test(name) && typeof value === 'object' && value !== null) {
      found.push(...callablesOf(title, value));
    }
  }
  return found;
}

/** Of Node's own classes, what is called on streams. */
const OF_NODE: Readonly<Record<string, readonly string[]>> = {
  Duplex: ['write', 'end', 'read', 'destroy', 'pause', 'resume', 'setEncoding', 'cork', 'uncork'],
  ReadableStream: ['getReader', 'cancel', 'tee', 'values'],
  WritableStream: ['getWriter', 'abort', 'close'],
  ReadableStreamDefaultReader: ['read', 'cancel', 'releaseLock'],
  WritableStreamDefaultWriter: ['write', 'close', 'abort', 'releaseLock'],
};
const OTHERS = new Set(['Readable', 'Stream', 'EventEmitter', 'Object', 'Array', 'Function']);

/** What TypeScript lets only subclasses call. */
const PROTECTED = new Set<unknown>(['keep', 'begin', 'end', 'change', 'addReady', 'titleOf']);

/** Whether a key belongs to what the package offers; its own symbols do not. */
function isOffered(key: string | symbol): boolean {
  if (typeof key === 'symbol') return /^(Symbol|nodejs)\./.test(key.description ?? '');
  // A generator's throw() throws what it is given.
  if (key === 'constructor' || key === 'throw' || PROTECTED.has(key)) return false;
  return !key.startsWith('_') || /^_(make|replace|asdict)$/.test(key);
}

const memberCache = new WeakMap<object, readonly Callable[]>();

/** The public methods, getters and setters of an object. */
export function membersOf(subject: object): readonly Callable[] {
  const prototype: object = Object.getPrototypeOf(subject);
  const known = memberCache.get(prototype);
  if (known) return known;
  const title = prototype.constructor.name;
  const found = new Map<string, Callable>();
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at)) {
    const { name } = at.constructor;
    if (OTHERS.has(name)) break;
    for (const key of OF_NODE[name] ?? Reflect.ownKeys(at)) {
      if (!isOffered(key)) continue;
      const { value, get, set } = Object.getOwnPropertyDescriptor(at, key) ?? {};
      const text = `${title}.${String(key)}`;
      if (found.has(text)) continue;
      if (typeof value === 'function') {
        found.set(
          text,
          callable(text, (self, given) => Reflect.apply(value as Callee, self, given)),
        );
      }
      if (get)
        found.set(
          text,
          callable(text, (self) => Reflect.apply(get, self, [])),
        );
      if (set) {
        const assign: Callable['call'] = (self, given) => Reflect.apply(set, self, [given[0]]);
        found.set(`${text} =`, callable(`${text} =`, assign));
      }
    }
  }
  const members = [...found.values()];
  memberCache.set(prototype, members);
  return members;
}

export const areas: readonly Area[] = [
  {
    name: 'berkeley-sockets',
    callables: callablesOf('blocking', blocking),
    makers: makers.socketMakers(blocking),
  },
  {
    name: 'berkeley-sockets/promises',
    callables: callablesOf('promises', promises),
    makers: makers.socketMakers(promises),
  },
  {
    name: 'berkeley-sockets: files',
    callables: callablesOf('blocking', fileClasses(blocking)),
    makers: makers.fileMakers(blocking),
  },
  {
    name: 'berkeley-sockets/promises: files',
    callables: callablesOf('promises', fileClasses(promises)),
    makers: makers.fileMakers(promises),
  },
  {
    name: 'berkeley-sockets: batches',
    callables: callablesOf('blocking', { MessageBatch: blocking.MessageBatch }),
    makers: makers.batchMakers(blocking),
  },
  {
    name: 'berkeley-sockets/promises: batches',
    callables: callablesOf('promises', { MessageBatch: promises.MessageBatch }),
    makers: makers.batchMakers(promises),
  },
  {
    name: 'berkeley-sockets/interop',
    callables: callablesOf('interop', interop),
    makers: makers.streamMakers,
  },
  {
    name: 'berkeley-sockets/select',
    callables: callablesOf('select', select),
    makers: makers.selectMakers,
  },
  {
    name: 'berkeley-sockets/selectors',
    callables: callablesOf('selectors', selectors),
    makers: makers.selectorMakers,
  },
  {
    name: 'berkeley-sockets/socketserver',
    callables: callablesOf('socketserver', socketserver),
    makers: makers.serverMakers,
  },
  {
    name: 'berkeley-sockets/ancillary',
    callables: callablesOf('ancillary', ancillary),
    makers: [],
  },
  { name: 'berkeley-sockets/options', callables: callablesOf('options', options), makers: [] },
  { name: 'berkeley-sockets/packet', callables: callablesOf('packet', packet), makers: [] },
];

function fileClasses({
  SocketIO,
  BufferedReader,
  BufferedWriter,
  BufferedRWPair,
  TextIOWrapper,
}: typeof blocking | typeof promises): object {
  return { SocketIO, BufferedReader, BufferedWriter, BufferedRWPair, TextIOWrapper };
}
