// What ThreadingMixIn and ForkingMixIn have in common: a server whose workers serve its requests.

import type { Awaitable } from './flow.js';
import type { AnyClass } from './location.js';
import type { Pool } from './pool.js';
import { checkClasses, type PooledServer, poolOf } from './pooling.js';
import type { SocketServerClass } from './types.js';

/**
 * Makes a server start its workers before it serves, and look after them while it does.
 *
 * @param begin gives the server's pool, which it starts if there is none yet
 */
export function PoolMixIn<Base extends SocketServerClass>(
  base: Base,
  begin: (server: never) => Pool,
  // biome-ignore lint/suspicious/noExplicitAny: the arguments are those of the base class
): Base & (new (...given: any[]) => { shared: unknown }) {
  class Pooled extends base implements PooledServer {
    shared: unknown;

    // biome-ignore lint/suspicious/noExplicitAny: TypeScript asks for any[] in a mix-in
    constructor(...given: any[]) {
      checkClasses(new.target as unknown as AnyClass, given);
      super(...given);
    }

    override async serve_forever(...given: unknown[]): Promise<void> {
      begin(this as never);
      await super.serve_forever(...(given as [number?]));
    }

    override async handle_request(): Promise<unknown> {
      begin(this as never).check();
      return await super.handle_request();
    }

    override service_actions(): Awaitable<void> {
      poolOf(this)?.check();
      return super.service_actions();
    }
  }
  return Pooled as never;
}
