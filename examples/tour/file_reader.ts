// The other process of the tour's step with `send_fds`: reads the file whose descriptor it is sent.

import { closeSync, readFileSync } from 'node:fs';
import * as socket from 'berkeley-sockets';

socket.setdefaulttimeout(10);

// Family, type and protocol are found out from the descriptor; the types cannot know them.
using channel = new socket.socket<typeof socket.AF_UNIX>({ fileno: 3 });
const [request, [fd]] = socket.recv_fds(channel, 1024, 1);
if (request.toString() !== 'read this' || fd === undefined) throw new Error('no descriptor came');
try {
  channel.sendall(Buffer.from(`as descriptor ${fd} I read: ${readFileSync(fd, 'utf8')}`));
} finally {
  // A descriptor that was received is the receiver's, to be closed like one that it opened.
  closeSync(fd);
}
