// A soak run of some seconds, so that what `npm run soak` needs keeps working.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cannotOn } from '../support/runtime.js';

const program = fileURLToPath(new URL('main.js', import.meta.url));
const skip = cannotOn({
  bun: 'the soak run forces garbage collections by an option of Node.js',
  deno: 'the soak run forces garbage collections by an option of Node.js',
});

/** Some seconds of a run; gives what it says and its exit status. */
async function soak(context: { after(end: () => void): void }, ...args: string[]) {
  const child = spawn(process.execPath, [program, '--minutes', '0.05', '--seed', '1', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  context.after(() => child.kill());
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  const [code] = await once(child, 'close');
  return { code, text };
}

test('a short soak run finds nothing, and says what it did', { skip }, async (context) => {
  const { code, text } = await soak(context);
  assert.equal(code, 0, text);
  assert.match(text, /^soak: 0 findings, seed 1$/m);
  assert.match(text, /^worker terminated +[1-9]/m);
  assert.match(text, /^signals received \(SIGUSR2\) +[1-9]/m);
  assert.match(text, /^Bytes compared +[1-9]/m);
  assert.match(text, /^after the run +\d+ +\d+ +0 /m);
});

test('an actor that does not exist is refused', { skip }, async (context) => {
  const { code } = await soak(context, 'nobody');
  assert.equal(code, 2);
});
