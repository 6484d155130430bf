// The chat server of chat.ts with AsyncTCPServer: a handler for each person, all on the event loop.

import { OSError, SHUT_RDWR } from 'berkeley-sockets';
import { AsyncStreamRequestHandler, AsyncTCPServer } from 'berkeley-sockets/socketserver';
import { Command } from 'commander';
import { number, run } from './support/command.js';
import { Room } from './support/room.js';

const command = new Command('chat-async')
  .description('A chat server of lines, a handler for each person. Talk to it by nc or telnet.')
  .option('-b, --bind <address>', 'where to listen', '127.0.0.1')
  .option('-p, --port <port>', 'where to listen; 0 for any', number(0, 65535), 4000);

const LONGEST_LINE = 2000;
const MOST_WAITING = 1 << 20;

const room = new Room();
const people = new Set<Person>();

class Person extends AsyncStreamRequestHandler<AsyncTCPServer> {
  #waiting = 0;

  override async handle(): Promise<void> {
    people.add(this);
    const say = room.enter((line) => this.#hear(line));
    try {
      for (;;) {
        const line = await this.rfile.readline(LONGEST_LINE);
        if (line.length === 0) return;
        say(String(line).replace(/\r?\n$/, ''));
      }
    } catch {
      // A connection that breaks is an end like any other.
    } finally {
      say(undefined);
      people.delete(this);
    }
  }

  /** Ends the reading, and with it the handler. A file of a socket's keeps `close()` waiting. */
  leave(): void {
    try {
      this.request.shutdown(SHUT_RDWR);
    } catch (error) {
      // It has gone by itself.
      if (!(error instanceof OSError)) throw error;
    }
  }

  /** Sends a line; writes are done in their order. Who does not read is shown out. */
  #hear(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    this.#waiting += bytes.length;
    if (this.#waiting > MOST_WAITING) this.leave();
    this.request
      .sendall(bytes)
      .then(() => {
        this.#waiting -= bytes.length;
      })
      // The reading side learns of it, too.
      .catch(() => {});
  }
}

class Server extends AsyncTCPServer {
  // Five, as Python has it, are few where a hundred people come at once.
  static override request_queue_size = 128;
}

async function chat(stop: AbortSignal): Promise<number> {
  const { bind, port } = command.opts<{ bind: string; port: number }>();
  const server = new Server([bind, port], Person);
  console.log(`listening on ${bind} port ${server.server_address[1]}`);
  stop.addEventListener('abort', () => void server.shutdown(), { once: true });
  await server.serve_forever();
  console.log(`closed, with ${people.size} people in the room`);
  // The server waits for the handlers, and those for their people.
  for (const person of people) person.leave();
  await server.server_close();
  return 0;
}

await run(command, chat);
