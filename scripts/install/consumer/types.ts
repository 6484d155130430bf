// What a TypeScript program writes; it is compiled against the installed package and never run.

import { AF_UNIX, SOCK_DGRAM, socket, TimeoutError } from 'berkeley-sockets';
import { get } from 'berkeley-sockets/ancillary';
import { toStream } from 'berkeley-sockets/interop';
import { peercred } from 'berkeley-sockets/options';
import { ipv4 } from 'berkeley-sockets/packet';
import * as promises from 'berkeley-sockets/promises';
import { select } from 'berkeley-sockets/select';
import { DefaultSelector, EVENT_READ } from 'berkeley-sockets/selectors';
import { StreamRequestHandler, ThreadingTCPServer } from 'berkeley-sockets/socketserver';

const sock = new socket(AF_UNIX, SOCK_DGRAM);
const name: string | Buffer = sock.getsockname();
// @ts-expect-error the address of such a socket is a path
sock.bind(['127.0.0.1', 80]);
const pid: number = peercred(sock).pid;
const [, ancdata] = sock.recvmsg(1, 100);
const ttl: number | undefined = get(ancdata, 'IP_TTL');
toStream(sock).write('a stream of Node');
const [readable] = select([sock], [], [], null);
new DefaultSelector().register(sock, EVENT_READ);
const length: number = ipv4.parse(Buffer.alloc(20)).ttl;

class Handler extends StreamRequestHandler {
  override handle() {
    this.wfile.write(this.rfile.readline());
  }
}

export async function main(): Promise<number> {
  await new ThreadingTCPServer(['', 0], Handler).serve_forever();
  try {
    using client = await promises.create_connection(['localhost', 80], 5);
    return (await client.recv(100, 0, { timeout: 1 })).length;
  } catch (error) {
    if (error instanceof TimeoutError) return [name, pid, ttl, readable, length].length;
    throw error;
  }
}
