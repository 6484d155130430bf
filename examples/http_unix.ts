// Node's http over sockets of ours: a server on an abstract AF_UNIX name that knows who asks it.

import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type SocketStream, toStream } from 'berkeley-sockets/interop';
import * as socket from 'berkeley-sockets/promises';

const { AF_UNIX, SO_PEERCRED, SOL_SOCKET } = socket;
type UnixSocket = socket.socket<typeof AF_UNIX>;

const server = createServer((incoming, response) => {
  // The connection of a request is the stream that the server was given; see socket(7), unix(7).
  const { socket: sock } = incoming.socket as unknown as SocketStream<UnixSocket>;
  const pid = sock.getsockopt(SOL_SOCKET, SO_PEERCRED, 12).readInt32LE();
  response.end(
    `${incoming.url} is for ${pid === process.pid ? 'this process' : `process ${pid}`}\n`,
  );
});

using listener = new socket.socket(AF_UNIX);
await listener.bind(''); // the kernel chooses a name
listener.listen();
const name = listener.getsockname();
console.log(`listening on a name of ${name.length} bytes`);

/** Gives each connection to the server; closing the listener ends it. */
async function serve(): Promise<void> {
  for await (const [connection] of listener.connections()) {
    server.emit('connection', toStream(connection));
  }
}
serve().catch((error) => {
  if (error.code !== 'EBADF') throw error;
});

/** Asks for a path, over a connection of its own. */
async function ask(path: string): Promise<string> {
  const sock = new socket.socket(AF_UNIX);
  await sock.connect(name);
  const asking = request({ path, createConnection: () => toStream(sock) });
  asking.end();
  const [response]: IncomingMessage[] = await once(asking, 'response');
  return (await response?.setEncoding('utf8').toArray())?.join('') ?? '';
}

for (const path of ['/one', '/two']) process.stdout.write(await ask(path));
