// Writes to the system's log: a datagram to /dev/log, or to the path that is given (RFC 3164).

import * as socket from 'berkeley-sockets';

const { AF_UNIX, SOCK_DGRAM } = socket;
const [, , path = '/dev/log'] = process.argv;
const LOG_INFO = 6;
const LOG_USER = 1;
const priority = LOG_USER * 8 + LOG_INFO;
const text = `<${priority}>porting[${process.pid}]: all is well`;
using sock = new socket.socket(AF_UNIX, SOCK_DGRAM);
sock.connect(path);
const sent = sock.send(Buffer.from(text));
console.log(
  'sent',
  sent === text.length ? 'True' : 'False',
);
