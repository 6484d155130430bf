// An echo server for many clients in one thread: `node selectors_echo.js [port] [clients]`.

import * as socket from 'berkeley-sockets';
import * as selectors from 'berkeley-sockets/selectors';

const [port = '0', clients = '1'] = process.argv.slice(2);

/** What to do when a socket is ready; it is attached to the socket in the selector. */
type Handler = (events: number) => void;

using selector = new selectors.DefaultSelector<Handler, socket.socket>();
let awaited = Number(clients);

/** Begins to echo on a new connection. */
function accept(listener: socket.socket): void {
  const [connection, peer] = listener.accept();
  // The selector says when there is something to do; a call must never wait by itself.
  connection.setblocking(false);
  let waiting = Buffer.alloc(0);
  let total = 0;

  const echo: Handler = (events) => {
    if ((events & selectors.EVENT_READ) !== 0) {
      const data = connection.recv(65536);
      if (data.length === 0) return finish();
      total += data.length;
      waiting = Buffer.concat([waiting, data]);
    }
    // A client that does not read its echo fills its buffers: the rest waits until there is room.
    if (waiting.length > 0 && (events & selectors.EVENT_WRITE) !== 0) {
      waiting = waiting.subarray(connection.send(waiting));
    }
    // Reading goes on only when everything is back, so that nothing piles up here.
    const next = waiting.length > 0 ? selectors.EVENT_WRITE : selectors.EVENT_READ;
    selector.modify(connection, next, echo);
  };

  const finish = () => {
    console.log(`${total} bytes back to port ${peer[1]}`);
    selector.unregister(connection);
    connection.close();
    awaited -= 1;
  };

  selector.register(connection, selectors.EVENT_READ, echo);
}

using listener = socket.create_server(['127.0.0.1', Number(port)]);
listener.setblocking(false);
selector.register(listener, selectors.EVENT_READ, () => accept(listener));
const [host, chosen] = listener.getsockname();
console.log(`listening on ${host} port ${chosen}`);

while (awaited > 0) {
  const ready = selector.select(30);
  if (ready.length === 0) throw new Error('nobody came, or said anything, for half a minute');
  for (const [key, events] of ready) key.data(events);
}
