// How the package is loaded: with import and require, in two copies, and without its binary.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import '../support/leaks.js';
import { copyPackage, run, start } from '../support/process.js';
import { runtime } from '../support/runtime.js';

interface Loaded {
  milliseconds: number;
  isOpen: boolean;
  isSame: boolean;
}

interface Failed {
  message: string;
  cause?: string;
}

/** The most that loading may take, in milliseconds; most of it is Node's reading of the files. */
const MOST_MILLISECONDS = 250;
const TRIALS = 5;

suite('the package', () => {
  for (const way of ['import', 'require']) {
    test(`loads with ${way}`, async (context) => {
      const program = start(context, 'load', [way]);
      const report = await program.message<Loaded>();
      assert.deepEqual([report.isOpen, report.isSame], [true, true]);
      assert.equal((await program.ended).code, 0);
    });
  }

  test('loads fast', async (context) => {
    const times: number[] = [];
    for (let trial = 0; trial < TRIALS; trial += 1) {
      times.push((await start(context, 'load', ['import']).message<Loaded>()).milliseconds);
    }
    assert.ok(Math.min(...times) < MOST_MILLISECONDS, `it took ${times} ms`);
  });

  test('does not disturb a second copy in the same process', async (context) => {
    const copy = copyPackage(context, 'build/Release');
    const { stderr, ...ending } = await run(context, 'copies', [join(copy, 'dist/index.js')]);
    assert.deepEqual(ending, { code: 0, signal: null, lines: ['done'] });
    // Bun collects what a worker leaves, and so there is a warning of each socket.
    if (runtime !== 'bun') assert.equal(stderr, '');
  });

  test('quotes no more than a line of it where an exception is not caught', async (context) => {
    // With source maps, as the tests have them, the quoted line is that of the sources.
    const execArgv = runtime === 'node' ? ['--no-enable-source-maps'] : [];
    const ending = await run(context, 'uncaught', [], { execArgv });
    assert.equal(ending.code, 1);
    assert.match(ending.stderr, /TimeoutError: timed out/);
    const longest = Math.max(...ending.stderr.split('\n').map((line) => line.length));
    assert.ok(longest < 400, `a line has ${longest} characters`);
  });

  test('takes the binary that it carries where nothing was built', async (context) => {
    const copy = copyPackage(context, `prebuilds/${process.platform}-${process.arch}`);
    const program = start(context, 'load', ['import', join(copy, 'dist/index.js')]);
    assert.equal((await program.message<Loaded>()).isOpen, true);
  });

  test('takes the next binary where one cannot be loaded', async (context) => {
    const target = `prebuilds/${process.platform}-${process.arch}`;
    const copy = copyPackage(context, `${target}-musl`);
    mkdirSync(join(copy, target));
    writeFileSync(join(copy, target, 'berkeley_sockets.node'), 'for another libc');
    const program = start(context, 'load', ['import', join(copy, 'dist/index.js')]);
    assert.equal((await program.message<Loaded>()).isOpen, process.platform === 'linux');
  });

  test('says what is missing and how to build it where there is no binary', async (context) => {
    const copy = copyPackage(context, null);
    const program = start(context, 'load', ['import', join(copy, 'dist/index.js')]);
    const { message, cause } = await program.message<Failed>();
    assert.match(message, /^berkeley-sockets has no binary for \w+-\w+ that Node\.js v\d+/);
    assert.ok(message.includes('run "npm ci && npm run build"'), message);
    assert.match(cause ?? '', /build\/Release\/berkeley_sockets\.node/);
    assert.equal((await program.ended).code, 0);
  });
});
