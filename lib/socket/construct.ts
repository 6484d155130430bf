// Makes what a socket object is made on: opens a descriptor, or adopts one.

import { requireHere } from '../builtins.js';
import { AF_INET, SOCK_STREAM } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import { native } from '../native.js';
import { isOptions, toInt, withOptions } from '../types.js';
import { Descriptor, TYPE_FLAGS } from './descriptor.js';
import { DESCRIPTOR, type Endpoint } from './endpoint.js';

/** The keyword arguments of a socket's constructor. */
export interface SocketOptions<F extends number = number> {
  family?: F;
  type?: number;
  proto?: number;
  fileno?: number | null;
}

const SIGNATURE = {
  name: 'socket.__init__',
  names: ['family', 'type', 'proto', 'fileno'],
  method: true,
};

/** Marks the constructor call that adopts a descriptor which this library has just made. */
const FRESH: unique symbol = Symbol('fresh');

/** A fresh descriptor: close-on-exec, in blocking mode, and already owned. */
interface Fresh {
  readonly [FRESH]: Descriptor;
}

function isFresh(value: unknown): value is Fresh {
  return typeof value === 'object' && value !== null && FRESH in value;
}

function open(family: number, type: number, proto: number): Descriptor {
  const kind = family === -1 ? AF_INET : family;
  const style = type === -1 ? SOCK_STREAM : type;
  const protocol = proto === -1 ? 0 : proto;
  const fd = native.socket(kind, style, protocol);
  if (fd < 0) throw osError(fd, 'socket');
  return begin(new Descriptor(fd, kind, style & ~TYPE_FLAGS, protocol), style);
}

/** Applies the default timeout; a descriptor that refuses it is closed again. */
function begin(descriptor: Descriptor, type: number): Descriptor {
  try {
    descriptor.setFirstTimeout(type);
  } catch (error) {
    descriptor.close();
    throw error;
  }
  return descriptor;
}

/** The copy that `dup()` is about to give to the constructor of its socket's class. */
let copied: Descriptor | undefined;

function adopt(family: number, type: number, proto: number, fileno: unknown): Descriptor {
  const fd = toInt(fileno);
  if (fd < 0) throw new ValueError('negative file descriptor');
  if (copied?.fd === fd) return copied;
  const kind = native.identify(fd);
  if (typeof kind === 'number') throw osError(kind, 'getsockname');
  native.own(fd);
  const style = type === -1 ? kind[1] : type;
  const descriptor = new Descriptor(
    fd,
    family === -1 ? kind[0] : family,
    style & ~TYPE_FLAGS,
    proto === -1 ? kind[2] : proto,
  );
  try {
    descriptor.setFirstTimeout(style);
  } catch (error) {
    // The caller keeps the descriptor that could not be taken over.
    descriptor.detach();
    throw error;
  }
  return descriptor;
}

/** What a socket object is made on, from its constructor's arguments. */
export function construct(given: readonly unknown[]): Descriptor {
  const first = given[0];
  if (isFresh(first)) return first[FRESH];
  const values =
    isOptions(given.at(-1)) || given.length > 4 ? withOptions(SIGNATURE, given) : given;
  const [family = -1, type = -1, proto = -1, fileno = null] = values;
  const kind = toInt(family);
  const style = toInt(type);
  const protocol = toInt(proto);
  return fileno === null ? open(kind, style, protocol) : adopt(kind, style, protocol, fileno);
}

/** The argument with which a socket class's constructor adopts a descriptor just made. */
export function freshArgument(fd: number, family: number, type: number, proto: number): never {
  const descriptor = begin(new Descriptor(fd, family, type & ~TYPE_FLAGS, proto), type);
  const fresh: Fresh = { [FRESH]: descriptor };
  return fresh as never;
}

type Flavour = 'blocking' | 'promises';

/** How each flavour makes its view of a descriptor; the promise flavour is loaded when needed. */
const makers: Partial<Record<Flavour, (fresh: never) => object>> = {};

/** Tells how a flavour makes its view. */
export function registerFlavour(flavour: Flavour, make: (fresh: never) => object): void {
  makers[flavour] = make;
}

/** The views that were asked for: there is one of each flavour. */
const views = new WeakMap<Descriptor, Partial<Record<Flavour, object>>>();

/** The view of another flavour on the same descriptor, timeout and closing. */
export function viewOf(sock: Endpoint<number>, own: Flavour, other: Flavour): object {
  const descriptor = sock[DESCRIPTOR];
  let known = views.get(descriptor);
  if (!known) {
    known = {};
    views.set(descriptor, known);
  }
  known[own] ??= sock;
  if (!makers[other]) requireHere()('./promises.js');
  const make = makers[other] as (fresh: never) => object;
  const fresh: Fresh = { [FRESH]: descriptor };
  known[other] ??= make(fresh as never);
  return known[other];
}

/** Any class of sockets, as `dup()` calls it. */
type SocketClass<S> = new (...given: number[]) => S;

/** A socket of the same class on a copy of the descriptor, with the same timeout. */
export function duplicate<S extends Endpoint<number>>(original: S): S {
  const { fd, family, type, proto, timeout } = original[DESCRIPTOR];
  const copy = native.dup(fd);
  if (copy < 0) throw osError(copy, 'dup');
  const constructor = original.constructor as SocketClass<S>;
  const descriptor = begin(new Descriptor(copy, family, type, proto), type);
  try {
    const twin = constructTwin(constructor, descriptor);
    twin.settimeout(timeout);
    return twin;
  } catch (error) {
    // Whatever the constructor did with the copy, it is closed just once.
    descriptor.close();
    throw error;
  }
}

/** A socket of a class on a copied descriptor, made as Python makes it. */
function constructTwin<S extends Endpoint<number>>(
  constructor: SocketClass<S>,
  descriptor: Descriptor,
): S {
  const { fd, family, type, proto } = descriptor;
  copied = descriptor;
  try {
    const twin = new constructor(family, type, proto, fd);
    if (twin[DESCRIPTOR] === descriptor) return twin;
    twin.close();
  } finally {
    copied = undefined;
  }
  const { name } = constructor;
  throw new TypeError(`${name}() must take family, type, proto and fileno for dup()`);
}
