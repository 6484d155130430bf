// What goes wrong in real life, next to a server at the given port, and which exceptions tell so.

import * as socket from 'berkeley-sockets';

const port = Number(process.argv[2]);
const address = ['127.0.0.1', port] as const;

function attempt(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    if (error instanceof socket.ConnectionRefusedError) {
      console.log('nobody is there:', error.message);
    } else if (error instanceof socket.gaierror) {
      const isUnknown = error.errno === socket.EAI_NONAME;
      const known = isUnknown ? 'True' : 'False';
      console.log('no such host:', known, error.message);
    } else if (error instanceof socket.OSError) {
      console.log(error.code, error.message);
    } else if (error instanceof socket.OverflowError) {
      console.log(error.message);
    } else throw error;
  }
}

const sock = socket.create_connection(address);
const silent = new socket.socket();
attempt(() => sock.connect(address));
attempt(() => silent.bind(address));
silent.bind(['127.0.0.1', 0]);
attempt(() =>
  socket.create_connection(silent.getsockname()),
);
attempt(() => silent.connect(['127.0.0.1', 65536]));
silent.close();
sock.close();
attempt(() => sock.send(Buffer.from('too late')));
const flags = socket.AI_NUMERICHOST;
attempt(() =>
  socket.getaddrinfo('localhost', 80, { flags }),
);
