// The hooks of a server that serves one request at a time: which, in what order, with what.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as socket from 'berkeley-sockets';
import { BaseRequestHandler, TCPServer } from 'berkeley-sockets/socketserver';
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
