// A file in which a fuzzing process says where it is, for who looks at it from outside.

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

const WIDTH = 128;

/** Where a process is: which script, and which of its calls; -1 where the script is ending. */
export interface Place {
  readonly script: number;
  readonly step: number;
  /** What is called. */
  readonly name: string;
}

/** Written by the process itself before each call: no message would leave it while it blocks. */
export class Journal {
  readonly #fd: number;
  readonly #line = Buffer.alloc(WIDTH, ' ');

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  write({ script, step, name }: Place): void {
    this.#line.fill(' ');
    this.#line.write(`${script} ${step} ${name}`);
    writeSync(this.#fd, this.#line, 0, WIDTH, 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** What was written last; undefined if nothing was. */
export function readPlace(path: string): Place | undefined {
  const [script = '', step = '', ...name] = readFileSync(path, 'latin1').trim().split(' ');
  if (script === '') return undefined;
  return { script: Number(script), step: Number(step), name: name.join(' ') };
}
