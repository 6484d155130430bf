// How workers find classes: programs of plain JavaScript that import the package by its name.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import '../support/leaks.js';
import {
  BaseRequestHandler,
  ForkingTCPServer,
  isMainProgram,
  ThreadingTCPServer,
} from 'berkeley-sockets/socketserver';
import { project } from '../support/pooled.js';
import { type Ending, Program } from '../support/process.js';
import { cannotOn, runtime } from '../support/runtime.js';

const LOCAL: [string, number] = ['127.0.0.1', 0];

/** Runs a program of a project to its end. */
function runIn(context: TestContext, directory: string, ...args: string[]): Promise<Ending> {
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const program = new Program(child, args.join(' '), 40_000);
  context.after(() => program.stop());
  return program.ended;
}

const IMPORTS = `
import net from 'node:net';
import { BaseRequestHandler, isMainProgram, ForkingTCPServer, ThreadingTCPServer }
  from 'berkeley-sockets/socketserver';
`;

const HANDLER = `
class Echo extends BaseRequestHandler {
  handle() { this.request.sendall(this.request.recv(100)); }
}
`;

/** Asks the server once, and ends it. */
const SERVE = `
  const loop = server.serve_forever(0.05);
  const client = net.connect(server.server_address[1], '127.0.0.1', () => client.end('hello\\n'));
  client.on('error', () => {});
  client.on('data', (data) => process.stdout.write(data));
  client.on('close', () => server.shutdown());
  await loop;
  await server.server_close();
`;

const KINDS = [
  ['ThreadingTCPServer', 'worker thread'],
  ['ForkingTCPServer', 'child process'],
] as const;

for (const [kind, place] of KINDS) {
  suite(kind, () => {
    const construct = `const server = new ${kind}(['127.0.0.1', 0], Echo);`;
    const guarded = `if (isMainProgram(import.meta.url)) {\n${construct}\n${SERVE}\n}`;

    test('finds a handler in the main module, which guards its start-up code', async (context) => {
      const text = `${IMPORTS}export ${HANDLER}${guarded}`.replace('export \n', 'export ');
      const directory = project(context, { 'program.mjs': text });
      assert.deepEqual(await runIn(context, directory, 'program.mjs'), {
        code: 0,
        signal: null,
        lines: ['hello'],
        stderr: '',
      });
    });

    test('is not confused by an option of Node whose value is a word of its own', {
      skip: cannotOn({ bun: 'Bun does not have the option' }),
    }, async (context) => {
      const text = `${IMPORTS}export ${HANDLER}${guarded}`.replace('export \n', 'export ');
      const directory = project(context, { 'program.mjs': text });
      const ending = await runIn(context, directory, '--inspect-port', '0', 'program.mjs');
      assert.deepEqual([ending.lines, ending.stderr], [['hello'], '']);
    });

    test('finds one that is exported under another name, or as default', async (context) => {
      for (const how of ['export { Echo as Other };', 'export default Echo;']) {
        const text = `${IMPORTS}${HANDLER}${how}\n${guarded}`;
        const directory = project(context, { 'program.mjs': text });
        const ending = await runIn(context, directory, 'program.mjs');
        assert.deepEqual([ending.lines, ending.stderr], [['hello'], '']);
      }
    });

    test('finds one in another module that it names', async (context) => {
      const directory = project(context, {
        'handlers.mjs': `${IMPORTS}export class Echo extends BaseRequestHandler {
          static module = import.meta.url;
          handle() { this.request.sendall(this.request.recv(100)); }
        }`,
        'program.mjs': `${IMPORTS}import { Echo } from './handlers.mjs';\n${construct}\n${SERVE}`,
      });
      const ending = await runIn(context, directory, 'program.mjs');
      assert.deepEqual([ending.lines, ending.stderr], [['hello'], '']);
    });

    test('finds one in the main module of CommonJS', async (context) => {
      const text = `
        const net = require('node:net');
        const { BaseRequestHandler, isMainProgram, ${kind} } = require('berkeley-sockets/socketserver');
        ${HANDLER}
        module.exports = { Echo };
        const { href } = require('node:url').pathToFileURL(__filename);
        if (isMainProgram(href)) (async () => { ${construct}\n${SERVE} })();
      `;
      const directory = project(context, { 'program.cjs': text });
      const ending = await runIn(
        context,
        directory,
        '--disable-warning=ExperimentalWarning',
        'program.cjs',
      );
      assert.deepEqual([ending.lines, ending.stderr], [['hello'], '']);
    });

    test('gives workers the options of Node that the program has', {
      skip: cannotOn({
        bun: 'a worker of Bun takes no options of the program',
        deno: 'Deno does not tell the options of the program',
      }),
    }, async (context) => {
      const text = `${IMPORTS}export class Echo extends BaseRequestHandler {
          handle() { this.request.sendall(Buffer.from(typeof gc + ' ' + process.argv.slice(2) + '\\n')); }
        }\n${guarded}`;
      const directory = project(context, { 'program.mjs': text });
      const ending = await runIn(context, directory, '--expose-gc', 'program.mjs', 'argument');
      assert.deepEqual([ending.lines, ending.stderr], [['function argument'], '']);
    });

    test('says that the handler class is not exported', async (context) => {
      const directory = project(context, { 'program.mjs': `${IMPORTS}${HANDLER}${guarded}` });
      const { code, stderr, lines } = await runIn(context, directory, 'program.mjs');
      assert.deepEqual([code, lines], [1, []]);
      assert.match(
        stderr,
        new RegExp(
          `a ${place} cannot find the handler class 'Echo', because file:///.*/program\\.mjs does ` +
            `not export it: write 'export class Echo …' there; if the class is in another file, ` +
            `write 'static module = import\\.meta\\.url;' in it`,
        ),
      );
    });

    test('says that its own class is not exported', async (context) => {
      const own = `class Own extends ${kind} {}\n`;
      const body = guarded.replace(`new ${kind}`, 'new Own');
      const text = `${IMPORTS}export ${HANDLER.trim()}\n${own}${body}`;
      const directory = project(context, { 'program.mjs': text });
      const { code, stderr } = await runIn(context, directory, 'program.mjs');
      assert.equal(code, 1);
      assert.match(
        stderr,
        /cannot find the server class 'Own', because file:.*program\.mjs does not/,
      );
    });

    test('says that the module throws while it is loaded', async (context) => {
      const text = `${IMPORTS}export ${HANDLER.trim()}
        if (!isMainProgram(import.meta.url)) throw new RangeError('not today');\n${guarded}`;
      const directory = project(context, { 'program.mjs': text });
      const { code, stderr } = await runIn(context, directory, 'program.mjs');
      assert.equal(code, 1);
      assert.match(
        stderr,
        new RegExp(
          `file:///.*program\\.mjs could not be loaded by a ${place}, which looks there for the ` +
            `handler class 'Echo': RangeError: not today`,
        ),
      );
    });

    test('says that loading the module never ends', {
      skip: kind === 'ThreadingTCPServer' && cannotOn({ deno: 'a worker of Deno waits on' }),
    }, async (context) => {
      const text = `${IMPORTS}export ${HANDLER.trim()}
        if (!isMainProgram(import.meta.url)) await new Promise(() => {});\n${guarded}`;
      const directory = project(context, { 'program.mjs': text });
      const { code, stderr } = await runIn(context, directory, 'program.mjs');
      assert.equal(code, 1);
      assert.match(
        stderr,
        /ended before it could serve \(exit code \d+\): it loads file:.*program\.mjs, where the handler class 'Echo' is\. If start-up code is at fault, put what/,
      );
    });

    test('says that the start-up code has no guard', async (context) => {
      const text = `${IMPORTS}export ${HANDLER.trim()}\n${construct}\n${SERVE}`;
      const directory = project(context, { 'program.mjs': text });
      const { code, stderr } = await runIn(context, directory, 'program.mjs');
      assert.equal(code, 1);
      assert.match(
        stderr,
        /put what starts the program behind 'if \(isMainProgram\(import\.meta\.url\)\)/,
      );
    });
  });
}

suite('a handler class that no worker could find', () => {
  for (const Server of [ThreadingTCPServer, ForkingTCPServer]) {
    test(`is refused by ${Server.name} when it has no name`, () => {
      assert.throws(() => new Server(LOCAL, class extends BaseRequestHandler {}), {
        name: 'TypeError',
        message:
          'the handler class has no name by which a worker could find it: ' +
          "write 'export class Name …'",
      });
    });

    test(`is refused by ${Server.name} when its module is no URL`, () => {
      class Lost extends BaseRequestHandler {
        static module = 'handlers.js';
      }
      assert.throws(() => new Server(LOCAL, Lost), {
        name: 'TypeError',
        message:
          "'module' of the handler class 'Lost' is no URL: write 'static module = import.meta.url;'",
      });
    });
  }
});

suite('isMainProgram()', () => {
  test('is true for the module that the program was started with', () => {
    assert.equal(isMainProgram(import.meta.url), true);
  });

  test('is false for any other module', () => {
    assert.equal(isMainProgram(new URL('./other.js', import.meta.url).href), false);
  });

  test('is true however the program was named', async (context) => {
    const directory = project(context, {
      'package.json': '{ "main": "program.mjs", "type": "module" }',
      'program.mjs': `import { isMainProgram } from 'berkeley-sockets/socketserver';
        console.log(isMainProgram(import.meta.url));`,
    });
    writeFileSync(join(directory, 'server.js'), "import './program.mjs';");
    symlinkSync('program.mjs', join(directory, 'link.mjs'));
    // Deno takes files only, by their whole names.
    for (const [name, expected] of [
      ['program.mjs', 'true'],
      ['./program.mjs', 'true'],
      ...(runtime === 'deno' ? [] : [['.', 'true'] as const]),
      ['link.mjs', 'true'],
      ['server.js', 'false'],
      ...(runtime === 'deno' ? [] : [['server', 'false'] as const]),
    ] as const) {
      const ending = await runIn(context, directory, name);
      assert.deepEqual([name, ending.lines], [name, [expected]]);
    }
  });
});
