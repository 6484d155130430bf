// The tour that `npm start` takes: Berkeley sockets in nine steps, each of which checks itself.

import * as socket from 'berkeley-sockets';
import { passDescriptor } from './tour/descriptors.js';
import { pingLoopback } from './tour/icmp.js';
import { lookUpLocalhost } from './tour/names.js';
import { takeTour } from './tour/report.js';
import { serveOverTcp } from './tour/tcp.js';
import { echoOverUdp } from './tour/udp.js';
import { makePair, talkOverUnixSockets } from './tour/unix.js';
import { askForRefusal, refuseToWait } from './tour/waiting.js';

// Sockets made from here on give up after ten seconds, so that the tour always ends.
socket.setdefaulttimeout(10);

const succeeded = await takeTour('A tour of Berkeley sockets on Node.js', [
  ['TCP: a server, two clients, and the word that serves both at once', serveOverTcp],
  ['UDP: datagrams with sendto and recvfrom', echoOverUdp],
  ['AF_UNIX: stream, datagram and abstract names', talkOverUnixSockets],
  ['socketpair: two ends without a name', makePair],
  ['Not waiting, and waiting for a limited time', refuseToWait],
  ['connect_ex: an error number instead of an exception', askForRefusal],
  ["getaddrinfo: the addresses of 'localhost'", lookUpLocalhost],
  ['send_fds: an open file for another process', passDescriptor],
  ['ICMP: an echo request to 127.0.0.1', pingLoopback],
]);
process.exitCode = succeeded ? 0 : 1;
