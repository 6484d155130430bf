// Type test: the constants, error classes and look-ups of the module.

import * as socket from 'berkeley-sockets';
import { expectTrue, type Same, some, use } from './expect.js';

/** The names of what the module exports whose values are of a type. */
type NamesOf<T> = {
  [Name in keyof typeof socket]: (typeof socket)[Name] extends T ? Name : never;
}[keyof typeof socket];

export function constantsAreNumbers(): void {
  type Constants = Extract<keyof typeof socket, Uppercase<string>>;
  type Texts = 'BDADDR_ANY' | 'BDADDR_LOCAL';
  // What is written in capitals is a number, but for two functions and two Bluetooth addresses.
  expectTrue<Same<Exclude<Constants, NamesOf<number>>, 'CMSG_LEN' | 'CMSG_SPACE' | Texts>>();
  const text: string = socket.BDADDR_ANY;
  const families: number[] = [socket.AF_INET, socket.AF_UNIX, socket.AF_PACKET];
  const flags: number = socket.MSG_PEEK | socket.MSG_DONTWAIT;
  const type: number = socket.SOCK_STREAM | socket.SOCK_NONBLOCK;
  use(families, flags, type, text);
  // @ts-expect-error: a constant cannot be assigned to
  socket.AF_INET = socket.AF_UNIX;
  // A family is more than its number: which one it is decides about the addresses.
  expectTrue<Same<typeof socket.AF_INET extends typeof socket.AF_UNIX ? true : false, false>>();
  expectTrue<Same<number extends typeof socket.AF_UNIX ? true : false, false>>();
}

export function enumerationsGoBothWays(): void {
  expectTrue<Same<typeof socket.AddressFamily.AF_INET, typeof socket.AF_INET>>();
  const name: string | undefined = socket.AddressFamily[2];
  const kind: number = socket.SocketKind.SOCK_STREAM;
  const flag: string | undefined = socket.MsgFlag[kind];
  const hint: number = socket.AddressInfo.AI_PASSIVE;
  // @ts-expect-error: another prefix
  socket.SocketKind.AF_INET;
  use(name, flag, hint);
}

export function errorsAreAFamily(): void {
  const refused: socket.ConnectionError = some<socket.ConnectionRefusedError>();
  const failed: socket.OSError = refused;
  const plain: Error = failed;
  expectTrue<Same<typeof failed.errno, number | undefined>>();
  expectTrue<Same<typeof failed.code, string | undefined>>();
  expectTrue<Same<typeof failed.strerror, string | undefined>>();
  expectTrue<Same<typeof failed.syscall, string | undefined>>();
  for (const unresolved of [some<socket.gaierror>(), some<socket.herror>()]) {
    const asOSError: socket.OSError = unresolved;
    asOSError.name;
  }
  const range: RangeError = some<socket.ValueError | socket.OverflowError>();
  expectTrue<Same<typeof socket.error, typeof socket.OSError>>();
  expectTrue<Same<typeof socket.timeout, typeof socket.TimeoutError>>();
  // @ts-expect-error: the error number is read only
  failed.errno = 5;
  use(plain, range);
}

export function lookUps(): void {
  const entries = socket.getaddrinfo('localhost', 'http', { family: socket.AF_INET });
  socket.getaddrinfo(null, null, 0, socket.SOCK_STREAM, 0, socket.AI_PASSIVE);
  socket.getaddrinfo({ host: 'localhost', port: 80 });
  // @ts-expect-error: a service, its number or null
  socket.getaddrinfo('localhost', [80]);
  // @ts-expect-error: the port is missing
  socket.getaddrinfo('localhost');
  for (const [family, type, proto, canonname, address] of entries) {
    expectTrue<Same<[typeof family, typeof type, typeof proto], [number, number, number]>>();
    expectTrue<Same<typeof canonname, string>>();
    // What a look-up finds is what a socket of its family connects to.
    const sock = new socket.socket(family, type, proto);
    sock.connect(address);
    const [host, port] = address;
    expectTrue<Same<[typeof host, typeof port], [string, number]>>();
  }

  expectTrue<Same<ReturnType<typeof socket.gethostbyname>, string>>();
  expectTrue<Same<ReturnType<typeof socket.getservbyname>, number>>();
  expectTrue<Same<ReturnType<typeof socket.getservbyport>, string>>();
  const [name, service] = socket.getnameinfo(['127.0.0.1', 80], socket.NI_NUMERICHOST);
  expectTrue<Same<[typeof name, typeof service], [string, string]>>();
  const [host, aliases, addresses] = socket.gethostbyaddr('127.0.0.1');
  expectTrue<Same<[typeof host, typeof aliases, typeof addresses], [string, string[], string[]]>>();
  const fqdn = socket.getfqdn('localhost');
  expectTrue<Same<typeof fqdn, string>>();
  const [index, interfaceName] = socket.if_nameindex()[0];
  expectTrue<Same<[typeof index, typeof interfaceName], [number, string]>>();
}

export function numbersAndBytesOfAddresses(): void {
  expectTrue<Same<ReturnType<typeof socket.inet_aton>, Buffer>>();
  expectTrue<Same<ReturnType<typeof socket.inet_ntop>, string>>();
  const text: string = socket.inet_ntoa(new Uint8Array(4));
  const packed: Buffer = socket.inet_pton(socket.AF_INET6, '::1');
  // @ts-expect-error: the packed form is bytes
  socket.inet_ntoa('1234');
  const swapped: number = socket.htons(80) + socket.ntohl(1);
  // @ts-expect-error: a number
  socket.htons('80');
  use(text, packed, swapped);
}

export function timeoutsAndDescriptors(): void {
  socket.setdefaulttimeout(null);
  expectTrue<Same<ReturnType<typeof socket.getdefaulttimeout>, number | null>>();
  const copy: number = socket.dup(0);
  socket.close(copy);
  // @ts-expect-error: a descriptor, not an object
  socket.close(new socket.socket());
  expectTrue<Same<typeof socket.has_ipv6, boolean>>();
  expectTrue<Same<ReturnType<typeof socket.has_dualstack_ipv6>, boolean>>();
}
