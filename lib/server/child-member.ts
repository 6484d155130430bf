// Starts child processes for a pool.

import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { entry } from './entry.js';
import { type Member, type MemberEvents, remade } from './member.js';
import type { Answer, Plan, Remark } from './plan.js';

/** The descriptors of a child: the channel, a pipe to talk through, and a datagram server's socket. */
export const CHILD_CHANNEL = 3;
export const CHILD_PIPE = 4;
export const CHILD_SOCKET = 5;

/** Options of Node's that are for the program that was started, not for what it starts. */
const OWN_OPTIONS = /^(-[cehipv]|-pe|--(inspect|test|watch|eval|print|check|interactive|debug))/;

/** Node's options for a child: the parent's, as far as they mean it, too. */
function inheritedOptions(): string[] {
  const kept: string[] = [];
  for (let index = 0; index < process.execArgv.length; index += 1) {
    const option = process.execArgv[index] as string;
    if (!OWN_OPTIONS.test(option)) {
      kept.push(option);
      continue;
    }
    // A value of its own, such as the text of --eval, goes with the option.
    const next = process.execArgv[index + 1];
    if (!option.includes('=') && next !== undefined && !next.startsWith('-')) index += 1;
  }
  return kept;
}

/**
 * Starts a process.
 *
 * @throws Error if `server.shared` cannot be cloned
 */
export function startChild(plan: Plan, events: MemberEvents): Member {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  const { channel, serverSocket } = plan;
  const there: Plan = {
    ...plan,
    channel: CHILD_CHANNEL,
    serverSocket: serverSocket && { ...serverSocket, fd: CHILD_SOCKET },
  };
  // Before there is a child: what cannot be cloned throws here.
  const message = planMessage(there);
  const child = spawn(
    process.execPath,
    [...inheritedOptions(), fileURLToPath(entry('child')), ...process.argv.slice(2)],
    {
      stdio: ['inherit', 'inherit', 'inherit', channel, 'pipe', serverSocket?.fd ?? 'ignore'],
      // Ctrl-C in a terminal is for the server, which may want its requests to be finished.
      detached: true,
    },
  );
  if (child.pid === undefined) return unborn(child, events);
  const pipe = child.stdio[CHILD_PIPE] as Socket;
  const title = `Child process ${child.pid}`;
  // A child that ends before it has read this is heard of by its exit code.
  pipe.on('error', () => {});
  pipe.write(message);
  listen(child, pipe, events);
  return {
    title,
    pid: child.pid,
    ref: () => change(child, pipe, 'ref'),
    unref: () => change(child, pipe, 'unref'),
    stop: () => void child.kill('SIGKILL'),
    dismiss: () => void child.kill('SIGKILL'),
  };
}

/** Lets the child keep the program running, or lets it do so no more. */
function change(child: ChildProcess, pipe: Socket, how: 'ref' | 'unref'): void {
  try {
    child[how]();
  } catch {
    // Deno's throws between the end of the process and the news of that.
  }
  // One that is closed would remember this for a connection that never comes.
  if (!pipe.destroyed) pipe[how]();
}

/** A process that the system could not start. */
function unborn(child: ChildProcess, events: MemberEvents): Member {
  child.once('error', ({ message }) => events.ended(message));
  const nothing = () => {};
  return {
    title: 'A child process',
    pid: -1,
    ref: nothing,
    unref: nothing,
    stop: nothing,
    dismiss: nothing,
  };
}

/** The plan, behind its length. */
function planMessage(plan: Plan): Buffer {
  const bytes = process.getBuiltinModule('node:v8').serialize(plan);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function listen(child: ChildProcess, pipe: Socket, events: MemberEvents): void {
  let rest = '';
  pipe.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) hear(JSON.parse(line));
  });
  function hear(remark: Remark): void {
    if (remark.what === 'ready') events.ready();
    else if (remark.what === 'failed') events.failed(remade(remark));
    else {
      const answer: Answer = { call: remark.call };
      const reply = () => void pipe.write(`${JSON.stringify(answer)}\n`);
      void events.shutdown().then(reply, reply);
    }
  }
  // A signal that could not be sent.
  child.on('error', () => {});
  // When it has exited and everything it said is heard.
  child.on('close', (code, signal) => {
    const how = code === 0 ? undefined : `exit code ${code}`;
    if (signal === null) events.ended(how);
    else events.ended(`signal ${signal}`, true);
  });
}
