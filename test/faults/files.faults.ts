// File objects of both flavours: no byte is lost or doubled, whichever system call fails.

import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { type Outcome, walksOf } from './walk.js';

/** Lines of which no two are the same. A raw file makes a system call for each byte. */
const LINES = Array.from({ length: 5 }, (_, index) => `${index}`.padStart(9, '-').concat('\n'));
const TEXT = LINES.join('');
/** Smaller than the text, so that reading and writing it takes several calls. */
const BUFFER = 17;

/** What is used of a file in either flavour, whose results are awaited. */
interface AnyFile {
  read(size?: number): unknown;
  readline(size?: number): unknown;
  readlines(hint?: number): unknown;
  readinto(buffer: Uint8Array): unknown;
  readall(): unknown;
  peek(size?: number): unknown;
  write(data: Uint8Array | string): unknown;
  writelines(lines: readonly (Uint8Array | string)[]): unknown;
  flush(): unknown;
  close(): unknown;
  detach(): unknown;
  [Symbol.iterator]?(): Iterator<Uint8Array | string>;
  [Symbol.asyncIterator]?(): AsyncIterator<Uint8Array | string>;
}

interface Sock {
  makefile(mode: string, options: object): AnyFile;
  settimeout(timeout: number | null): void;
  shutdown(how: number): void;
  fileno(): number;
  close(): void;
}

interface Flavour {
  socketpair(): unknown;
}

/** A file on one end of a pair. */
class Subject {
  readonly ends: readonly [Sock, Sock];
  readonly file: AnyFile;
  /** All that was read. */
  read = '';

  constructor(module: Flavour, timeout: number | null, mode: string, buffering: number) {
    this.ends = module.socketpair() as [Sock, Sock];
    for (const end of this.ends) end.settimeout(timeout);
    const encoding = mode.includes('b') ? {} : { encoding: 'utf-8' };
    this.file = this.ends[0].makefile(mode, { buffering, ...encoding });
    if (!mode.includes('w')) {
      fs.writeSync(this.ends[1].fileno(), TEXT);
      this.ends[1].shutdown(blocking.SHUT_WR);
    }
  }

  /** Keeps what was read; a file tells with null that there is nothing at the moment. */
  keep(data: unknown): boolean {
    if (data === null) return true;
    if (Array.isArray(data)) return data.map((each) => this.keep(each)).includes(true);
    const text = typeof data === 'string' ? data : Buffer.from(data as Uint8Array).toString();
    this.read += text;
    return text.length > 0;
  }

  /** Reads until the end, by `step`. */
  async drain(step: (file: AnyFile) => unknown): Promise<void> {
    while (this.keep(await step(this.file)));
  }

  /** What has come to the other end. */
  arrived(): string {
    const { ends } = this;
    ends[1].settimeout(0);
    const bytes = Buffer.alloc(4 * TEXT.length);
    try {
      return bytes.toString('utf8', 0, fs.readSync(ends[1].fileno(), bytes));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
      return '';
    }
  }

  async close(): Promise<void> {
    for (const end of this.ends) end.close();
    await this.file.close();
  }
}

const into = Buffer.alloc(23);
/** How a file is read to its end, by the method's name; those that give all are called once more. */
const steps: Record<string, (file: AnyFile) => unknown> = {
  read: (file) => file.read(7),
  readline: (file) => file.readline(),
  readlines: (file) => file.readlines(7),
  readinto: async (file) => into.subarray(0, ((await file.readinto(into)) as number | null) ?? 0),
};
const ITERATING = 'iterating to the end';
const wholes: Record<string, (subject: Subject) => unknown> = {
  'read to the end': async (subject) => subject.keep(await subject.file.read()),
  'readlines to the end': async (subject) => subject.keep(await subject.file.readlines()),
  [ITERATING]: async (subject) => {
    const { file } = subject;
    // Line by line: those that came before an error have been kept.
    if (file[Symbol.iterator]) for (const line of file as Iterable<string>) subject.keep(line);
    else for await (const line of file as AsyncIterable<string>) subject.keep(line);
  },
};

/** Python's file objects say in words that a raw file has no line at the moment. */
function unlessNothing(error: unknown, code: string): unknown {
  const isSo = code === 'EAGAIN' && /should have returned a bytes object/.test(String(error));
  return isSo ? undefined : error;
}

for (const [module, flavour] of [
  ['berkeley-sockets', blocking as unknown as Flavour],
  ['berkeley-sockets/promises', promises as unknown as Flavour],
] as const) {
  const { on } = walksOf(module);
  const iterator = module.endsWith('promises') ? 'Symbol.asyncIterator' : 'Symbol.iterator';
  for (const timeout of [null, 5]) {
    const how = timeout === null ? 'without a timeout' : 'with a timeout';
    const kinds = [
      ['SocketIO', 'rb', 0],
      ['BufferedReader', 'rb', BUFFER],
      ['TextIOWrapper', 'r', BUFFER],
    ] as const;
    for (const [title, mode, buffering] of kinds) {
      const make = () => new Subject(flavour, timeout, mode, buffering);
      for (const [name, step] of Object.entries(steps)) {
        if (name === 'readinto' && title === 'TextIOWrapper') continue;
        on(`${title}.${name} ${how}`, make, (subject) => subject.drain(step), {
          unwrap: unlessNothing,
          check: async (subject: Subject) => {
            await subject.drain(step);
            assert.equal(subject.read, TEXT);
          },
        });
      }
      for (const [name, whole] of Object.entries(wholes)) {
        on(
          `${title} ${name} ${how}`,
          make,
          async (subject) => {
            await whole(subject);
          },
          {
            covers: [`${title}.${name === ITERATING ? iterator : name.split(' ')[0]}`],
            isOnce: true,
            unwrap: unlessNothing,
            check: async (subject: Subject) => {
              await subject.drain((file) => file.readline());
              assert.equal(subject.read, TEXT);
            },
          },
        );
      }
    }
    on(
      `SocketIO.readall ${how}`,
      () => new Subject(flavour, timeout, 'rb', 0),
      async (subject) => {
        subject.keep(await subject.file.readall());
      },
    );
    on(
      `BufferedReader.peek ${how}`,
      () => new Subject(flavour, timeout, 'rb', BUFFER),
      async ({ file }) => ((await file.peek(1)) as Buffer).length > 0,
      {
        alsoRight: (value, code) => code === 'EAGAIN' && value === false,
        check: async (subject: Subject) => {
          await subject.drain((file) => file.read(100));
          assert.equal(subject.read, TEXT);
        },
      },
    );

    const writers = [
      ['SocketIO', 'wb', 0],
      ['BufferedWriter', 'wb', BUFFER],
      ['BufferedRWPair', 'rwb', BUFFER],
      ['TextIOWrapper', 'w', BUFFER],
    ] as const;
    for (const [title, mode, buffering] of writers) {
      const encode = (text: string) => (mode === 'w' ? text : Buffer.from(text));
      on(
        `${title}.write and flush ${how}`,
        () => new Subject(flavour, timeout, mode, buffering),
        async ({ file }) => {
          for (const line of LINES) await file.write(encode(line));
          await file.flush();
        },
        {
          covers: [`${title}.write`, `${title}.flush`],
          alsoRight: (_, code) => title === 'SocketIO' && /^(a|EAGAIN)/.test(code),
          check: (subject, outcome, code) => checkWritten(subject, outcome, code, title),
        },
      );
      on(
        `${title}.writelines ${how}`,
        () => new Subject(flavour, timeout, mode, buffering),
        async ({ file }) => {
          await file.writelines(LINES.map(encode));
          await file.flush();
        },
        { check: (subject, outcome, code) => checkWritten(subject, outcome, code, title) },
      );
      // What could not be sent is lost with the file, but nothing after it is sent.
      on(
        `${title}.close ${how}`,
        () => new Subject(flavour, timeout, mode, buffering),
        async ({ file }) => {
          await file.write(encode(LINES[0] as string));
          await file.close();
        },
        {
          isOnce: true,
          check: (subject: Subject) => assert.ok(LINES[0]?.startsWith(subject.arrived())),
        },
      );
    }
  }
}

/**
 * What was written arrives in order. An error may end it anywhere; what is written then follows
 * without a gap, except for a raw file, whose caller is told how much went.
 */
function checkWritten(subject: Subject, outcome: Outcome, code: string, title: string): void {
  const arrived = subject.arrived();
  if ('value' in outcome && !(title === 'SocketIO' && /^(a|EAGAIN)/.test(code))) {
    assert.equal(arrived, TEXT + TEXT);
    return;
  }
  assert.ok(arrived.endsWith(TEXT), `${title}, ${code}: ${arrived}`);
  if (title === 'SocketIO') return;
  assert.ok(TEXT.startsWith(arrived.slice(0, -TEXT.length)), `${title}, ${code}: ${arrived}`);
}
