// An echo server for several clients at once; the selector keeps what to do with each socket.

import * as socket from 'berkeley-sockets';
import * as selectors from 'berkeley-sockets/selectors';

type Callback = (sock: socket.socket) => void;
let clients = 2;

function accept(listener: socket.socket): void {
  const [connection] = listener.accept();
  selector.register(connection, selectors.EVENT_READ, echo);
}

function echo(connection: socket.socket): void {
  const data = connection.recv(1024);
  if (data.length > 0) {
    connection.sendall(data);
  } else {
    selector.unregister(connection);
    connection.close();
    clients -= 1;
  }
}

using selector = new selectors.DefaultSelector<
  Callback,
  socket.socket
>();
using listener = socket.create_server(['127.0.0.1', 0]);
selector.register(listener, selectors.EVENT_READ, accept);
console.log(listener.getsockname()[1]);
while (clients > 0) {
  for (const [key] of selector.select(10)) {
    const callback = key.data;
    callback(key.fileobj);
  }
}
console.log('all are gone');
