// A server that sends its own source, which the kernel copies, and a client that takes it.

import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import * as socket from 'berkeley-sockets';

const [, , port] = process.argv;
if (port === undefined) {
  using listener = socket.create_server(['127.0.0.1', 0]);
  console.log(listener.getsockname()[1]);
  const [accepted] = listener.accept();
  using connection = accepted;
  const file = openSync(import.meta.filename, 'r');
  console.log('sent', connection.sendfile(file), 'bytes');
  closeSync(file);
} else {
  const address = ['127.0.0.1', Number(port)] as const;
  const digest = createHash('sha256');
  using sock = socket.create_connection(address);
  for (;;) {
    const data = sock.recv(65536);
    if (data.length === 0) break;
    digest.update(data);
  }
  console.log(digest.digest('hex'));
}
