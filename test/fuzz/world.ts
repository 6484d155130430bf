// The objects of one fuzzed script: makes them, calls them, keeps them from waiting, closes them.

import { readdirSync, readlinkSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import { BaseServer } from 'berkeley-sockets/socketserver';
import { bound } from './bounds.js';
import { fittingArguments } from './fitting.js';
import * as makers from './makers.js';
import type { Kind, Recipe, Step } from './recipes.js';
import { type Area, areas, type Callable, membersOf } from './subjects.js';
import { type Surroundings, Values } from './values.js';
import { objection } from './verdict.js';

/** Seconds that the blocking calls of an object wait. */
const PATIENCE = 0.002;
const MOST_OBJECTS = 24;
/** Milliseconds in which promises settle when their objects are closed. */
const SETTLES = 10_000;
const LINGER = 8;
const CLOSED_NUMBER = 9999;
const NOWHERE = ['127.0.0.1', 9];
const KINDS: Readonly<Record<Kind, (value: object) => boolean>> = {
  socket: isSocket,
  batch: (value) =>
    value instanceof blocking.MessageBatch || value instanceof promises.MessageBatch,
  file: (value) => 'readinto' in value || 'write' in value,
};

/** What a script did that it should not. */
export class Finding extends Error {}

/** A promise that may still be waited for. */
interface Waiting {
  readonly name: string;
  isSettled: boolean;
}

export class World implements Surroundings {
  readonly #objects: object[] = [];
  readonly #numbers = new Set<number>();
  readonly #waiting: Waiting[] = [];
  readonly #promises: Promise<unknown>[] = [];
  readonly #findings: Finding[];
  readonly #values = new Values(this);
  readonly #before = descriptors();
  readonly #log: string[] = [];
  readonly #area: Area;
  #again: (() => void) | undefined;
  /** Whether the last call threw nothing. */
  hasReturned = false;
  /** Whether a descriptor may have been closed without the knowledge of its object. */
  #isRobbed = false;

  /**
   * @param findings where others put what they found meanwhile
   */
  constructor(area: number, findings: Finding[]) {
    this.#area = areas[area] as Area;
    blocking.setdefaulttimeout(PATIENCE);
    this.#findings = findings;
  }

  live(which: number, kind?: Kind): unknown {
    if (this.#objects.length === 0) this.#makeOne(which);
    const apt = kind === undefined ? this.#objects : this.#objects.filter(KINDS[kind]);
    const list = apt.length > 0 ? apt : this.#objects;
    return list[which % list.length];
  }

  address(which: number): unknown {
    const sock = this.live(which, 'socket');
    try {
      return isSocket(sock) ? sock.getsockname() : NOWHERE;
    } catch {
      return NOWHERE;
    }
  }

  descriptor(which: number): number {
    this.#isRobbed ||= this.#values.isGuarded;
    for (let index = 0; index < this.#objects.length; index += 1) {
      const object = this.#objects[(which + index) % this.#objects.length];
      if (!isSocket(object)) continue;
      const fd = object.fileno();
      if (fd >= 0) return fd;
    }
    return CLOSED_NUMBER;
  }

  close(which: number): void {
    const object = this.#objects[which % Math.max(1, this.#objects.length)];
    if (object !== undefined) dispose(object);
  }

  again(): void {
    const call = this.#again;
    this.#again = undefined;
    try {
      call?.();
    } catch {
      // What a call in the middle of another one throws is its own affair.
    }
  }

  /**
   * Makes a call; a promise is not waited for, or only for a moment.
   *
   * @param note is told what is about to be called
   */
  async perform(step: Step, note: (name: string) => void): Promise<Callable | undefined> {
    const [callable, self] = this.#choose(step);
    if (callable === undefined) return undefined;
    if (this.#isRobbed && callable.name.endsWith('toNetSocket')) return undefined;
    this.#values.isGuarded = callable.takesNumbers;
    const recipes = bound(callable.bound, argumentsOf(callable, step));
    const given = recipes.map((recipe) => this.#values.make(recipe));
    // Disposing of an object that is none drops the promise that its close() may give.
    if (step.self !== null && /ispose\)?$/.test(callable.name)) return undefined;
    // A server that is its own socket asks itself for ever.
    if (callable.name.endsWith('.socket =') && given[0] instanceof BaseServer) return undefined;
    const target = step.self === null ? self : this.#values.make(step.self);
    this.#values.isGuarded = false;
    // A method of the blocking flavour works on any socket, and waits as long as that.
    if (step.self !== null && isSocket(target)) attempt(() => target.settimeout(PATIENCE));
    note(callable.name);
    this.#log.push(callable.name);
    const again = () => this.#receive(callable, false, this.#follow(callable, target, []));
    this.#again = callable.bound ? undefined : again;
    const isForeign = step.self !== null;
    // What its class lies about need not be found out.
    const isLenient = isForeign || callable.isException || recipes.some(isLiar);
    let result: unknown;
    try {
      this.hasReturned = false;
      result = this.#follow(callable, target, given);
      this.hasReturned = true;
    } catch (error) {
      this.#judge(callable, isLenient, error);
    } finally {
      this.#again = undefined;
      this.#tame(callable, target);
    }
    // What is made without its object cannot be expected to work.
    // It may be the caller's own list, which acts when it is looked at.
    attempt(() => this.#receive(callable, isForeign, result));
    if (isPromise(result)) {
      this.#watch(callable, isLenient, isForeign, result);
      if (step.waits) await Promise.race([result.then(noop, noop), turn()]);
      this.#tame(callable, target);
    }
    this.#raise();
    return callable;
  }

  #follow(callable: Callable, self: unknown, given: unknown[]): unknown {
    const result = callable.call(self, given);
    if (isPromise(result)) result.then(noop, noop);
    else if (typeof result === 'number' && /\b(detach|dup)$/.test(callable.name)) {
      this.#numbers.add(result);
    }
    return result;
  }

  /** Closes everything, and looks at what is left. */
  async end(): Promise<void> {
    for (const object of this.#objects.splice(0).reverse()) dispose(object);
    for (const fd of this.#numbers) {
      // Bytes that merely look like received descriptors may name the runtime's own.
      if (!this.#before.has(fd)) attempt(() => blocking.close(fd));
    }
    const settled = Promise.allSettled(this.#promises);
    await Promise.race([settled, turn()]);
    if (this.#waiting.some(({ isSettled }) => !isSettled)) {
      const controller = new AbortController();
      const { signal } = controller;
      await Promise.race([settled, delay(SETTLES, undefined, { signal }).catch(noop)]);
      controller.abort();
    }
    // What promises have brought meanwhile.
    for (const object of this.#objects.splice(0)) dispose(object);
    const late = this.#waiting.find(({ isSettled }) => !isSettled);
    if (late) {
      const calls = this.#log.join(', ');
      throw new Finding(`the promise of ${late.name} never settles after ${calls}`);
    }
    this.#raise();
    await this.#checkDescriptors();
    this.#raise();
  }

  #raise(): void {
    const finding = this.#findings.shift();
    if (finding) throw finding;
  }

  #makeOne(which: number): void {
    const { makers: own } = this.#area;
    const list = own.length > 0 ? own : makers.socketMakers(blocking);
    const make = list[which % list.length];
    try {
      if (make) this.#objects.push(...make());
    } catch (error) {
      // Its name may be taken by an earlier one.
      if (!(error instanceof blocking.OSError)) throw error;
      this.#objects.push(new blocking.socket());
    }
  }

  #choose({ subject, member }: Step): [Callable | undefined, unknown] {
    const { callables, makers: own } = this.#area;
    const isFunction = own.length === 0 || subject % 4 === 0;
    if (isFunction) return [callables[member % Math.max(1, callables.length)], undefined];
    const isNew = this.#objects.length === 0 || (subject % 4 === 1 && this.#objects.length < 6);
    if (isNew) this.#makeOne(subject >> 2);
    const object = this.#objects[(subject >> 2) % this.#objects.length] as object;
    const members = membersOf(object);
    return [members[member % Math.max(1, members.length)], object];
  }

  #judge(callable: Callable, isLenient: boolean, error: unknown): void {
    const isNodes = this.#area.name.endsWith('interop');
    const reason = objection(error, isLenient, isNodes);
    if (reason === undefined) return;
    const text = error instanceof Error ? (error.stack ?? String(error)) : String(error);
    throw new Finding(`${callable.name} threw ${text} (${reason})`);
  }

  #watch(
    callable: Callable,
    isLenient: boolean,
    isForeign: boolean,
    promise: Promise<unknown>,
  ): void {
    const waiting: Waiting = { name: callable.name, isSettled: mayStay(callable.name) };
    const done = promise
      .then(
        (value) => attempt(() => this.#receive(callable, isForeign, value)),
        (error) => this.#judge(callable, isLenient, error),
      )
      .catch((finding) => this.#findings.push(finding))
      .finally(() => {
        waiting.isSettled = true;
      });
    this.#waiting.push(waiting);
    if (!waiting.isSettled) this.#promises.push(done);
  }

  /** Takes what a call has given; what was made on a foreign object is not used any further. */
  #receive({ name }: Callable, isForeign: boolean, result: unknown): void {
    if (/recv_fds$/.test(name) && Array.isArray(result)) {
      for (const fd of result[1]) this.#numbers.add(fd);
    }
    this.#collect(result, 0, isForeign ? dispose : (object) => this.#keep(object));
  }

  #collect(value: unknown, depth: number, use: (object: object) => void): void {
    if (typeof value !== 'object' || value === null || depth > 3) return;
    if (isPromise(value) || ArrayBuffer.isView(value) || value instanceof Error) return;
    if (Array.isArray(value)) {
      const [level, type, data] = value;
      const isRights = level === blocking.SOL_SOCKET && type === blocking.SCM_RIGHTS;
      if (isRights && Buffer.isBuffer(data)) {
        for (let at = 0; at + 4 <= data.length; at += 4) this.#numbers.add(data.readInt32LE(at));
      }
      for (const item of value) this.#collect(item, depth + 1, use);
      return;
    }
    if (!isPlain(value)) use(value);
  }

  /** Keeps an object, to be called and closed. */
  #keep(object: object): void {
    if (this.#objects.includes(object)) return;
    if (this.#objects.length < MOST_OBJECTS || canClose(object)) this.#objects.push(object);
  }

  /** Takes back what would make a call wait for ever. */
  #tame({ name }: Callable, target: unknown): void {
    blocking.setdefaulttimeout(PATIENCE);
    if (/setsockopt$/.test(name) && isSocket(target)) {
      attempt(() => {
        const value = target.getsockopt(blocking.SOL_SOCKET, blocking.SO_LINGER, LINGER);
        if (value.readInt32LE() === 0) return;
        target.setsockopt(blocking.SOL_SOCKET, blocking.SO_LINGER, Buffer.alloc(LINGER));
      });
    }
    for (const object of this.#objects) {
      if (!(object instanceof blocking.SocketType)) continue;
      // An attribute of a server, set on a socket, hides the socket's own.
      const timeout: unknown = object.timeout;
      if (typeof timeout !== 'number' || timeout > PATIENCE)
        attempt(() => object.settimeout(PATIENCE));
    }
  }

  async #checkDescriptors(): Promise<void> {
    let left: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      left = [...descriptors()].filter((fd) => !this.#before.has(fd));
      if (left.length === 0) return;
      if (round === 5) globalThis.gc?.();
      await (round < 3 ? turn() : delay(5));
    }
    const what = left.map(describe);
    for (const fd of left) attempt(() => blocking.close(fd));
    throw new Finding(
      `descriptors are left open: ${what.join(', ')} after ${this.#log.join(', ')}`,
    );
  }
}

/** The arguments of a call: any, those that fit, or all but one of these. */
function argumentsOf({ name }: Callable, { args, fits, subject, member }: Step): readonly Recipe[] {
  const fitting = fits ? fittingArguments(name, subject * 31 + member) : undefined;
  if (!fitting) return args;
  const [odd] = args;
  const at = member % (2 * fitting.length);
  if (odd && at < fitting.length) fitting[at] = odd;
  return fitting;
}

/** Whether there is memory in it whose class tells another length than it has. */
function isLiar(recipe: Recipe): boolean {
  switch (recipe.is) {
    case 'bytes':
      return recipe.form === 'lying' || recipe.form === 'subclass';
    case 'list':
      return recipe.items.some(isLiar);
    case 'object':
      return recipe.entries.some(([, value]) => isLiar(value));
    case 'callable':
      return isLiar(recipe.result);
    default:
      return false;
  }
}

function noop(): void {}

function attempt(action: () => void): void {
  try {
    action();
  } catch {
    // It is closed already, or cannot be.
  }
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}

function isSocket(value: unknown): value is blocking.socket<number> | promises.socket<number> {
  return value instanceof blocking.SocketType || value instanceof promises.SocketType;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || prototype === Array.prototype;
}

function canClose(value: object): boolean {
  return typeof (value as { close?: unknown }).close === 'function' || value instanceof Duplex;
}

/** Promises that need not settle: the end of a loop that nobody began. */
function mayStay(name: string): boolean {
  return /Server\.shutdown$/.test(name);
}

function dispose(object: object): void {
  attempt(() => {
    if (object instanceof Duplex) {
      object.on('error', noop);
      object.destroy();
    } else if (object instanceof BaseServer) {
      void Promise.resolve(object.shutdown()).catch(noop);
      void Promise.resolve(object.server_close()).catch(noop);
    } else if (object instanceof ReadableStream) {
      object.cancel().catch(noop);
    } else if (object instanceof WritableStream) {
      object.abort().catch(noop);
    } else {
      const { close } = object as { close?: () => unknown };
      const result = typeof close === 'function' ? close.call(object) : undefined;
      if (isPromise(result)) result.catch(noop);
    }
  });
}

/** The open descriptors of this process. */
export function descriptors(): Set<number> {
  const found = new Set(readdirSync('/proc/self/fd').map(Number));
  // The one that lists them is closed by now, and no other has its number.
  for (const fd of found) if (targetOf(fd) === '') found.delete(fd);
  return found;
}

/** What a descriptor is. */
function describe(fd: number): string {
  try {
    return String(blocking.fromfd(fd, -1, -1));
  } catch {
    return `${fd} ${targetOf(fd)}`;
  }
}

function targetOf(fd: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
