// Names, services and numbers compared with those of python3 on the same host, text for text.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import * as resolve from '#lib/resolve.js';
import { type Call, calls } from './support/resolve-calls.js';

// The texts are those of this version; others word some refusals differently.
const VERSION = '3.13';

// Python answers a list of [function, arguments, keywords] with a list of results. Bytes travel
// as {"bytes": hex} and large numbers as {"int": digits}; a tuple is a list.
const PROGRAM = `
import json, socket, sys
def load(v):
    if isinstance(v, list): return tuple(load(i) for i in v)
    if not isinstance(v, dict): return v
    (kind, data), = v.items()
    if kind == 'int': return int(data)
    data = bytes.fromhex(data)
    return {'bytes': bytes, 'bytearray': bytearray, 'memoryview': memoryview}[kind](data)
def dump(v):
    if isinstance(v, (list, tuple)): return [dump(i) for i in v]
    return {'bytes': v.hex()} if isinstance(v, bytes) else v
def run(name, args, keywords):
    try: return dump(getattr(socket, name)(*load(args), **keywords))
    except Exception as e:
        return {'error': type(e).__name__, 'text': str(e), 'errno': getattr(e, 'errno', None)}
print(json.dumps([run(*c) for c in json.load(sys.stdin)]))
`;

// pyenv's commands answer only when they are told a version.
const environment = { ...process.env, PYENV_VERSION: VERSION };

function findPython(): string | undefined {
  const candidates = [process.env.PYTHON, `python${VERSION}`, 'python3'];
  return candidates.find((python) => {
    if (!python) return false;
    const { stdout } = spawnSync(python, ['--version'], {
      encoding: 'utf8',
      env: environment,
    });
    return stdout?.includes(` ${VERSION}.`);
  });
}

function dumpArgument(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dumpArgument);
  if (typeof value === 'bigint') return { int: String(value) };
  if (!ArrayBuffer.isView(value)) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const kind = Buffer.isBuffer(value)
    ? 'bytes'
    : value instanceof DataView
      ? 'memoryview'
      : 'bytearray';
  return { [kind]: bytes.toString('hex') };
}

function dumpResult(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dumpResult);
  return Buffer.isBuffer(value) ? { bytes: value.toString('hex') } : (value ?? null);
}

function runHere([name, args, keywords]: Call): unknown {
  const functions: Record<string, unknown> = { ...resolve };
  const method = functions[name] as (...args: unknown[]) => unknown;
  try {
    return dumpResult(method(...args, ...(keywords ? [keywords] : [])));
  } catch (error) {
    const { name: kind, message, errno } = error as Error & { errno?: number };
    return { error: kind, text: message, errno: errno ?? null };
  }
}

const python = process.platform === 'linux' ? findPython() : undefined;

it('every function gives what Python gives', {
  skip: python ? false : `needs Linux and python${VERSION}`,
}, () => {
  const table = [...calls()];
  const input = JSON.stringify(
    table.map(([name, args, keywords]) => [name, dumpArgument(args), keywords ?? {}]),
  );
  const { stdout, stderr } = spawnSync(python as string, ['-c', PROGRAM], {
    input,
    encoding: 'utf8',
    env: environment,
  });
  assert.equal(stderr, '');
  const expected: unknown[] = JSON.parse(stdout);
  const differences = table
    .map((call, index) => ({ call, here: runHere(call), python: expected[index] }))
    .filter(({ here, python }) => JSON.stringify(here) !== JSON.stringify(python));
  assert.deepEqual(differences, []);
});
