// What the long run's servers are and do, where threads and child processes find them.

import {
  AsyncStreamRequestHandler,
  AsyncTCPServer,
  ForkingTCPServer,
  StreamRequestHandler,
  TCPServer,
  ThreadingTCPServer,
} from 'berkeley-sockets/socketserver';

/** Seconds that a handler has patience with a client that says nothing. */
const PATIENCE = 2;
const BACKLOG = 1024;

/** The answer to a line with a number; nothing to anything else. */
function answerTo(line: Buffer): string | undefined {
  const number = /^(\d+)\n$/.exec(String(line))?.[1];
  return number && `<${number}>\n`;
}

/** Answers lines for as long as they make sense. */
export class Answer extends StreamRequestHandler {
  static module = import.meta.url;
  static override timeout = PATIENCE;

  override handle(): void {
    for (const line of this.rfile) {
      const answer = answerTo(line);
      if (answer === undefined) return;
      this.wfile.write(Buffer.from(answer));
    }
  }
}

/** The same on the event loop. */
export class AsyncAnswer extends AsyncStreamRequestHandler {
  static override timeout = PATIENCE;

  override async handle(): Promise<void> {
    for await (const line of this.rfile) {
      const answer = answerTo(line);
      if (answer === undefined) return;
      await this.wfile.write(Buffer.from(answer));
    }
  }
}

/** Keeps a connection whose client is silent. */
export class PatientAnswer extends Answer {
  static override timeout = 60;
}

export class PatientAsyncAnswer extends AsyncAnswer {
  static override timeout = 60;
}

// Clients that reset or stall make handlers throw, which is what is wanted here: nothing is printed.

export class HereServer extends TCPServer {
  static override request_queue_size = BACKLOG;
  override handle_error(): void {}
}

export class ThreadServer extends ThreadingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
  override handle_error(): void {}
}

export class ProcessServer extends ForkingTCPServer {
  static module = import.meta.url;
  static override request_queue_size = BACKLOG;
  override handle_error(): void {}
}

export class LoopServer extends AsyncTCPServer {
  static override request_queue_size = BACKLOG;
  override handle_error(): void {}
}
