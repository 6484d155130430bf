// A chat server for many people in one thread, with selectors: `node chat.js`, then `nc HOST PORT`.

import { StringDecoder } from 'node:string_decoder';
import * as socket from 'berkeley-sockets';
import * as selectors from 'berkeley-sockets/selectors';
import { Command } from 'commander';
import { number, run } from './support/command.js';
import { Room } from './support/room.js';

const command = new Command('chat')
  .description('A chat server of lines, one thread for everybody. Talk to it by nc or telnet.')
  .option('-b, --bind <address>', 'where to listen', '127.0.0.1')
  .option('-p, --port <port>', 'where to listen; 0 for any', number(0, 65535), 4000);

/** What to do when a socket is ready. */
type Handler = (events: number) => void;

const CHUNK = 4096;
const LONGEST_LINE = 2000;
/** Who does not read so much of what was said is shown out. */
const MOST_WAITING = 1 << 20;
const { EVENT_READ, EVENT_WRITE } = selectors;

type Selector = selectors.DefaultSelector<Handler, socket.socket>;

function welcome(connection: socket.socket, selector: Selector, room: Room): void {
  // The selector says when there is something to do; no call may wait by itself.
  connection.setblocking(false);
  const decoder = new StringDecoder('utf8');
  let text = '';
  let waiting = Buffer.alloc(0);
  let isGone = false;

  const leave = () => {
    if (isGone) return;
    isGone = true;
    selector.unregister(connection);
    connection.close();
    say(undefined);
  };

  const hear = (line: string) => {
    waiting = Buffer.concat([waiting, Buffer.from(`${line}\n`)]);
    // Not at once: whoever speaks is in the middle of telling everybody.
    if (waiting.length > MOST_WAITING) queueMicrotask(leave);
    else if (!isGone && connection.fileno() >= 0) watch();
  };

  const watch = () => {
    const events = EVENT_READ | (waiting.length > 0 ? EVENT_WRITE : 0);
    selector.modify(connection, events, serve);
  };

  const read = () => {
    const data = connection.recv(CHUNK);
    if (data.length === 0) return leave();
    const lines = (text + decoder.write(data)).split(/\r?\n/);
    text = lines.pop() ?? '';
    for (const line of lines) say(line.slice(0, LONGEST_LINE));
    if (text.length > LONGEST_LINE) leave();
  };

  const serve: Handler = (events) => {
    try {
      if (events & EVENT_WRITE) waiting = waiting.subarray(connection.send(waiting));
      if (events & EVENT_READ) read();
      if (!isGone) watch();
    } catch (error) {
      // Readiness is a hint only; any other error is the end of this connection alone.
      if (!(error instanceof socket.OSError)) throw error;
      if (!(error instanceof socket.BlockingIOError)) leave();
    }
  };

  selector.register(connection, EVENT_READ, serve);
  const say = room.enter(hear);
}

async function chat(stop: AbortSignal): Promise<number> {
  const { bind, port } = command.opts<{ bind: string; port: number }>();
  const room = new Room();
  using selector: Selector = new selectors.DefaultSelector();
  using listener = socket.create_server([bind, port]);
  listener.setblocking(false);
  selector.register(listener, EVENT_READ, () => {
    const [connection] = listener.accept();
    welcome(connection, selector, room);
  });
  console.log(`listening on ${bind} port ${listener.getsockname()[1]}`);
  try {
    for (;;) {
      for (const [key, events] of await selector.select_async(null, { signal: stop })) {
        key.data(events);
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  const people = [...(selector.get_map()?.values() ?? [])].map(({ fileobj }) => fileobj);
  for (const sock of people) if (sock !== listener) sock.close();
  console.log(`closed, with ${people.length - 1} people in the room`);
  return 0;
}

await run(command, chat);
