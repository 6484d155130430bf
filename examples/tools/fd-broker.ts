// Opens files for processes that may not: `node fd-broker.js serve PATH DIRECTORY`, `… get PATH FILE`.

import {
  chmodSync,
  closeSync,
  createReadStream,
  openSync,
  realpathSync,
  unlinkSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { peercred } from 'berkeley-sockets/options';
import * as socket from 'berkeley-sockets/promises';
import { Argument, Command } from 'commander';
import { Complaint, number, run } from './support/command.js';

const LONGEST_NAME = 4096;
/** Seconds for a client to say what it wants. */
const PATIENCE = 5;

type Connection = socket.socket<typeof socket.AF_UNIX>;

/** Reads one more number of a user. */
const oneMore = (text: string, others: number[] = []) => [...others, number(0, 2 ** 32 - 1)(text)];

const command = new Command('fd-broker')
  .description(
    'Passes open files to other processes. "serve" opens what lies in a directory for those who ' +
      'ask, and the kernel gives the open file to the process; "get" asks, and prints the file.',
  )
  .addArgument(new Argument('<mode>', 'what to do').choices(['serve', 'get']))
  .argument('<socket>', "the broker's path")
  .argument('<name>', 'the directory to serve, or the file to get')
  .option('-u, --user <number>', 'who may ask, may be repeated (default: this user)', oneMore);

/** Opens a file for reading that lies in a directory, links followed. */
function openIn(directory: string, name: string): number {
  const path = realpathSync(join(directory, name));
  if (!path.startsWith(directory + sep)) throw new Error('outside of the directory');
  return openSync(path, 'r');
}

async function serveOne(sock: Connection, directory: string, users: number[]): Promise<void> {
  using connection = sock;
  const { pid, uid } = peercred(connection);
  const name = String(await connection.recv(LONGEST_NAME, { timeout: PATIENCE }));
  let fd: number | undefined;
  try {
    // The kernel says who asks: nobody can pretend to be somebody else.
    if (!users.includes(uid)) throw new Error(`not for user ${uid}`);
    fd = openIn(directory, name);
    await socket.send_fds(connection, [Buffer.from('ok')], [fd]);
    console.log(`${name} for process ${pid} of user ${uid}`);
  } catch (error) {
    const { message } = error as Error;
    console.log(`${name} refused to process ${pid} of user ${uid}: ${message}`);
    await connection.sendall(Buffer.from(message));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

async function serve(
  path: string,
  directory: string,
  users: number[],
  stop: AbortSignal,
): Promise<number> {
  const root = realpathSync(directory);
  using listener = new socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET);
  await listener.bind(path);
  // Anybody may connect: who it is the kernel tells, and we decide.
  chmodSync(path, 0o666);
  listener.listen();
  console.log(`files of ${root} at ${path}`);
  stop.addEventListener('abort', () => listener.close(), { once: true });
  try {
    for await (const [connection] of listener.connections()) {
      serveOne(connection, root, users).catch((error) =>
        console.error(`fd-broker: ${error.message}`),
      );
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    unlinkSync(path);
  }
  return 0;
}

async function get(path: string, name: string): Promise<number> {
  using sock = new socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET);
  try {
    await sock.connect(path);
  } catch (error) {
    throw new Complaint(`no broker at ${path}: ${(error as Error).message}`);
  }
  await sock.sendall(Buffer.from(name));
  const [answer, [fd]] = await socket.recv_fds(sock, LONGEST_NAME, 1);
  if (fd === undefined) throw new Complaint(`${name}: ${answer.toString() || 'no answer'}`);
  await pipeline(createReadStream('', { fd }), process.stdout, { end: false });
  return 0;
}

await run(command, async (stop) => {
  const [mode, path = '', name = ''] = command.args;
  if (mode === 'get') return get(path, name);
  const { user = [process.getuid?.() ?? 0] } = command.opts<{ user?: number[] }>();
  return serve(path, name, user, stop);
});
