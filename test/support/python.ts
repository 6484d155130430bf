// Finds a python3 and has it answer the same calls that are made here.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as socket from 'berkeley-sockets';
import { pythonRepr } from '#lib/repr.js';
import { loose } from './exceptions.js';

/** An interpreter of Python 3, and the second number of its version. */
export interface Python {
  readonly command: string;
  readonly minor: number;
}

// The texts of the library are those of this version.
const VERSION = '3.13';
// Older ones differ too much to be compared with.
const OLDEST = 11;

/** What to run it with: pyenv's commands answer only when they are told a version. */
export function environmentOf(command: string): NodeJS.ProcessEnv {
  return command.includes(VERSION) ? { PYENV_VERSION: VERSION, ...process.env } : process.env;
}

/** The 13 of Python 3.13. */
function minorOf(command: string): number {
  const { stdout } = spawnSync(command, ['--version'], {
    encoding: 'utf8',
    env: environmentOf(command),
  });
  return Number(/^Python 3\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

/**
 * The interpreter in the variable PYTHON, else python3.13, else python3; undefined where there is
 * none that is new enough.
 */
export function findPython(): Python | undefined {
  const candidates = process.env.PYTHON ? [process.env.PYTHON] : [`python${VERSION}`, 'python3'];
  return candidates
    .map((command) => ({ command, minor: minorOf(command) }))
    .find(({ minor }) => minor >= OLDEST);
}

/** One call of a method: `[name, ...arguments]`. */
export type Step = readonly [method: string, ...args: unknown[]];

/** A new object of that kind, or the module itself, and what is called of it step by step. */
export type Script = readonly [kind: string, ...steps: Step[]];

/** How Python makes the objects, as the text of a dict from kind to function. */
export type Makers = string;

// Bytes travel as {"bytes": hex}, large numbers as {"int": digits}; an array is a tuple.
// Enumerations are printed as the numbers that they are, sockets are closed.
const PROGRAM = `
import array, enum, json, re, socket, sys
def load(v):
    if isinstance(v, list): return tuple(load(i) for i in v)
    if not isinstance(v, dict): return v
    (kind, data), = v.items()
    if kind == 'int': return int(data)
    if kind == 'float': return float(data)
    data = bytes.fromhex(data)
    return {'bytes': bytes, 'bytearray': bytearray, 'memoryview': memoryview}[kind](data)
def plain(v):
    if isinstance(v, (list, tuple)): return tuple(plain(i) for i in v)
    if isinstance(v, socket.socket): return v.close() or 'a socket'
    return int(v) if isinstance(v, enum.IntEnum) else v
def step(target, name, *args):
    if name == '__repr__': return repr(target)
    try: return repr(plain(getattr(target, name)(*args)))
    except Exception as e: return '%s: %s' % (type(e).__name__, e)
def run(kind, *steps):
    made = MAKERS[kind]()
    target = made[0] if isinstance(made, tuple) else made
    try: return [step(target, *load(s)) for s in steps]
    finally:
        for m in made if isinstance(made, tuple) else (made,):
            if m is not socket: m.close()
print(json.dumps([run(*s) for s in json.load(open(sys.argv[1]))]))
`;

function dump(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dump);
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) return { float: String(value) };
  if (!ArrayBuffer.isView(value)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  if (Buffer.isBuffer(value)) return { bytes };
  return value instanceof DataView ? { memoryview: bytes } : { bytearray: bytes };
}

/** What Python answers to the scripts: for each the result or exception of each step. */
export function askPython(python: Python, makers: Makers, scripts: readonly Script[]): string[][] {
  const program = PROGRAM.replace('def load', `MAKERS = ${makers}\ndef load`);
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  const file = join(directory, 'scripts.json');
  writeFileSync(file, JSON.stringify(dump(scripts)));
  const { stdout, stderr } = spawnSync(python.command, ['-W', 'ignore', '-c', program, file], {
    // The same file as here, whatever it is: some of the scripts name its descriptor.
    stdio: ['inherit', 'pipe', 'pipe'],
    encoding: 'utf8',
    env: environmentOf(python.command),
    maxBuffer: 2 ** 26,
  });
  rmSync(directory, { recursive: true });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout);
}

/** A result that can be printed: sockets are closed. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof socket.socket)) return value;
  value.close();
  return 'a socket';
}

/** What a call gives here, in the form of {@link askPython}. */
export function answer(target: object, [method, ...args]: Step): string {
  try {
    return pythonRepr(plain(loose(target)[method]?.(...args)));
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}
