// Programs of classic BPF on sockets: the kernel's networking/filter.rst, tcpdump's option -ddd.

import { SO_ATTACH_FILTER, SO_DETACH_FILTER, SOL_SOCKET } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import { toField, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import { native } from '../native.js';
import { typeName } from '../types.js';
import { type OptionSocket, requireOption, toSocket } from './socket.js';

/** An instruction, `struct sock_filter`: what to do, how far to jump if true or false, a number. */
export type FilterInstruction = readonly [code: number, jt: number, jf: number, k: number];

const INSTRUCTION_BYTES = 8;
/** BPF_MAXINSNS of linux/bpf_common.h. */
const MOST_INSTRUCTIONS = 4096;

/** The instructions in the output of `tcpdump -ddd`: their number, then one in each line. */
function parseProgram(text: string): number[][] {
  const [first = '', ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const instructions = lines.map((line, index) => {
    if (!/^\d+ \d+ \d+ \d+$/.test(line)) {
      throw new ValueError(`program: line ${index + 2} is no instruction: '${line}'`);
    }
    return line.split(' ').map(Number);
  });
  if (!/^\d+$/.test(first) || Number(first) !== instructions.length) {
    const count = instructions.length;
    throw new ValueError(`program: line 1 should be the number of instructions, ${count}`);
  }
  return instructions;
}

function instructionsOf(program: unknown): readonly unknown[] {
  if (typeof program === 'string') return parseProgram(program);
  if (Array.isArray(program)) return program;
  throw new TypeError(`program must be an array or str, not ${typeName(program)}`);
}

/** The program in the kernel's form. */
function encodeProgram(program: unknown): Uint8Array {
  const instructions = instructionsOf(program);
  if (instructions.length === 0 || instructions.length > MOST_INSTRUCTIONS) {
    const count = instructions.length;
    throw new ValueError(`program must have 1 to ${MOST_INSTRUCTIONS} instructions, not ${count}`);
  }
  // Numbers are in the host's order, which is that of typed arrays.
  const bytes = new Uint8Array(instructions.length * INSTRUCTION_BYTES);
  instructions.forEach((instruction, index) => {
    const what = `program[${index}]`;
    if (!Array.isArray(instruction) || instruction.length !== 4) {
      throw new ValueError(`${what} must be [code, jt, jf, k]`);
    }
    const [code, jt, jf, k] = instruction as unknown[];
    const offset = index * INSTRUCTION_BYTES;
    new Uint16Array(bytes.buffer, offset, 1)[0] = toField(code, `${what} code`, UINT16_MAX);
    bytes[offset + 2] = toField(jt, `${what} jt`, UINT8_MAX);
    bytes[offset + 3] = toField(jf, `${what} jf`, UINT8_MAX);
    new Uint32Array(bytes.buffer, offset + 4, 1)[0] = toField(k, `${what} k`, UINT32_MAX);
  });
  return bytes;
}

/**
 * Attaches a program of classic BPF, which decides of each packet how much of it the socket gets.
 * It takes the place of one that was attached before. socket(7), SO_ATTACH_FILTER.
 *
 * Packets that came before are not filtered. To lose none and see no others, attach the program
 * before `bind`.
 *
 * @param sock any socket; packet sockets are the usual ones
 * @param program the instructions, or what `tcpdump -ddd` prints for an expression
 * @throws ValueError or OverflowError for a program that is none
 * @throws OSError (EINVAL) if the kernel refuses it
 */
export function attach_filter(
  sock: OptionSocket,
  program: string | readonly FilterInstruction[],
): void {
  const fd = toSocket(sock).fileno();
  const option = requireOption(SO_ATTACH_FILTER, 'SO_ATTACH_FILTER');
  const result = native.attachFilter(fd, SOL_SOCKET, option, encodeProgram(program));
  if (result < 0) throw osError(result, 'setsockopt');
}

/**
 * Takes the program off again. socket(7), SO_DETACH_FILTER.
 *
 * @throws OSError (ENOENT) if there is none
 */
export function detach_filter(sock: OptionSocket): void {
  const option = requireOption(SO_DETACH_FILTER, 'SO_DETACH_FILTER');
  // The kernel wants a number there and does not look at it.
  toSocket(sock).setsockopt(SOL_SOCKET, option, 0);
}
