// A server that says nothing until it is asked, and a client that waits for a while.

import * as socket from 'berkeley-sockets';

const [, , port] = process.argv;
if (port === undefined) {
  using listener = socket.create_server(['127.0.0.1', 0]);
  console.log(listener.getsockname()[1]);
  const [accepted] = listener.accept();
  using connection = accepted;
  const question = connection.recv(100);
  connection.sendall(Buffer.from(`${question} Yes!`));
} else {
  const address = ['127.0.0.1', Number(port)] as const;
  using sock = socket.create_connection(address);
  sock.settimeout(0.1);
  try {
    sock.recv(100);
  } catch (error) {
    if (!(error instanceof socket.TimeoutError))
      throw error;
    console.log(error.message);
  }
  sock.settimeout(null);
  sock.sendall(Buffer.from('Anybody there?'));
  console.log(sock.recv(100).toString());
}
