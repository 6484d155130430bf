// Closing things in time, also when something goes wrong: a context manager of one's own.

import * as socket from 'berkeley-sockets';

class Session {
  readonly sock: socket.socket<number>;

  constructor(port: number) {
    const address = ['127.0.0.1', port] as const;
    this.sock = socket.create_connection(address);
  }

  [Symbol.dispose](): void {
    const isOpen = this.sock.fileno() > 2;
    console.log(
      'goodbye from descriptor',
      isOpen ? 'open' : 'closed',
    );
    this.sock.close();
  }

  ask(question: string): string {
    this.sock.sendall(Buffer.from(question));
    return this.sock.recv(100).toString();
  }
}

let sock: socket.socket<number>;
{
  using session = new Session(Number(process.argv[2]));
  sock = session.sock;
  console.log(session.ask('how are you?'));
  const seen: { closed: boolean }[] = [];
  try {
    using file = session.sock.makefile('rb');
    seen.push(file);
    throw new socket.ValueError('something is wrong');
  } catch (error) {
    if (!(error instanceof socket.ValueError)) throw error;
    const closed = seen.every((file) => file.closed);
    console.log(error.message, closed ? 'True' : 'False');
  }
}
console.log(sock.fileno());
