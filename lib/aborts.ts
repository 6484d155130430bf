// Who is told when a signal is aborted.

// One listener for each signal, however many calls it may end: a server's signal ends all of its.
interface Listening {
  readonly aborts: Set<() => void>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/** Has the function called when the signal is aborted. */
export function listen(signal: AbortSignal, abort: () => void): void {
  let known = listening.get(signal);
  if (!known) {
    const aborts = new Set<() => void>();
    known = { aborts, listener: () => aborts.forEach((end) => void end()) };
    listening.set(signal, known);
  }
  if (known.aborts.size === 0) signal.addEventListener('abort', known.listener);
  known.aborts.add(abort);
}

/** Forgets the function. */
export function unlisten(signal: AbortSignal, abort: () => void): void {
  const known = listening.get(signal);
  if (!known?.aborts.delete(abort) || known.aborts.size > 0) return;
  signal.removeEventListener('abort', known.listener);
}
