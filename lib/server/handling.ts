// Runs a request's handler: constructs it, then `setup`, `handle` and, however that ends, `finish`.

import { typeName } from '../types.js';
import { type Awaitable, type Flow, run } from './flow.js';
import type { AnyServer } from './types.js';

/** Releases what a handler's failed `setup` has opened. @internal */
export const ABANDON: unique symbol = Symbol('abandon');

/** What is run once it is constructed. */
interface Handler {
  setup?(): unknown;
  handle(): unknown;
  finish?(): unknown;
  [ABANDON]?(): unknown;
}

function isHandler(value: unknown): value is Handler {
  return typeof (value as Partial<Handler> | null | undefined)?.handle === 'function';
}

/**
 * Serves a request with the server's handler class. An object with `handle()` is run; for any other
 * class to be constructed, and for a function to be called, is all there is to do.
 */
export function runHandler(
  server: AnyServer,
  request: unknown,
  client_address: unknown,
): Awaitable<void> {
  const handler: unknown = server.RequestHandlerClass;
  if (typeof handler !== 'function') {
    throw new TypeError(`'${typeName(handler)}' object is not callable`);
  }
  // Arrow functions, methods and async functions have no prototype and cannot be constructed.
  if (!isConstructible(handler)) return handler(request, client_address, server);
  const made = new handler(request, client_address, server);
  return isHandler(made) ? run(lifeOf(made)) : undefined;
}

type Construct = new (...given: unknown[]) => unknown;

function isConstructible(handler: unknown): handler is Construct {
  const { prototype } = handler as { prototype?: { constructor?: unknown } };
  return prototype?.constructor !== undefined;
}

function* lifeOf(handler: Handler): Flow<void> {
  try {
    yield handler.setup?.();
  } catch (error) {
    yield handler[ABANDON]?.();
    throw error;
  }
  try {
    yield handler.handle();
  } finally {
    yield handler.finish?.();
  }
}
