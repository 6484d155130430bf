// Sends messages to the system's log, as logger(1) does: `node syslog.js MESSAGE`.

import { createInterface } from 'node:readline';
import * as socket from 'berkeley-sockets';
import { Command } from 'commander';
import { Complaint, run } from './support/command.js';

const command = new Command('syslog')
  .description('Sends a message to the system log, or each line of standard input.')
  .argument('[words...]', 'the message')
  .option('-p, --priority <facility.level>', 'what it is about, and how bad', 'user.notice')
  .option('-t, --tag <name>', 'who says it', process.env.USER ?? 'syslog')
  .option('-u, --socket <path>', "the log's socket", '/dev/log');

/** The names of syslog(3), in the order of their numbers. */
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];
const FACILITIES = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
];
const FIRST_LOCAL = 16;

function priorityOf(text: string): number {
  const [facility = '', level = ''] = text.split('.');
  const local = /^local([0-7])$/.exec(facility)?.[1];
  const number = local ? FIRST_LOCAL + Number(local) : FACILITIES.indexOf(facility);
  if (number < 0 || !LEVELS.includes(level)) {
    throw new Complaint(
      `${text} is no priority: ${FACILITIES.join('|')}|local0-7 . ${LEVELS.join('|')}`,
    );
  }
  return number * LEVELS.length + LEVELS.indexOf(level);
}

/** `Nov  3 21:04:05`, the local time as RFC 3164 has it. */
function timestamp(now: Date): string {
  const month = now.toLocaleString('en', { month: 'short' });
  return `${month} ${String(now.getDate()).padStart(2)} ${now.toTimeString().slice(0, 8)}`;
}

async function log(stop: AbortSignal): Promise<number> {
  const options = command.opts<{ priority: string; tag: string; socket: string }>();
  const priority = priorityOf(options.priority);
  using sock = new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);
  try {
    sock.connect(options.socket);
  } catch (error) {
    throw new Complaint(`no log at ${options.socket}: ${(error as Error).message}`);
  }
  const say = (text: string) => {
    const head = `<${priority}>${timestamp(new Date())} ${options.tag}[${process.pid}]:`;
    sock.send(Buffer.from(`${head} ${text}`));
  };
  if (command.args.length > 0) {
    say(command.args.join(' '));
    return 0;
  }
  const lines = createInterface({ input: process.stdin, signal: stop });
  for await (const line of lines) say(line);
  return 0;
}

await run(command, log);
