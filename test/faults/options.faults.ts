// Options with structures, and the modules that only compute, with each system call failing.

import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as options from 'berkeley-sockets/options';
import * as packet from 'berkeley-sockets/packet';
import '../support/leaks.js';
import { walksOf } from './walk.js';

const datagrams = () => new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
const GROUP = '239.1.2.3';

/** A connection over the loopback interface. */
class Connection {
  readonly server = socket.create_server(['127.0.0.1', 0]);
  readonly client = socket.create_connection(this.server.getsockname());

  close(): void {
    this.client.close();
    this.server.close();
  }
}

class Pair {
  readonly ends = socket.socketpair();

  close(): void {
    for (const end of this.ends) end.close();
  }
}

const { on } = walksOf('berkeley-sockets/options');
/** A filter that lets everything pass. */
const program = [[6, 0, 0, 0xffff]] as const;
on('attach_filter', datagrams, (sock) => options.attach_filter(sock, program));
on(
  'detach_filter',
  () => {
    const sock = datagrams();
    options.attach_filter(sock, program);
    return sock;
  },
  (sock) => options.detach_filter(sock),
  { isOnce: true },
);
on('bind_to_device', datagrams, (sock) => options.bind_to_device(sock, 'lo'));
on(
  'bind_to_device by number',
  datagrams,
  (sock) => options.bind_to_device(sock, socket.if_nametoindex('lo')),
  // Python's text for whatever if_nametoindex(3) could not find out has no number.
  { hides: [] },
);
on('join_group', datagrams, (sock) => options.join_group(sock, GROUP, 'lo'), { isOnce: true });
on(
  'leave_group',
  () => {
    const sock = datagrams();
    options.join_group(sock, GROUP, 'lo');
    return sock;
  },
  (sock) => options.leave_group(sock, GROUP, 'lo'),
  { isOnce: true },
);
on(
  'peercred',
  () => new Pair(),
  ({ ends }) => options.peercred(ends[0]).pid === process.pid,
);
// Nothing translates addresses here, so that the kernel has none: what matters is that a fault is
// told as such, and that the next call says the same as ever.
on(
  'original_dst',
  () => new Connection(),
  ({ client }) => {
    try {
      return options.original_dst(client);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOPROTOOPT' || code === 'EOPNOTSUPP') return 'none';
      throw error;
    }
  },
);

const controls = walksOf('berkeley-sockets/ancillary');
const item = () => ancillary.encode('IP_TTL', 1);
controls.pure('encode', item);
controls.pure('decode', () => ancillary.decode([item()]));
controls.pure('get', () => ancillary.get([item()], 'IP_TTL'));
controls.pure('space', () => ancillary.space('IP_TTL'));
controls.pure('ecn', () => ancillary.ecn(3));
controls.pure('dscp', () => ancillary.dscp(3));

const packets = walksOf('berkeley-sockets/packet');
const frame = Buffer.alloc(60);
packets.pure('decode', () => packet.decode(frame));
packets.pure('summary', () => packet.summary(packet.decode(frame)));
packets.pure('inet_checksum', () => packet.inet_checksum(frame));
packets.pure('pseudo_header', () => packet.pseudo_header('127.0.0.1', '127.0.0.1', 17, 8));
