// A server as it is seen from a worker: its address, options and methods, but no listening socket.

import { osError } from '../errors.js';
import { native } from '../native.js';
import { socket } from '../socket/blocking.js';
import { freshArgument } from '../socket/construct.js';
import type { AnyClass } from './location.js';
import type { Plan } from './plan.js';

/** The method by which a replica serves a request; it gives an exit code, or a promise of one. */
export const SERVE: unique symbol = Symbol('serve');

/** What a server class has on which a worker's replica can be made. */
export interface Serving {
  [SERVE](request: unknown, clientAddress: unknown): unknown;
}

/** The server's own properties with plain values: what was set on it, and fields of its class. */
export function optionsOf(server: object): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(server))) {
    const isPlain = value === null || /^(string|number|bigint|boolean)$/.test(typeof value);
    if (isPlain && name !== 'shared' && name !== 'server_address') options[name] = value;
  }
  return options;
}

/** The socket that a worker answers datagrams with: a copy, which the worker closes at its end. */
function copySocket({ fd, family, type, proto }: NonNullable<Plan['serverSocket']>): object {
  const copy = native.dup(fd);
  if (copy < 0) throw osError(copy, 'dup');
  return new socket<number>(freshArgument(copy, family, type, proto));
}

/** Cloning makes a plain `Uint8Array` of the `Buffer` that an abstract AF_UNIX address is. */
function asAddress(address: unknown): unknown {
  if (!(address instanceof Uint8Array)) return address;
  return Buffer.from(address.buffer, address.byteOffset, address.length);
}

/**
 * Makes the replica.
 *
 * @param shutdown ends the loop of the server itself
 */
export function makeReplica(
  server: AnyClass,
  handler: AnyClass | null,
  plan: Plan,
  shutdown: () => Promise<void>,
): Serving {
  const replica: Serving = Object.create(server.prototype);
  const { serverSocket } = plan;
  const values: Record<string, unknown> = {
    ...plan.options,
    server_address: asAddress(plan.address),
    RequestHandlerClass: handler,
    shared: plan.shared,
    shutdown,
  };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(replica, name, { value, writable: true, configurable: true });
  }
  const own = serverSocket ? copySocket(serverSocket) : undefined;
  Object.defineProperty(replica, 'socket', {
    get: () => own ?? refuse(plan, 'socket: it is the server that listens'),
    configurable: true,
  });
  for (const name of ['serve_forever', 'handle_request', 'server_close']) {
    const value = () => refuse(plan, `${name}(): only shutdown() reaches the server`);
    Object.defineProperty(replica, name, { value, writable: true, configurable: true });
  }
  return replica;
}

function refuse({ place }: Plan, what: string): never {
  throw new Error(`the server as a ${place} sees it has no ${what}`);
}
