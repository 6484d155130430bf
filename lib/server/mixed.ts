// What the mix-ins of servers take: refuses anything that is no class of servers.

import { argumentName } from '../types.js';
import { BaseServer } from './base-server.js';

/**
 * Refuses what a mix-in cannot extend, before the engine does in its own words.
 *
 * @param mixin the mix-in as the text calls it
 * @throws TypeError unless it is a class of servers
 */
export function checkBase(base: unknown, mixin: string): void {
  const isServerClass = typeof base === 'function' && base.prototype instanceof BaseServer;
  if (isServerClass) return;
  throw new TypeError(
    `${mixin}() argument 1 must be a class of servers, not ${argumentName(base)}`,
  );
}
