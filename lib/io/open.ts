// Makes the file object of `socket.makefile()`: reads its arguments and stacks the layers.

import { ValueError } from '../errors.js';
import { pythonRepr } from '../repr.js';
import { integerOf, typeName } from '../types.js';
import { toIndex, toIterable } from './arguments.js';
import type { blockingFiles } from './blocking.js';
import { DEFAULT_BUFFER_SIZE } from './core.js';
import type { promiseFiles } from './promises.js';
import type { RawMode } from './raw.js';
import type { TextOptions } from './text.js';

/** The modes of `makefile()`, in any order of their letters; reading text is the default. */
export type FileMode = '' | 'r' | 'w' | 'b' | 'rw' | 'wr' | BinaryMode;
type BinaryReadMode = 'b' | 'rb' | 'br';
type BinaryWriteMode = 'wb' | 'bw';
type BinaryMode = BinaryReadMode | BinaryWriteMode | 'rwb' | 'rbw' | 'wrb' | 'wbr' | 'brw' | 'bwr';

/** The file object that `makefile(mode, buffering)` gives. */
export type FileOf<Mode, Buffering> = FileFrom<typeof blockingFiles, Mode, Buffering>;

/** The file object that `makefile(mode, buffering)` of the promise flavour gives. */
export type AsyncFileOf<Mode, Buffering> = FileFrom<typeof promiseFiles, Mode, Buffering>;

type Constructors = Record<keyof typeof blockingFiles, new (...given: never[]) => object>;

type FileFrom<Classes extends Constructors, Mode, Buffering> = string extends Mode
  ? InstanceType<Classes[keyof Constructors]>
  : Mode extends BinaryMode
    ? BinaryFileFrom<Classes, Mode, Buffering>
    : InstanceType<Classes['TextIOWrapper']>;

type BinaryFileFrom<Classes extends Constructors, Mode, Buffering> =
  | (0 extends Buffering ? InstanceType<Classes['SocketIO']> : never)
  | (Buffering extends 0 ? never : InstanceType<Classes[BufferedName<Mode>]>);

type BufferedName<Mode> = Mode extends BinaryReadMode
  ? 'BufferedReader'
  : Mode extends BinaryWriteMode
    ? 'BufferedWriter'
    : 'BufferedRWPair';

/** The classes of a flavour's file objects. */
export interface FileClasses<Sock, Raw, Buffered, Text> {
  SocketIO: new (sock: Sock, mode: RawMode) => Raw;
  BufferedReader: new (raw: Raw, buffer_size: number) => Buffered;
  BufferedWriter: new (raw: Raw, buffer_size: number) => Buffered;
  BufferedRWPair: new (reader: Raw, writer: Raw, buffer_size: number) => Buffered;
  TextIOWrapper: new (
    buffer: Buffered,
    encoding?: string | null,
    errors?: string | null,
    newline?: string | null,
  ) => Text;
}

/** What `makefile()` was asked for. */
interface Plan {
  readonly mode: string;
  readonly rawMode: RawMode;
  readonly isBinary: boolean;
  readonly bufferSize: number;
}

function toPlan(mode: unknown, buffering: unknown): Plan {
  const letters = new Set(toIterable(mode === undefined ? 'r' : mode));
  for (const letter of letters) {
    if (letter === 'r' || letter === 'w' || letter === 'b') continue;
    throw new ValueError(`invalid mode ${pythonRepr(mode)} (only r, w, b allowed)`);
  }
  const writes = letters.has('w');
  const reads = letters.has('r') || !writes;
  const isBinary = letters.has('b');
  const bufferSize = toBuffering(buffering);
  if (bufferSize === 0 && !isBinary) throw new ValueError('unbuffered streams must be binary');
  const rawMode = `${reads ? 'r' : ''}${writes ? 'w' : ''}` as RawMode;
  return {
    mode: typeof mode === 'string' ? mode : [...letters].join(''),
    rawMode,
    isBinary,
    bufferSize,
  };
}

function toBuffering(value: unknown): number {
  if (value === undefined || value === null) return DEFAULT_BUFFER_SIZE;
  if (integerOf(value) === undefined && typeof value !== 'number') {
    throw new TypeError(`'<' not supported between instances of '${typeName(value)}' and 'int'`);
  }
  if ((value as number) < 0) return DEFAULT_BUFFER_SIZE;
  return toIndex(value, DEFAULT_BUFFER_SIZE);
}

/**
 * A file object on a socket, whose closing it puts off. Like Python's `socket.makefile`.
 *
 * @param classes the classes of the flavour
 * @param socket the socket
 * @param mode `'r'`, `'w'` or `'rw'`, with `'b'` for a binary file
 * @param buffering the size of the buffer in bytes; 8192 if null, negative or left out; 0 for an
 *   unbuffered binary file
 * @param options encoding, error mode and line endings of a text file
 * @throws ValueError for an invalid mode or line ending, and for unbuffered text
 * @throws LookupError for an unknown encoding
 */
export function openFile<
  Sock extends { _io_refs: number },
  Raw extends object,
  Buffered extends object,
  Text extends object,
>(
  classes: FileClasses<Sock, Raw, Buffered, Text>,
  socket: Sock,
  mode?: unknown,
  buffering?: unknown,
  options: TextOptions = {},
): Raw | Buffered | Text {
  const plan = toPlan(mode, buffering);
  const raw = new classes.SocketIO(socket, plan.rawMode);
  if (plan.bufferSize === 0) {
    socket._io_refs += 1;
    return raw;
  }
  // The layers touch nothing of the socket while they are made: one that fails leaves no trace.
  const buffer =
    plan.rawMode === 'rw'
      ? new classes.BufferedRWPair(raw, raw, plan.bufferSize)
      : new classes[plan.rawMode === 'r' ? 'BufferedReader' : 'BufferedWriter'](
          raw,
          plan.bufferSize,
        );
  let file: Buffered | Text = buffer;
  if (!plan.isBinary) {
    const { encoding, errors, newline } = options;
    const text = new classes.TextIOWrapper(buffer, encoding, errors, newline);
    Object.assign(text, { mode: plan.mode });
    file = text;
  }
  socket._io_refs += 1;
  return file;
}
