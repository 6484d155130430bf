// The one-word change: the examples serve one client at a time as they are, and five at once when
// the class of their server is another one.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { packageRoot } from '../support/process.js';
import { assertWaits } from '../support/promised.js';
import { closing } from '../support/sockets.js';

const WORD = 'new socketserver.TCPServer';

/** TypeScript as JavaScript. */
function compile(source: string): string {
  const options = ['--loader=ts', '--target=es2022', '--log-level=warning'];
  const esbuild = join(packageRoot, 'node_modules/.bin/esbuild');
  return execFileSync(esbuild, options, { input: source, encoding: 'utf8' });
}

/** Starts an example in which one word is another one; gives the process and its address. */
async function start(
  context: TestContext,
  example: string,
  Server: string,
): Promise<[child: ChildProcess, address: [string, number]]> {
  const source = readFileSync(join(packageRoot, 'examples/socketserver', example), 'utf8');
  assert.equal(source.split(WORD).length, 2, 'the word is there just once');
  const changed = source.replace(WORD, `new socketserver.${Server}`);
  const code = example.endsWith('.ts') ? compile(changed) : changed;
  // Below the package, so that its own name leads to it.
  const directory = mkdtempSync(join(packageRoot, 'out/example-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'program.mjs');
  writeFileSync(file, code);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  context.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line');
  const port = /^listening on 127\.0\.0\.1 port (\d+)$/.exec(String(line))?.[1];
  assert.ok(port !== undefined, String(line));
  return [child, ['127.0.0.1', Number(port)]];
}

/** Five clients that say something and keep their connections open. */
function five(context: TestContext, address: [string, number]) {
  return Array.from({ length: 5 }, (_, index) => {
    const client = closing(context, socket.create_connection(address));
    client.sendall(Buffer.from(`client ${index}\n`));
    return client;
  });
}

async function servesOneAtATime(context: TestContext, address: [string, number]): Promise<void> {
  const clients = five(context, address);
  const answers = clients.map((client) => client.promises.recv(100, { timeout: 30 }));
  for (const [index, client] of clients.entries()) {
    assert.equal(String(await answers[index]), `CLIENT ${index}\n`);
    await Promise.all(answers.slice(index + 1).map(assertWaits));
    client.close();
  }
}

async function servesFiveAtOnce(context: TestContext, address: [string, number]): Promise<void> {
  const clients = five(context, address);
  for (const round of [1, 2]) {
    const answers = clients.map((client) => client.promises.recv(100, { timeout: 30 }));
    for (const [index, answer] of answers.entries()) {
      assert.equal(String(await answer), round === 1 ? `CLIENT ${index}\n` : 'AGAIN\n');
    }
    for (const client of clients) client.sendall(Buffer.from('again\n'));
  }
}

describe('the upper-casing example', { concurrency: 2 }, () => {
  for (const example of ['upper.ts', 'upper.mjs', 'upper_async.ts', 'upper_async.mjs']) {
    it(`${example} serves one client at a time as it is`, async (context) => {
      const [, address] = await start(context, example, 'TCPServer');
      await servesOneAtATime(context, address);
    });

    const others = example.includes('async')
      ? ['AsyncTCPServer']
      : ['ThreadingTCPServer', 'ForkingTCPServer'];
    for (const Server of others) {
      it(`${example} serves five at once as ${Server}`, async (context) => {
        const [, address] = await start(context, example, Server);
        await servesFiveAtOnce(context, address);
      });
    }
  }

  it('ends after Ctrl-C when it serves on the event loop', async (context) => {
    const [child] = await start(context, 'upper_async.ts', 'AsyncTCPServer');
    const exited = once(child, 'exit');
    // Deno takes the signal of its child.kill() for what ended the child.
    process.kill(child.pid as number, 'SIGINT');
    assert.deepEqual(await exited, [0, null]);
  });
});
