// Descriptors that are no sockets, some of kinds that only another program can make.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { environmentOf, type Python } from './python.js';
import { unixPath } from './sockets.js';

/** The two ends of a pipe, as numbers. */
export interface Pipe {
  readonly reader: number;
  readonly writer: number;
}

/** Opens a descriptor that is closed when the test ends. */
export function open(context: TestContext, path: string, flags: number): number {
  const fd = openSync(path, flags);
  context.after(() => closeSync(fd));
  return fd;
}

/** A pipe whose ends the test closes. */
export function openPipe(context: TestContext): Pipe {
  const path = unixPath(context);
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: openSync(path, constants.O_WRONLY | constants.O_NONBLOCK) };
}

/** A pipe whose ends are closed when the test ends. */
export function pipe(context: TestContext): Pipe {
  const ends = openPipe(context);
  context.after(() => {
    closeSync(ends.reader);
    closeSync(ends.writer);
  });
  return ends;
}

// An eventfd, an epoll descriptor that watches it, and the two ends of a terminal.
const PROGRAM = `
import array, os, select, socket, tty
event = os.eventfd(0)
epoll = select.epoll()
epoll.register(event, select.EPOLLIN)
master, slave = os.openpty()
tty.setraw(slave)
fds = array.array('i', [event, epoll.fileno(), master, slave])
with socket.socket(fileno=3) as s:
    s.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
`;

/** Descriptors of other kinds, made by Python; closed when the test ends. */
export function foreignDescriptors(context: TestContext, python: Python) {
  const [here, there] = socket.socketpair();
  try {
    const child = spawn(python.command, ['-c', PROGRAM], {
      env: environmentOf(python.command),
      stdio: ['ignore', 'ignore', 'inherit', there.fileno()],
    });
    context.after(() => child.kill());
    there.close();
    here.settimeout(20);
    const [, fds] = socket.recv_fds(here, 1, 4);
    for (const fd of fds) context.after(() => closeSync(fd));
    const [event, epoll, master, slave] = fds as [number, number, number, number];
    return { event, epoll, master, slave };
  } finally {
    here.close();
    there.close();
  }
}
