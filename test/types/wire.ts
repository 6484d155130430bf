// Type test: control messages, packets, and options with structures.

import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import * as options from 'berkeley-sockets/options';
import { decode, ipv4, ipv6, tcp, udp } from 'berkeley-sockets/packet';
import { expectTrue, type Same, some, use } from './expect.js';

export function theNameOfAMessageTellsItsValue(): void {
  const [, ancdata] = some<socket.socket>().recvmsg(1, 1);
  for (const message of ancillary.decode(ancdata)) {
    if (message.name === 'IP_TTL') expectTrue<Same<typeof message.value, number>>();
    if (message.name === 'SCM_RIGHTS') expectTrue<Same<typeof message.value, number[]>>();
    if (message.name === null) expectTrue<Same<typeof message.value, Buffer>>();
    if (message.name === 'IP_RECVERR') {
      expectTrue<Same<typeof message.value.offender, [host: string, port: number] | null>>();
    }
  }
  const time = ancillary.get(ancdata, 'SO_TIMESTAMPNS');
  expectTrue<Same<typeof time, bigint | undefined>>();
  // @ts-expect-error: no message is called so
  ancillary.get(ancdata, 'IP_NONE');
}

export function messagesAreEncodedFromValuesOfTheirOwn(): void {
  const items = [
    ancillary.encode('IP_PKTINFO', { ifindex: 1 }),
    ancillary.encode('SCM_RIGHTS', new Set([1, 2])),
    ancillary.encode('SO_TIMESTAMP', 1n),
  ];
  some<socket.socket>().sendmsg([], items);
  // @ts-expect-error: a number
  ancillary.encode('IP_TTL', '7');
  // @ts-expect-error: nanoseconds are a bigint
  ancillary.encode('SO_TIMESTAMP', 1);
}

export function headersHaveTypesInTheirNamespaces(): void {
  const packet = ipv4.parse(Buffer.alloc(20));
  expectTrue<Same<typeof packet, ipv4.Ipv4>>();
  const datagram = udp.parse(packet.payload, { verify: true, network: packet });
  // What was parsed can be built again.
  use(ipv4.build(packet), udp.build(datagram, undefined, { network: packet }));
  use(ipv6.build(some<ipv6.Ipv6>()), tcp.build(some<tcp.Tcp>()));
  const found = decode(Buffer.alloc(1), socket.ARPHRD_ETHER);
  expectTrue<Same<typeof found.tcp, tcp.Tcp | undefined>>();
  // @ts-expect-error: without addresses
  ipv4.build({ protocol: 1 });
  // @ts-expect-error: no option is called so
  tcp.build({ sourcePort: 1, destinationPort: 2, options: [{ name: 'ttl' }] });
}

export function optionsTakeSocketsOfEitherFlavour(): void {
  const sock = some<socket.socket<typeof socket.AF_INET6>>();
  for (const either of [sock, sock.promises]) {
    options.bind_to_device(either, 'eth0');
    options.join_group(either, 'ff02::1', { interface: 1, source: null });
    options.attach_filter(either, [[6, 0, 0, 0]]);
    use(options.original_dst(either), options.peercred(either));
  }
  // @ts-expect-error: an instruction has four numbers
  options.attach_filter(sock, [[6, 0, 0]]);
}
