// A protocol of lines: a server that adds, and a client with sums.

import * as socket from 'berkeley-sockets';

function openFile(sock: socket.socket<number>) {
  return sock.makefile('rw', {
    encoding: 'utf-8',
    newline: '\r\n',
  });
}

const [, , port] = process.argv;
if (port === undefined) {
  using listener = socket.create_server(['127.0.0.1', 0]);
  console.log(listener.getsockname()[1]);
  const [accepted] = listener.accept();
  using connection = accepted;
  using file = openFile(connection);
  for (const line of file) {
    const [word, ...numbers] = line.trim().split(' ');
    let total = 0;
    for (const number of numbers) total += Number(number);
    file.write(`${word}: ${total}\n`);
    file.flush();
  }
} else {
  const address = ['127.0.0.1', Number(port)] as const;
  using sock = socket.create_connection(address);
  using file = openFile(sock);
  for (const numbers of ['1 2', '20 1 21']) {
    file.write(`sum ${numbers}\n`);
    file.flush();
    console.log(file.readline().trimEnd());
  }
}
