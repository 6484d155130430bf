// Tells systemd how a service is doing, as sd_notify(3) does: `node sd_notify.js --ready`.

import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';

const command = new Command('sd_notify')
  .description(
    'Tells the service manager how a service is doing. For the program that the service manager ' +
      'started, or for another process by --pid, which takes root.',
  )
  .argument('[assignments...]', 'further ones, such as WATCHDOG=1')
  .option('--ready', 'it has started')
  .option('--reloading', 'it reads its configuration again')
  .option('--stopping', 'it is about to end')
  .option('--status <text>', 'what it does, in words')
  .option('--pid <number>', 'the process that is spoken of', number(1, 2 ** 31));

interface Options {
  ready?: boolean;
  reloading?: boolean;
  stopping?: boolean;
  status?: string;
  pid?: number;
}

/** The manager's socket; `@` stands for the zero byte that abstract names begin with. */
function addressOf(name: string): string | Buffer {
  return name.startsWith('@') ? Buffer.from(`\0${name.slice(1)}`) : name;
}

async function notify(): Promise<number> {
  const { ready, reloading, stopping, status, pid } = command.opts<Options>();
  const { NOTIFY_SOCKET } = process.env;
  if (!NOTIFY_SOCKET) throw new Complaint('nobody wants to know: NOTIFY_SOCKET is not set');
  const lines = [...command.args];
  if (ready) lines.push('READY=1');
  if (reloading) {
    // Type=notify-reload wants to know since when.
    lines.push('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }
  if (stopping) lines.push('STOPPING=1');
  if (status !== undefined) lines.push(`STATUS=${status}`);
  if (pid !== undefined) lines.push(`MAINPID=${pid}`);
  const wrong = lines.find((line) => !/^[A-Z_]+=[^\n]*$/.test(line));
  if (wrong !== undefined)
    throw new Complaint(`'${wrong}' is no assignment of one line: NAME=text`);
  if (lines.length === 0) throw new Complaint('there is nothing to tell; see --help');

  using sock = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  const sender = {
    pid: pid ?? process.pid,
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  };
  // The manager takes notice of those that belong to the service; whom we speak for is sent along.
  const credentials = ancillary.encode('SCM_CREDENTIALS', sender);
  sock.sendmsg([Buffer.from(lines.join('\n'))], [credentials], 0, addressOf(NOTIFY_SOCKET));
  return 0;
}

await run(command, notify);
