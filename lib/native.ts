// Loads the addon and declares its functions. The only file that knows that there is one.

import { fs, requireHere } from './builtins.js';
import type { NativeResolver } from './native-resolver.js';
import { forget, lengthOf, nothingRemembered, type Remembered, remember } from './remembered.js';

/** An address that could not be encoded or decoded: [kind, code, text, index of the item]. */
export type NativeAddressError = [kind: number, code: number, text: string, field: number];

/** `[items, malformed]` of a received message, an item being `[level, type, bytes]`. */
export type NativeAncillary = [items: [number, number, Buffer][], malformed: boolean];

/** recvmmsg(2) and sendmmsg(2): how many messages came or went, or a negative error number. */
export type NativeBatchCall = (
  fd: number,
  entries: Uint8Array,
  data: Uint8Array,
  control: Uint8Array,
  first: number,
  count: number,
  flags: number,
  timeout: number,
) => number;

/**
 * The addon's functions. A number below zero is `-errno`, or {@link Native.timedOut}. `timeout` is
 * in milliseconds, -1 waits for ever. Addresses travel in the {@link scratch}.
 */
export interface Native extends NativeResolver {
  // The four transfers have their numbers and their result in the scratch, see {@link receive} and
  // {@link transmit}. Without an argument they use the memory of the last one in that direction.
  recv(bytes?: Uint8Array): void;
  recvfrom(bytes?: Uint8Array): void;
  send(bytes?: Uint8Array): void;
  sendto(bytes?: Uint8Array): void;
  recvsegments(bytes?: Uint8Array): void;
  sendsegments(bytes?: Uint8Array): void;
  accept(fd: number, timeout: number): number;
  connect(fd: number, timeout: number): number;
  sendfile(fd: number, file: number, offset: number, count: number, timeout: number): number;
  wait(fd: number, events: number, timeout: number): number;
  close(fd: number): number;
  closeOwned(fd: number): number;
  recvmsg(
    fd: number,
    buffers: readonly Uint8Array[],
    ancillaryLength: number,
    flags: number,
    timeout: number,
  ): number;
  sendmsg(
    fd: number,
    buffers: readonly Uint8Array[],
    items: readonly (readonly [number, number, Uint8Array])[],
    flags: number,
    timeout: number,
    hasTarget: boolean,
  ): number;
  takeAncillary(): NativeAncillary | number;
  ancillaryLength(length: number): number;
  ancillarySpace(length: number): number;
  packAncillary(items: readonly (readonly [number, number, Uint8Array])[]): Buffer | number;
  unpackAncillary(bytes: Uint8Array): NativeAncillary | number;
  recvmmsg: NativeBatchCall;
  sendmmsg: NativeBatchCall;

  startReactor(callback: (count: number) => void, events: Uint32Array): boolean;
  watch(fd: number, token: number): number;
  renewWatch(fd: number, token: number): number;
  unwatch(fd: number): number;
  holdLoop(isHeld: boolean): void;

  // What these ask and are told is in their memory; native/binding/selectors.cc has the layout.
  select(
    memory: Uint8Array,
    reads: number,
    writes: number,
    exceptions: number,
    timeout: number,
  ): number;
  poll(memory: Uint8Array, count: number, timeout: number): number;
  epollOpen(): number;
  ownEpoll(fd: number): void;
  epollControl(set: number, operation: number, fd: number, events: number): number;
  epollWait(memory: Uint8Array, set: number, most: number, timeout: number): number;
  /**
   * Takes a message from a server's channel; 0 when the other end is closed. Its first word becomes
   * the number of the descriptor that came with it, which this environment then owns.
   */
  take(fd: number, bytes: Uint8Array): number;
  signalAtParentsEnd(signal: number): number;

  attach(scratch: Uint8Array, isWorker: boolean, hasLibuv: boolean): boolean;
  setSignals(signals: readonly number[]): void;
  socket(family: number, type: number, proto: number): number;
  socketpair(family: number, type: number, proto: number): [number, number] | number;
  dup(fd: number): number;
  fileSize(fd: number): number;
  /** A number that tells the file of a descriptor from others; negative where it is not open. */
  fileNumber(fd: number): number;
  own(fd: number): void;
  disown(fd: number): void;
  identify(fd: number): [family: number, type: number, proto: number] | number;
  setBlocking(fd: number, blocking: boolean): number;
  getInheritable(fd: number): number;
  setInheritable(fd: number, inheritable: boolean): number;
  bind(fd: number): number;
  listen(fd: number, backlog: number): number;
  shutdown(fd: number, how: number): number;
  getsockname(fd: number): number;
  getpeername(fd: number): number;
  getsockoptInt(
    fd: number,
    level: number,
    option: number,
    bytes: Uint8Array,
    width: number,
  ): number;
  getsockopt(fd: number, level: number, option: number, length: number): Buffer | number;
  setsockoptInt(fd: number, level: number, option: number, value: number): number;
  setsockopt(fd: number, level: number, option: number, bytes: Uint8Array): number;
  setsockoptNull(fd: number, level: number, option: number, length: number): number;
  encodeAddress(
    fd: number,
    family: number,
    proto: number,
    address: unknown,
  ): 0 | NativeAddressError;
  knowsFamily(family: number): boolean;
  decodeAddress(fd: number, family: number, proto: number): unknown;
  strerror(errno: number): string;
  checksum(bytes: Uint8Array, initial: number): number;
  attachFilter(fd: number, level: number, option: number, instructions: Uint8Array): number;
  changeMembership(
    fd: number,
    level: number,
    option: number,
    interfaceIndex: number,
    group: Uint8Array,
    source: Uint8Array,
  ): number;

  readonly constants: Readonly<Record<string, number | string>>;
  readonly errnos: Readonly<Record<string, number>>;
  readonly timedOut: number;
  /** Whether this is the process's first thread, the one that signals come to. */
  readonly isMainThread: boolean;
}

// Bundlers that make a CommonJS module leave the former undefined.
const HERE = import.meta.dirname ?? __dirname;
const ROOT = `${HERE}/..`;

/** The developer's own build comes first, then the binary that the package carries. */
function places(target: string): string[] {
  const folders = ['build/Release', `prebuilds/${target}`];
  // Where libc is musl, the binary for glibc cannot be loaded, and the next one is for it.
  if (process.platform === 'linux') folders.push(`prebuilds/${target}-musl`);
  // The package's root is above the bundle, and two levels above the modules the tests use. A
  // bundle of somebody else's, with this module in it, has the binary beside it.
  return [ROOT, `${ROOT}/..`, HERE].flatMap((root) =>
    folders.map((folder) => `${root}/${folder}/berkeley_sockets.node`),
  );
}

/** Looks where `bindings` looks; it costs more than all the rest of the import. */
function search(): Native {
  const bindings: typeof import('bindings') = requireHere()('bindings');
  return bindings({
    bindings: 'berkeley_sockets',
    module_root: ROOT,
  }) as Native;
}

function load(): Native {
  if (process.platform === 'win32') {
    throw new Error('berkeley-sockets needs a POSIX system; Windows has none of these calls');
  }
  const target = `${process.platform}-${process.arch}`;
  const causes: unknown[] = [];
  for (const file of places(target).filter((place) => fs.existsSync(place))) {
    try {
      const module = { exports: {} as Native };
      process.dlopen(module, file);
      return module.exports;
    } catch (cause) {
      causes.push(cause);
    }
  }
  try {
    if (causes.length === 0) return search();
  } catch (cause) {
    causes.push(cause);
  }
  throw new Error(
    `berkeley-sockets has no binary for ${target} that Node.js ${process.version} can load. The ` +
      'package carries some for Linux; for another system, run "npm ci && npm run build" in a copy ' +
      `of its sources (a C++17 compiler is needed) and install that. Looked for in ${ROOT}, see ` +
      "the error's cause.",
    { cause: causes[0] },
  );
}

/** The addon. */
export const native = load();

export const constants = native.constants;

/** Error names by number and numbers by name, the system's own. */
export const errnos: Readonly<Record<string, number>> = native.errnos;

const names = new Map<number, string>();
for (const [name, number] of Object.entries(errnos)) {
  // EWOULDBLOCK and the like are second names; the first one is the name of the number.
  if (!names.has(number)) names.set(number, name);
}

/** The symbolic name of an error number, or undefined. */
export function errnoName(errno: number): string | undefined {
  return names.get(errno);
}

export function strerror(errno: number): string {
  return native.strerror(errno);
}

// The memory shared with the addon; native/binding/environment.h has the same layout: a double,
// the words, and two addresses.
const WORD_COUNT = 12;
const ADDRESS_BYTES = 128;
const TIMEOUT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const WORD_BYTES = WORD_COUNT * Int32Array.BYTES_PER_ELEMENT;

/** What belongs to the addon rather than to a copy of this module, of which there may be several. */
interface Shared {
  readonly memory: Uint8Array;
  /** The address in the scratch that the next call goes to, if it is known. */
  target: { host: unknown; port: unknown; family: number };
  /** The address in the scratch that a call gave, decoded. */
  source: { address: unknown; proto: number } | undefined;
  /** The memory of the last transfer in each direction that the addon remembers. */
  readonly received: Remembered;
  readonly sent: Remembered;
}

// Bun and Deno know libuv's names, too, but not what is behind them: Bun's functions end the
// process, and Deno's handles have another structure.
const HAS_LIBUV = !('bun' in process.versions || 'deno' in process.versions);

function share(): Shared {
  const memory = new Uint8Array(TIMEOUT_BYTES + WORD_BYTES + 2 * ADDRESS_BYTES);
  if (!native.attach(memory, !native.isMainThread, HAS_LIBUV)) {
    throw new Error('berkeley-sockets could not share memory with its addon');
  }
  return {
    memory,
    target: { host: undefined, port: undefined, family: -1 },
    source: undefined,
    received: nothingRemembered(),
    sent: nothingRemembered(),
  };
}

const addon = native as Native & { shared?: Shared };
addon.shared ??= share();
export const shared: Shared = addon.shared;
const { memory, received, sent } = shared;

const timeoutWord = new Float64Array(memory.buffer, 0, 1);

/** Numbers that a call takes and gives; see the indexes below. */
export const scratch = new Int32Array(memory.buffer, TIMEOUT_BYTES, WORD_COUNT);
const FD = 0;
const OFFSET = 1;
const LENGTH = 2;
const FLAGS = 3;
const RESULT = 4;
export const SOURCE_LENGTH = 5;
export const SOURCE_CHANGED = 6;
export const MESSAGE_FLAGS = 7;
export const CONTROL_LENGTH = 8;
export const TARGET_LENGTH = 9;
const INTERRUPTED = 10;
export const SEGMENT_SIZE = 11;

const ADDRESSES = TIMEOUT_BYTES + WORD_BYTES;
/** The address that a call gave, and the one that the next call goes to; lengths are above. */
export const sourceBytes = memory.subarray(ADDRESSES, ADDRESSES + ADDRESS_BYTES);
export const targetBytes = memory.subarray(ADDRESSES + ADDRESS_BYTES);

/** Whether a signal came while the last transfer waited, although the transfer gave a result. */
export function wasInterrupted(): boolean {
  return scratch[INTERRUPTED] !== 0;
}

/** The most that the kernel moves at once (recv(2)). */
const MOST_BYTES = 0x7fff_f000;

function setNumbers(
  fd: number,
  offset: number,
  length: number,
  flags: number,
  timeout: number,
): void {
  timeoutWord[0] = timeout;
  scratch[FD] = fd;
  scratch[OFFSET] = offset;
  scratch[LENGTH] = length < MOST_BYTES ? length : MOST_BYTES;
  scratch[FLAGS] = flags;
}

/** A call whose numbers are in the scratch; without bytes its memory is that of the last call. */
type Transfer = (bytes?: Uint8Array) => void;

// Functions by themselves: looking one up in an object of so many would cost more than the rest.
export const {
  recv: recvTransfer,
  recvfrom: recvfromTransfer,
  recvsegments: recvsegmentsTransfer,
  send: sendTransfer,
  sendto: sendtoTransfer,
  sendsegments: sendsegmentsTransfer,
} = native;

/** Receives into `length` bytes from `offset` on of the memory; gives the native result. */
export function receive(
  transfer: Transfer,
  fd: number,
  view: Uint8Array,
  offset: number,
  length: number,
  flags: number,
  timeout: number,
): number {
  setNumbers(fd, offset, length, flags, timeout);
  if (view === received.view && lengthOf.call(view) === received.length) {
    received.misses = 0;
    transfer();
  } else {
    forget(received);
    transfer(view);
    remember(received, view);
  }
  return scratch[RESULT] as number;
}

/** Sends the view; to the target in the scratch, if the call has one. Gives the native result. */
export function transmit(
  transfer: Transfer,
  fd: number,
  view: Uint8Array,
  flags: number,
  timeout: number,
): number {
  const length = lengthOf.call(view);
  setNumbers(fd, 0, length, flags, timeout);
  if (view === sent.view && length === sent.length) {
    sent.misses = 0;
    transfer();
  } else {
    forget(sent);
    transfer(view);
    remember(sent, view);
  }
  return scratch[RESULT] as number;
}
