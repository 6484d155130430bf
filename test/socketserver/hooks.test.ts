// The hooks of a server that serves one request at a time: which, in what order, with what.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { AttributeError, OSError, ValueError } from 'berkeley-sockets';
import {
  AsyncTCPServer,
  BaseRequestHandler,
  BaseServer,
  TCPServer,
} from 'berkeley-sockets/socketserver';
import { cannotOn } from '../support/runtime.js';
import { captureErrors } from '../support/servers.js';
import { closing } from '../support/sockets.js';

describe('a TCP server', () => {
  it('calls its hooks in the order of Python', async (context) => {
    const log: string[] = [];
    class Handler extends BaseRequestHandler<Server> {
      override setup(): void {
        log.push(`setup ${Object.keys(this).sort()}`);
      }
      override handle(): void {
        const data = this.request.recv(10).toString();
        log.push(`handle ${data} ${this.client_address[0]} ${this.server.constructor.name}`);
      }
      override finish(): void {
        log.push('finish');
      }
    }
    class Server extends TCPServer {}
    const hooks = [
      'server_bind',
      'server_activate',
      'get_request',
      'verify_request',
      'process_request',
      'finish_request',
      'shutdown_request',
      'close_request',
      'server_close',
      'handle_error',
      'handle_timeout',
      'service_actions',
    ] as const;
    for (const name of hooks) {
      const original: (...given: never[]) => unknown = TCPServer.prototype[name];
      Object.defineProperty(Server.prototype, name, {
        value(this: Server, ...given: never[]) {
          log.push(`> ${name} ${given.length}`);
          return original.apply(this, given);
        },
      });
    }
    {
      await using server = new Server(['127.0.0.1', 0], Handler);
      assert.equal(server.server_address[0], '127.0.0.1');
      assert.equal(server.RequestHandlerClass, Handler);
      assert.equal(server.fileno(), server.socket.fileno());
      const client = closing(context, socket.create_connection(server.server_address));
      client.send(Buffer.from('hi'));
      await server.handle_request();
      assert.equal(client.recv(5).length, 0);
    }
    assert.deepEqual(log, [
      '> server_bind 0',
      '> server_activate 0',
      '> get_request 0',
      '> verify_request 2',
      '> process_request 2',
      '> finish_request 2',
      'setup client_address,request,server',
      'handle hi 127.0.0.1 Server',
      'finish',
      '> shutdown_request 1',
      '> close_request 1',
      '> server_close 0',
    ]);
  });
});

/** Has a server of the class serve one client, and tells what the client receives. */
async function serveOne(
  context: TestContext,
  Server: new (address: [string, number], handler: never) => TCPServer,
  Handler: unknown = null,
): Promise<string> {
  await using server = new Server(['127.0.0.1', 0], Handler as never);
  const client = closing(context, socket.create_connection(server.server_address));
  client.settimeout(10);
  client.send(Buffer.from('hi'));
  await server.handle_request();
  return (await client.promises.recv(100)).toString();
}

/** The hooks are the same: what differs is the flavour of the sockets. */
const AsyncServer = AsyncTCPServer as unknown as typeof TCPServer;

for (const Server of [TCPServer, AsyncServer]) {
  describe(`what goes wrong in a ${Server.name}`, () => {
    it('is reported in the form of Python, after finish()', {
      skip: cannotOn({ bun: 'in Bun a stack begins with the constructor of the error' }),
    }, async (context) => {
      const errors = captureErrors(context);
      const log: unknown[] = [];
      class Handler extends BaseRequestHandler {
        override handle(): void {
          log.push(this.client_address);
          throw new ValueError('boom');
        }
        override finish(): void {
          log.push('finish');
        }
      }
      assert.equal(await serveOne(context, Server, Handler), '');
      const [address, last] = log as [[string, number], string];
      assert.equal(last, 'finish');
      const lines = errors.text().split('\n');
      const dashes = '-'.repeat(40);
      assert.deepEqual(lines.slice(0, 3), [
        dashes,
        `Exception occurred during processing of request from ('127.0.0.1', ${address[1]})`,
        'ValueError: boom',
      ]);
      assert.match(lines[3] ?? '', /^ {4}at Handler\.handle /);
      assert.deepEqual(lines.slice(-2), [dashes, '']);
    });

    it('is reported when a handler rejects, with what caused it', async (context) => {
      const errors = captureErrors(context);
      class Handler extends BaseRequestHandler {
        override async handle(): Promise<void> {
          await Promise.resolve();
          throw new Error('later', { cause: 'the cause' });
        }
      }
      assert.equal(await serveOne(context, Server, Handler), '');
      assert.match(errors.text(), /\nError: later\n[\s\S]*\[cause\]: 'the cause'/);
    });

    it('is reported when it is no Error at all', async (context) => {
      const errors = captureErrors(context);
      const thrower = () => Promise.reject(null);
      assert.equal(await serveOne(context, Server, thrower), '');
      assert.match(errors.text(), /\nnull\n-{40}\n$/);
    });

    it('in setup() keeps handle() and finish() from being called', async (context) => {
      const log: string[] = [];
      class Failing extends Server {
        override handle_error(_request: unknown, _address: unknown, error: unknown): void {
          log.push(`handle_error ${(error as Error).message}`);
        }
      }
      class Handler extends BaseRequestHandler {
        override setup(): void {
          throw new ValueError('in setup');
        }
        override handle(): void {
          log.push('handle');
        }
        override finish(): void {
          log.push('finish');
        }
      }
      assert.equal(await serveOne(context, Failing, Handler), '');
      assert.deepEqual(log, ['handle_error in setup']);
    });

    it('in verify_request() leaves handle_request(), and the connection is closed', async (context) => {
      class Failing extends Server {
        override verify_request(): boolean {
          throw new RangeError('v');
        }
        override handle_error(): void {
          assert.fail('was called');
        }
      }
      await using server = new Failing(['127.0.0.1', 0], null);
      const client = closing(context, socket.create_connection(server.server_address));
      await assert.rejects(server.handle_request(), { name: 'RangeError', message: 'v' });
      assert.equal((await client.promises.recv(1)).length, 0);
      const again = closing(context, socket.create_connection(server.server_address));
      await assert.rejects(server.serve_forever(), { name: 'RangeError', message: 'v' });
      assert.equal((await again.promises.recv(1)).length, 0);
    });

    it('in get_request() is passed over if it is an OSError, and leaves otherwise', async (context) => {
      class Failing extends Server {
        error: Error = new OSError('nope');
        override get_request(): never {
          throw this.error;
        }
      }
      await using server = new Failing(['127.0.0.1', 0], null);
      closing(context, socket.create_connection(server.server_address));
      assert.equal(await server.handle_request(), undefined);
      server.error = new ValueError('other');
      await assert.rejects(server.handle_request(), { name: 'ValueError', message: 'other' });
    });

    it('in handle_error() does not keep the connection open', async (context) => {
      const errors = captureErrors(context);
      class Failing extends Server {
        override handle_error(): void {
          throw new ValueError('in handle_error');
        }
      }
      const thrower = () => {
        throw new ValueError('first');
      };
      await using server = new Failing(['127.0.0.1', 0], thrower);
      const client = closing(context, socket.create_connection(server.server_address));
      const outcome = server.handle_request();
      if (Server === TCPServer) await assert.rejects(outcome, { message: 'in handle_error' });
      else await outcome;
      assert.equal((await client.promises.recv(1)).length, 0);
      await server.server_close();
      if (Server === AsyncServer) assert.match(errors.text(), /in handle_error/);
    });
  });

  describe(`a request of a ${Server.name}`, () => {
    it('that is not welcome is shut down and closed', async (context) => {
      const log: string[] = [];
      class Refusing extends Server {
        override verify_request(request: unknown): boolean {
          log.push(`verify ${(request as object).constructor.name}`);
          return false;
        }
        override process_request(): void {
          log.push('never');
        }
        override shutdown_request(request: never): void | PromiseLike<void> {
          log.push('shutdown_request');
          return super.shutdown_request(request);
        }
      }
      assert.equal(await serveOne(context, Refusing), '');
      assert.deepEqual(log, ['verify socket', 'shutdown_request']);
    });

    it('may be processed by async hooks', async (context) => {
      const log: string[] = [];
      class Slow extends Server {
        override async verify_request(): Promise<boolean> {
          await Promise.resolve();
          log.push('verify');
          return true;
        }
        override async get_request(): Promise<never> {
          await Promise.resolve();
          log.push('get');
          return (await super.get_request()) as never;
        }
        override async finish_request(): Promise<void> {
          await Promise.resolve();
          log.push('finish');
        }
      }
      assert.equal(await serveOne(context, Slow), '');
      assert.deepEqual(log, ['get', 'verify', 'finish']);
    });

    it('may be taken by a get_request() that calls accept() itself', async (context) => {
      class Own extends Server {
        override get_request(): never {
          return (this.socket as socket.socket).accept() as never;
        }
      }
      const hello = (request: socket.socket) => request.sendall(Buffer.from('hello'));
      assert.equal(await serveOne(context, Own, hello), 'hello');
    });
  });
}

describe('a BaseServer', () => {
  it('has an address and a handler, and lacks a descriptor, a socket and requests', async () => {
    const server = new BaseServer(['x', 1], null);
    assert.deepEqual([server.server_address, server.timeout], [['x', 1], null]);
    const lacks = (name: string) => ({
      name: 'AttributeError',
      message: `'BaseServer' object has no attribute '${name}'`,
    });
    assert.throws(() => server.fileno(), lacks('fileno'));
    assert.throws(() => server.get_request(), lacks('get_request'));
    await assert.rejects(server.handle_request(), lacks('socket'));
    await assert.rejects(server.serve_forever(), lacks('fileno'));
    assert.ok(server instanceof BaseServer && new AttributeError('') instanceof TypeError);
  });

  it('has hooks that do nothing', async () => {
    const server = new BaseServer(['x', 1], null);
    assert.equal(server.server_activate(), undefined);
    assert.equal(server.verify_request(1, 2), true);
    assert.equal(server.handle_timeout(), undefined);
    assert.equal(server.service_actions(), undefined);
    assert.equal(server.server_close(), undefined);
    assert.equal(server.close_request(1), undefined);
    assert.equal(server.shutdown_request(1), undefined);
    assert.throws(() => server.process_request(1, 2), {
      name: 'TypeError',
      message: "'NoneType' object is not callable",
    });
  });

  it('serves what a subclass with a descriptor finds there', async (context) => {
    const [ours, theirs] = socket.socketpair();
    closing(context, theirs);
    closing(context, ours);
    const seen: unknown[] = [];
    class Lines extends BaseServer<string, string> {
      override fileno(): number {
        return ours.fileno();
      }
      override get_request(): [string, string] {
        return [ours.recv(100).toString(), 'there'];
      }
    }
    const server = new Lines('nowhere', (request, who) => {
      seen.push(`${request} from ${who}`);
      if (request === 'end') void server.shutdown();
    });
    const serving = server.serve_forever();
    theirs.send(Buffer.from('one'));
    await new Promise((resolve) => setImmediate(resolve));
    theirs.send(Buffer.from('end'));
    await serving;
    assert.equal(
      seen.join().replace('oneend', 'one from there,end'),
      'one from there,end from there',
    );
  });
});
