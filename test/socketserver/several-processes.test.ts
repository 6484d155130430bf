// The examples in which several processes serve one address, at once or in turn.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { suite, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program } from '../support/process.js';

const LIMIT = 60_000;

function compiled(name: string): string {
  return fileURLToPath(new URL(`../../examples/socketserver/${name}.js`, import.meta.url));
}

function start(context: TestContext, path: string): Program {
  const child = spawn(process.execPath, [path], { stdio: ['ignore', 'pipe', 'pipe'] });
  const program = new Program(child, path, LIMIT);
  context.after(() => program.stop());
  return program;
}

/** What the lines of a program count, by who did it. */
async function counts(context: TestContext, name: string, pattern: RegExp): Promise<number[]> {
  const { code, lines, stderr } = await start(context, compiled(name)).ended;
  assert.deepEqual([code, stderr], [0, '']);
  return lines.map((text) => {
    const count = pattern.exec(text)?.[1];
    assert(count, text);
    return Number(count);
  });
}

suite('several processes', { concurrency: true }, () => {
  for (const name of ['shared_port', 'shared_port_cluster']) {
    test(`${name}: the kernel gives each of them connections of one port`, async (context) => {
      const pattern = /^(?:process|worker) \d+ served (\d+) connections$/;
      const served = await counts(context, name, pattern);
      assert.equal(served.length, 3);
      assert(
        served.every((count) => count > 0),
        `connections: ${served}`,
      );
      assert.equal(
        served.reduce((sum, count) => sum + count),
        60,
      );
    });
  }

  test('restart: each connection is answered by whoever runs next', async (context) => {
    const pattern = /^process \d+ answered (\d+) connections$/;
    assert.deepEqual(await counts(context, 'restart', pattern), [10, 10, 10]);
  });
});
