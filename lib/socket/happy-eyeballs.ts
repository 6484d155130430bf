// Connection attempts that overlap, so that an address that is dead costs little: "Happy Eyeballs"
// (RFC 8305), with the options of Python's asyncio.

/** An attempt to connect, which the signal ends. */
export type Attempt<S> = (signal: AbortSignal) => Promise<S>;

/**
 * The addresses in an order in which their families take turns (RFC 8305, section 4).
 *
 * @param candidates what a look-up gave, the family first
 * @param count how many of the first family come before the first of another one
 */
export function interleave<C extends readonly [family: number, ...rest: unknown[]]>(
  candidates: readonly C[],
  count: number,
): C[] {
  const families = new Map<number, C[]>();
  for (const candidate of candidates) {
    const known = families.get(candidate[0]);
    if (known) known.push(candidate);
    else families.set(candidate[0], [candidate]);
  }
  const lists = [...families.values()];
  const ordered = count > 1 && lists[0] ? lists[0].splice(0, count - 1) : [];
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let round = 0; round < longest; round += 1) {
    for (const list of lists) ordered.push(...list.slice(round, round + 1));
  }
  return ordered;
}

/**
 * Makes the attempts, each one a while after the one before, or as soon as one fails. The first
 * that succeeds ends the others, and whatever they had opened is closed when this settles.
 *
 * @param milliseconds how long an attempt has before the next one begins beside it
 * @param isFinal whether an error ends all the attempts
 * @returns what succeeded, or the errors in the order of the attempts
 * @throws the signal's reason; an error that is final
 */
export async function race<S extends { close(): unknown }>(
  attempts: readonly Attempt<S>[],
  milliseconds: number,
  isFinal: (error: unknown) => boolean,
  signal?: AbortSignal,
): Promise<S | unknown[]> {
  signal?.throwIfAborted();
  const ending = new AbortController();
  const end = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', end);
  const errors: unknown[] = [];
  const final: unknown[] = [];
  let winner: S | undefined;
  let goOn = (): void => {};

  const run = async (attempt: Attempt<S>, index: number): Promise<void> => {
    try {
      const sock = await attempt(ending.signal);
      if (ending.signal.aborted) sock.close();
      else winner = sock;
    } catch (error) {
      errors[index] = error;
      if (!ending.signal.aborted && isFinal(error)) final.push(error);
    }
    if (winner !== undefined || final.length > 0) ending.abort();
    goOn();
  };

  const running: Promise<void>[] = [];
  try {
    for (const [index, attempt] of attempts.entries()) {
      running.push(run(attempt, index));
      if (index < attempts.length - 1) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          goOn = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (ending.signal.aborted) break;
    }
    await Promise.all(running);
  } finally {
    signal?.removeEventListener('abort', end);
  }
  if (winner !== undefined) return winner;
  if (final.length > 0) throw final[0];
  signal?.throwIfAborted();
  return errors;
}
