// curl(1) as the client of Node's http server on listeners of ours.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { certificate, serve } from '../support/dialled.js';
import { cannotOn, PLAIN_CONNECTIONS } from '../support/runtime.js';
import { KINDS } from '../support/streams.js';

const run = promisify(execFile);
const isThere = spawnSync('curl', ['--version']).status === 0;
const skip = isThere ? false : 'there is no curl(1)';

/** Answers with the body, or with the path where there is none. */
function answer(incoming: IncomingMessage, response: ServerResponse): void {
  if (incoming.method === 'GET') response.end(`${incoming.url} for ${incoming.headers.host}\n`);
  else pipeline(incoming, response).catch(() => {});
}

/** Runs curl, which must succeed, and gives its output. */
async function curl(...args: readonly string[]): Promise<string> {
  const options = ['--silent', '--show-error', '--fail', '--max-time', '15', '--noproxy', '*'];
  return (await run('curl', [...options, ...args])).stdout;
}

/** Paths in a directory that is removed when the test ends. */
function paths(context: TestContext): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  context.after(() => rmSync(directory, { recursive: true }));
  return (name) => join(directory, name);
}

describe('curl', { skip, timeout: 30_000 }, () => {
  for (const kind of KINDS) {
    test(`asks twice over one connection of ${kind}`, async (context) => {
      const { where, accepted } = await serve(context, kind, createServer(answer));
      const [base, ...how] =
        typeof where === 'number'
          ? [`http://127.0.0.1:${where}`]
          : ['http://host', '--unix-socket', where];
      const said = await curl(...how, `${base}/one`, `${base}/two`);
      const host = base.slice('http://'.length);
      assert.equal(said, `/one for ${host}\n/two for ${host}\n`);
      assert.equal(accepted(), 1);
    });

    test(`gets back what it uploads over ${kind}`, async (context) => {
      const { where } = await serve(context, kind, createServer(answer));
      const path = paths(context);
      const bytes = randomBytes(10_000_000);
      writeFileSync(path('up'), bytes);
      const how = typeof where === 'number' ? [] : ['--unix-socket', where];
      const url = typeof where === 'number' ? `http://127.0.0.1:${where}/` : 'http://host/';
      await curl(...how, '--upload-file', path('up'), '--output', path('down'), url);
      assert.ok(readFileSync(path('down')).equals(bytes));
    });
  }

  test('speaks HTTPS', { skip: cannotOn(PLAIN_CONNECTIONS) }, async (context) => {
    const pem = certificate();
    if (pem === undefined) return context.skip('there is no openssl(1) to make a certificate');
    const { where } = await serve(context, 'TCP', createSecureServer(pem, answer));
    const path = paths(context);
    writeFileSync(path('cert'), pem.cert);
    const name = `localhost:${where}`;
    const how = ['--cacert', path('cert'), '--connect-to', `${name}:127.0.0.1:${where}`];
    assert.equal(await curl(...how, `https://${name}/secret`), `/secret for ${name}\n`);
  });
});
