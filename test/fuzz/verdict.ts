// Which exceptions are documented: anything else that comes out of a call is a finding.

import * as sockets from 'berkeley-sockets';
import { OwnError } from './values.js';

const KNOWN: readonly (abstract new (...given: never[]) => Error)[] = [
  sockets.OSError,
  sockets.ValueError,
  sockets.OverflowError,
  sockets.MemoryError,
  sockets.LookupError,
  sockets.RuntimeError,
  sockets.ExceptionGroup,
];

/** TypeErrors of the engine's own, that tell of our code and not of the argument. */
const ENGINE = [
  /Cannot (read|set|convert|mix|perform|destructure|assign|define|add|delete|redefine|access)/,
  /^(?!'.*' object ).* is not (a function|iterable|a constructor|extensible)/,
  /Class constructor|Reduce of empty|called on (null|undefined|incompatible)|[Rr]eceiver/,
  /detached|not a typed array|Invalid (typed )?array|circular|private/,
];

/** A class where a function is wanted: the caller's mistake, and told in the caller's words. */
export function isMistaken(text: string): boolean {
  return text.includes('Class constructor Odd');
}

/** The file whose code threw, the engine's own functions aside. */
function thrower(error: Error): string {
  const [, file = ''] = /\n\s+at .*?\(?((?:node|file):[^\s)]+)/.exec(error.stack ?? '') ?? [];
  return file;
}

/** Why an exception is none that is documented; undefined if it is. */
export function objection(
  error: unknown,
  isLenient: boolean,
  isNodes: boolean,
): string | undefined {
  if (error instanceof OwnError || error instanceof DOMException) return undefined;
  if (!(error instanceof Error)) return `no Error but ${typeof error}`;
  if (KNOWN.some((known) => error instanceof known)) return undefined;
  if (error.cause instanceof OwnError || error.name === 'AbortError') return undefined;
  const code: unknown = (error as { code?: unknown }).code;
  if (typeof code === 'string' && code.startsWith('ERR_')) {
    return isNodes || isLenient ? undefined : "an error of Node's";
  }
  // A method without its object, and the like, is refused by the engine.
  if (isLenient && (error instanceof TypeError || error instanceof RangeError)) return undefined;
  if (!(error instanceof TypeError)) return 'no documented class';
  if (isMistaken(error.message)) return undefined;
  if (isNodes && thrower(error).startsWith('node:')) return undefined;
  return ENGINE.some((text) => text.test(error.message)) ? "the engine's error" : undefined;
}
