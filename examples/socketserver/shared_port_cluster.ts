// The same with `node:cluster`, whose own distribution is not used: `node shared_port_cluster.js`.

import cluster from 'node:cluster';
import { once } from 'node:events';
import * as socket from 'berkeley-sockets';
import { AsyncTCPServer, BaseRequestHandler } from 'berkeley-sockets/socketserver';

const WORKERS = 3;
const CONNECTIONS = 60;

class WhoAmI extends BaseRequestHandler<AsyncTCPServer> {
  override async handle() {
    await this.request.sendall(Buffer.from(`${cluster.worker?.id}`));
  }
}

class Server extends AsyncTCPServer {
  static override allow_reuse_port = true;
}

async function serve(): Promise<void> {
  await using server = new Server(['127.0.0.1', Number(process.env.PORT)], WhoAmI);
  process.send?.('ready');
  await server.serve_forever();
}

function ask(port: number): number {
  using client = socket.create_connection(['127.0.0.1', port]);
  return Number(String(client.recv(100)));
}

if (cluster.isWorker) {
  await serve();
} else {
  using reserved = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
  reserved.bind(['127.0.0.1', 0]);
  const [, port] = reserved.getsockname();

  const workers = Array.from({ length: WORKERS }, () => cluster.fork({ PORT: port }));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const counts = new Map(workers.map(({ id }) => [id, 0]));
  for (let made = 0; made < CONNECTIONS; made++) {
    const id = ask(port);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  for (const [id, count] of counts) console.log(`worker ${id} served ${count} connections`);
  for (const worker of workers) worker.process.kill();
}
