// Look-ups of names off the loop: at once where nothing has to be asked, else on the addon's pool.

import { osError, TIMED_OUT } from './errors.js';
import { finishLookup, type Lookup } from './lookup.js';
import { constants, native } from './native.js';
import {
  type LookupAnswer,
  LookupFailure,
  LookupKind,
  type LookupRequest,
} from './native-resolver.js';
import type { WaitOptions } from './reactor.js';
import { toTimeout } from './socket/descriptor.js';
import { countArguments, isOptions, typeName } from './types.js';

/** The longest time that a timer counts; look-ups do not take weeks. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The options of a call that may wait.
 *
 * @throws TypeError, ValueError or OverflowError for what is no signal or no timeout
 */
export function checkOptions({
  signal,
  timeout,
}: {
  readonly signal?: unknown;
  readonly timeout?: unknown;
}): WaitOptions {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${typeName(signal)}`);
  }
  return { signal, timeout: timeout === undefined ? null : toTimeout(timeout) };
}

/** Takes `signal` and `timeout` out of a trailing object, whose rest are keyword arguments. */
export function takeOptions(
  given: readonly unknown[],
): [args: readonly unknown[], options: WaitOptions] {
  const last = given.at(-1);
  if (!isOptions(last)) return [given, {}];
  const { signal, timeout, ...keywords } = last as WaitOptions;
  const args = given.slice(0, -1);
  const options: WaitOptions = {};
  if (signal !== undefined) options.signal = signal;
  if (timeout !== undefined) options.timeout = timeout;
  return [Object.keys(keywords).length > 0 ? [...args, keywords] : args, options];
}

/** The same for a look-up, which has no timeout of a socket's: its options are checked. */
export function splitOptions(
  given: readonly unknown[],
): [args: readonly unknown[], options: WaitOptions] {
  const [args, options] = takeOptions(given.slice(0, countArguments(given)));
  return [args, checkOptions(options)];
}

// A flag that a system lacks is none.
const flag = (name: string): number => Number(constants[name] ?? 0);
const NO_LOOKUP = flag('AI_NUMERICHOST') | flag('AI_NUMERICSERV');
const NO_NAMES = flag('NI_NUMERICHOST') | flag('NI_NUMERICSERV');

/** The answer to a question for which neither a file is read nor a server asked, else undefined. */
function answerAtOnce(lookup: Lookup<unknown>): LookupAnswer | undefined {
  const [kind, first, second, ...numbers] = lookup.request;
  switch (kind) {
    case LookupKind.addresses: {
      const [family, type, proto, flags] = numbers;
      const answer = native.lookup(kind, first, second, family, type, proto, flags | NO_LOOKUP);
      return answer[0] === LookupFailure.none ? answer : undefined;
    }
    case LookupKind.nameOfAddress:
      return (numbers[2] & NO_NAMES) === NO_NAMES ? native.lookup(...lookup.request) : undefined;
    case LookupKind.hostByName:
      return first !== null && native.needsLookup(flag('AF_INET'), first)
        ? undefined
        : native.lookup(...lookup.request);
    default:
      return undefined;
  }
}

/** A question for the pool. */
interface Question {
  readonly name: string;
  readonly request: LookupRequest;
  resolve(answer: LookupAnswer): void;
  reject(error: unknown): void;
}

// Name servers may take many seconds, during which the pool has to read files and do much else. As
// libuv does with its own look-ups, half of its threads stay free of them.
const { UV_THREADPOOL_SIZE: poolSize = '4' } = process.env;
const MOST_RUNNING = Math.ceil(Math.min(Math.max(Number.parseInt(poolSize, 10) || 1, 1), 1024) / 2);
const queue = new Set<Question>();
let running = 0;

function askNext(): void {
  for (const question of queue) {
    if (running >= MOST_RUNNING) return;
    queue.delete(question);
    ask(question);
  }
}

function ask(question: Question): void {
  const result = native.lookupAsync(...question.request, (answer) => {
    running -= 1;
    question.resolve(answer);
    askNext();
  });
  if (result < 0) question.reject(osError(result, question.name));
  else running += 1;
}

/** The request with bytes of its own: the caller's may change while it waits for its turn. */
function settled(request: LookupRequest): LookupRequest {
  const [kind, first, second, ...numbers] = request;
  const copy = (text: string | Buffer | null) => (Buffer.isBuffer(text) ? Buffer.from(text) : text);
  return [kind, copy(first), copy(second), ...numbers];
}

function answerFromPool(
  { name, request }: Lookup<unknown>,
  { signal, timeout = null }: WaitOptions,
): Promise<LookupAnswer> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      // A question whose turn has come goes on, because getaddrinfo(3) cannot be interrupted;
      // nobody listens to its answer then.
      queue.delete(question);
    };
    const question: Question = {
      name,
      request: settled(request),
      resolve(answer) {
        end();
        resolve(answer);
      },
      reject(error) {
        end();
        reject(error);
      },
    };
    const abort = (): void => question.reject(signal?.reason);
    signal?.addEventListener('abort', abort);
    if (timeout !== null) {
      const milliseconds = Math.min(Math.ceil(timeout * 1000), LONGEST_TIMER);
      timer = setTimeout(() => question.reject(osError(TIMED_OUT, name)), milliseconds);
    }
    queue.add(question);
    askNext();
  });
}

/**
 * The answer to a question, without waiting on this thread.
 *
 * @throws whatever the signal's reason is, TimeoutError
 */
export async function answerAway(
  lookup: Lookup<unknown>,
  options: WaitOptions,
): Promise<LookupAnswer> {
  options.signal?.throwIfAborted();
  const answer = answerAtOnce(lookup);
  if (answer !== undefined) return answer;
  if (options.timeout === 0) throw osError(TIMED_OUT, lookup.name);
  return answerFromPool(lookup, options);
}

/**
 * The result of a look-up, without waiting on this thread.
 *
 * @throws as {@link answerAway}; gaierror, herror or OSError as the answer says
 */
export async function lookUpAway<T>(lookup: Lookup<T>, options: WaitOptions): Promise<T> {
  return finishLookup(lookup, await answerAway(lookup, options));
}
