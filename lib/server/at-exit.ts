// Tells the pools of workers that the process ends, with one listener for all of them.

/** What wants to know of the end of the process. */
export interface Listener {
  /** The process ends now. */
  processEnds(): void;
  /** The event loop has nothing more to do. */
  processIdles(): void;
}

const listeners = new Set<Listener>();

function ends(): void {
  for (const listener of listeners) listener.processEnds();
}

function idles(): void {
  for (const listener of listeners) listener.processIdles();
}

/** Tells this one from now on. */
export function enroll(listener: Listener): void {
  if (listeners.size === 0) {
    process.on('exit', ends);
    process.on('beforeExit', idles);
  }
  listeners.add(listener);
}

/** Tells it no more. */
export function dropOut(listener: Listener): void {
  listeners.delete(listener);
  if (listeners.size > 0) return;
  process.off('exit', ends);
  process.off('beforeExit', idles);
}
