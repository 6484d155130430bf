// Measures sending a large file over TCP to a process on another core that discards it.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, createReadStream, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClocks } from '../../harness/measure.js';
import type { Parameters, Prepared, Scenario, Trial } from '../../harness/types.js';
import { connectTo } from '../../support/sockets.js';

const mebibyte = 2 ** 20;
const fileSize = 256 * mebibyte;

/** Writes a file of real bytes, which then lies in the page cache and not only there. */
async function prepare(): Promise<Prepared> {
  const directory = await mkdtemp(join(tmpdir(), 'berkeley-sockets-bench-'));
  const file = join(directory, 'file');
  const descriptor = openSync(file, 'wx');
  const chunk = randomBytes(mebibyte);
  for (let written = 0; written < fileSize; ) {
    written += writeSync(descriptor, chunk);
  }
  // Written back now, so that the kernel does not do it during a trial.
  fsyncSync(descriptor);
  closeSync(descriptor);
  return {
    parameters: { file, size: fileSize },
    dispose: () => rm(directory, { recursive: true }),
  };
}

/** A file object like Python's, as far as `sendfile` asks for one. */
class OpenFile {
  readonly #descriptor: number;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
  }

  fileno(): number {
    return this.#descriptor;
  }

  /** Accepted and ignored: sendfile(2) leaves the position alone, so each pass begins at 0. */
  seek(position: number): number {
    return position;
  }
}

async function oursSendfile({ count, size, port, file }: Parameters): Promise<Trial> {
  const connection = await connectTo(port);
  const source = new OpenFile(file);
  const receipt = Buffer.alloc(1);
  const pass = () => {
    connection.sendfile(source);
    connection.recv_into(receipt);
  };
  pass();
  const elapsed = startClocks();
  for (let passes = 0; passes < count; passes++) {
    pass();
  }
  return { amount: count * size, ...elapsed() };
}

async function nodePipe({ count, size, port, file }: Parameters): Promise<Trial> {
  const connection = connect(port, '127.0.0.1');
  await once(connection, 'connect');
  const pass = async () => {
    const receipt = once(connection, 'data');
    createReadStream(file).pipe(connection, { end: false });
    await receipt;
  };
  await pass();
  const elapsed = startClocks();
  for (let passes = 0; passes < count; passes++) {
    await pass();
  }
  return { amount: count * size, ...elapsed() };
}

const c = 'scenarios/blocking/sendfile.c';
const python = 'scenarios/blocking/sendfile.py';
const peer = { language: 'c', source: 'peers/discarder.c', run: 'Discard' } as const;

export default {
  title: 'sendfile to another process',
  unit: 'bytes/s',
  cases: { '256 MiB': { count: 6 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursSendfile }, peer },
    c: { measured: { language: 'c', source: c, run: 'SendFile' }, peer },
    python: { measured: { language: 'python', source: python, run: 'sendfile' }, peer },
    'node pipe': { measured: { language: 'node', run: nodePipe }, peer },
  },
  gates: { ours: { c: 0.95, 'node pipe': 2.5 } },
  prepare,
} satisfies Scenario;
