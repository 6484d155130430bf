// Tells a process that hangs from one that is merely slow on a busy machine.

import { readFileSync } from 'node:fs';

/** Milliseconds without progress before anything is said of a process. */
const LONG = 20_000;
/** Seconds of the processor after which one call is endless. */
const BUSY = 10;
/** Clock ticks of /proc/PID/stat in a second, which Linux fixes at 100; proc(5). */
const TICKS = 100;
const LONGEST = 240_000;

/** Watches one process. */
export class Stillness {
  #mark = '';
  #since = performance.now();
  #used = 0;
  #asleepSince = performance.now();

  constructor(readonly pid: number) {}

  /**
   * Whether the process hangs: it sleeps for long, or works for long, at the same place.
   *
   * @param mark tells of the process's progress
   */
  isHanging(mark: string): boolean {
    const now = performance.now();
    const { state, used } = this.#read();
    if (mark !== this.#mark) {
      this.#mark = mark;
      this.#since = now;
      this.#used = used;
      this.#asleepSince = now;
      return false;
    }
    // One that waits for its turn is neither asleep nor at work.
    if (state === 'R') this.#asleepSince = now;
    if (now - this.#since > LONGEST) return true;
    return now - this.#asleepSince > LONG || used - this.#used > BUSY;
  }

  #read(): { state: string; used: number } {
    try {
      const text = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
      // The name, which is the second field, may contain anything.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      const [state = 'R', user = 0, system = 0] = [fields[0], fields[11], fields[12]];
      return { state, used: (Number(user) + Number(system)) / TICKS };
    } catch {
      return { state: 'R', used: this.#used };
    }
  }
}
