// Type test: the type of an address follows from the family of its socket.

import * as socket from 'berkeley-sockets';
import { expectTrue, type Same, some } from './expect.js';

type Gives<F extends number> = socket.Address<F>;
type Takes<F extends number> = socket.AddressInput<F>;

type Internet = [host: string, port: number];
type Internet6 = [host: string, port: number, flowinfo: number, scope_id: number];
type Packet = [ifname: string, proto: number, pkttype: number, hatype: number, addr: Buffer];

export function whatEachFamilyGives(): void {
  expectTrue<Same<Gives<typeof socket.AF_INET>, Internet>>();
  expectTrue<Same<Gives<typeof socket.AF_INET6>, Internet6>>();
  expectTrue<Same<Gives<typeof socket.AF_UNIX>, string | Buffer>>();
  expectTrue<Same<Gives<typeof socket.AF_PACKET>, Packet>>();
  expectTrue<Same<Gives<typeof socket.AF_NETLINK>, [pid: number, groups: number]>>();
  expectTrue<Same<Gives<typeof socket.AF_VSOCK>, [cid: number, port: number]>>();
  expectTrue<Same<Gives<typeof socket.AF_QIPCRTR>, [node: number, port: number]>>();
  expectTrue<
    Same<
      Gives<typeof socket.AF_TIPC>,
      [addr_type: number, v1: number, v2: number, v3: number, scope: number]
    >
  >();
  expectTrue<
    Same<Gives<typeof socket.AF_ALG>, [type: string, name: string, feat: number, mask: number]>
  >();
  // Another name of the same family.
  expectTrue<Same<Gives<typeof socket.AF_ROUTE>, Gives<typeof socket.AF_NETLINK>>>();
  // A name of a family without a form of its own comes as its number and its bytes.
  expectTrue<Same<Gives<typeof socket.AF_APPLETALK>, [family: number, data: Buffer]>>();
}

export function whatTheConstructorMakesOfIt(): void {
  expectTrue<Same<ReturnType<socket.socket['getsockname']>, Internet>>();
  const byDefault = new socket.socket();
  expectTrue<Same<typeof byDefault, socket.socket<typeof socket.AF_INET>>>();
  const ofUnix = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  expectTrue<Same<ReturnType<typeof ofUnix.getsockname>, string | Buffer>>();
  const byName = new socket.socket({ family: socket.AF_INET6, type: socket.SOCK_DGRAM });
  expectTrue<Same<ReturnType<typeof byName.getpeername>, Internet6>>();
  const withoutFamily = new socket.socket({ type: socket.SOCK_DGRAM });
  expectTrue<Same<ReturnType<typeof withoutFamily.getsockname>, Internet>>();
  const typeByName = new socket.socket(socket.AF_UNIX, { type: socket.SOCK_DGRAM });
  expectTrue<Same<typeof typeByName, socket.socket<typeof socket.AF_UNIX>>>();
  const protoByName = new socket.socket(socket.AF_INET6, socket.SOCK_RAW, { proto: 58 });
  expectTrue<Same<typeof protoByName, socket.socket<typeof socket.AF_INET6>>>();
  const raw = new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3, null);
  expectTrue<Same<typeof raw.family, typeof socket.AF_PACKET>>();
  expectTrue<Same<ReturnType<typeof raw.getsockname>, Packet>>();
  // One of two families that are known gives the addresses of both.
  const either = new socket.socket(some<typeof socket.AF_INET | typeof socket.AF_INET6>());
  expectTrue<Same<ReturnType<typeof either.getsockname>, Internet | Internet6>>();
}

export function aFamilyThatIsKnownAtRunTimeOnly(): void {
  // Nothing is known of its addresses, which are `any`; the caller says by a cast what they are.
  const unknown = new socket.socket(some<number>(), socket.SOCK_STREAM);
  const name = unknown.getsockname();
  // biome-ignore lint/suspicious/noExplicitAny: that is what is expected
  expectTrue<Same<typeof name, any>>();
  const literal = new socket.socket(2);
  // biome-ignore lint/suspicious/noExplicitAny: that is what is expected
  expectTrue<Same<ReturnType<typeof literal.getsockname>, any>>();
  const [host, port]: Internet = unknown.getsockname();
  unknown.connect([host, port]);
  unknown.bind('/a/path');
  // @ts-expect-error: no family has such an address
  unknown.bind({ path: '/a/path' });
  // Nor can the compiler know what a descriptor is: the type argument says it.
  const adopted = new socket.socket<typeof socket.AF_UNIX>({ fileno: 3 });
  expectTrue<Same<ReturnType<typeof adopted.getsockname>, string | Buffer>>();
}

export function whatEachFamilyTakes(): void {
  const inet = new socket.socket();
  inet.bind(['', 0]);
  inet.bind(['127.0.0.1', 0] as const);
  inet.connect([Buffer.from('localhost'), 80]);
  inet.connect(inet.getsockname());
  // @ts-expect-error: the port is missing
  inet.bind(['127.0.0.1']);
  // @ts-expect-error: the port is a number
  inet.bind(['127.0.0.1', '80']);
  // @ts-expect-error: IPv4 has no scope
  inet.bind(['127.0.0.1', 80, 0, 0]);
  // @ts-expect-error: a path is not an address of AF_INET
  inet.bind('/a/path');
  // @ts-expect-error: nor is nothing
  inet.connect(null);

  const inet6 = new socket.socket(socket.AF_INET6);
  inet6.bind(['::1', 0]);
  inet6.bind(['::1', 0, 0]);
  inet6.bind(['fe80::1', 0, 0, 1]);
  inet6.connect(inet6.getpeername());
  // @ts-expect-error: there are four items at most
  inet6.bind(['::1', 0, 0, 0, 0]);

  const unix = new socket.socket(socket.AF_UNIX);
  unix.bind('/a/path');
  unix.bind(Buffer.from('\0abstract'));
  unix.bind(new Uint8Array(1));
  unix.connect(unix.getsockname());
  // @ts-expect-error: AF_UNIX has names, no pairs
  unix.bind(['127.0.0.1', 80]);
  // @ts-expect-error: a name is no number
  unix.connect(3);

  const packet = new socket.socket(socket.AF_PACKET, socket.SOCK_RAW);
  packet.bind(['lo', 0]);
  packet.bind(['lo', socket.ETH_P_ALL, 0, 1, Buffer.alloc(6)]);
  packet.sendto(Buffer.alloc(14), packet.getsockname());
  // @ts-expect-error: the interface is given by its name
  packet.bind([1, 0]);

  const netlink = new socket.socket(socket.AF_NETLINK, socket.SOCK_RAW);
  netlink.bind([0, 0]);
  // @ts-expect-error: two numbers
  netlink.bind(['0', 0]);

  const can = new socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW);
  can.bind(['vcan0']);
  can.bind(['vcan0', 1, 2]);
  can.bind(['vcan0', 2n ** 60n, 0, 1]);
  // @ts-expect-error: an interface, and two or three more numbers
  can.bind(['vcan0', 1]);
}

export function addressesTakenByHelpers(): socket.socket<typeof socket.AF_INET6> {
  const take = (address: Takes<typeof socket.AF_INET>): number => address[1];
  take(['localhost', 80]);
  const server = socket.create_server(['::', 0], { family: socket.AF_INET6 });
  // @ts-expect-error: the default family is AF_INET
  socket.create_server('/a/path');
  socket.create_server('/a/path', { family: socket.AF_UNIX });
  socket.create_connection(['localhost', 'http'], 3, ['', 0], { all_errors: true });
  socket.create_connection(['localhost', 80], { timeout: null });
  // @ts-expect-error: a host and a port
  socket.create_connection('localhost:80');
  return server;
}
