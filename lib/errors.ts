// Python's exceptions as JavaScript classes, and the one factory that makes them from an errno.

import { errnoName, errnos, native, strerror } from './native.js';

/** Names Python gives its classes, as `error.name` and in stack traces. */
function named<T extends new (...args: never[]) => Error>(constructor: T): T {
  Object.defineProperty(constructor.prototype, 'name', {
    value: constructor.name,
    configurable: true,
    writable: true,
  });
  return constructor;
}

/**
 * A failed system call. Like Python's `OSError`: `new OSError(errno, strerror)` is an instance of
 * the subclass that belongs to the number (`ConnectionRefusedError`, …), `new OSError(text)` has
 * no number. Node's `code` and `syscall` are there too.
 */
export class OSError extends Error {
  /** The error number, or undefined where the error is not the system's. */
  readonly errno?: number;
  /** The system's text for {@link OSError.errno}. */
  readonly strerror?: string;
  /** The symbolic name: `'ECONNREFUSED'`. */
  code?: string;
  /** The call that failed: `'connect'`. */
  syscall?: string;

  constructor(errno?: number | string, text?: string) {
    super(text === undefined ? String(errno ?? '') : `[Errno ${errno}] ${text}`);
    if (typeof errno !== 'number' || text === undefined) return;
    if (isUnspecific(new.target)) {
      const subclass = subclasses().get(errno);
      // biome-ignore lint/correctness/noConstructorReturn: PEP 3151, the number picks the class
      if (subclass) return new subclass(errno, text);
    }
    this.errno = errno;
    this.strerror = text;
    const code = this.codeOf(errno);
    if (code !== undefined) this.code = code;
  }

  /** The symbolic name of an error number. */
  protected codeOf(errno: number): string | undefined {
    return errnoName(errno);
  }
}

/** Whether a class leaves it to the error number which one it is. */
function isUnspecific(constructor: unknown): boolean {
  return constructor === OSError;
}

/** A call that does not wait would have to (EAGAIN, EALREADY, EINPROGRESS). */
export class BlockingIOError extends OSError {
  /** How much a buffered writer had taken when the socket would have blocked. */
  characters_written?: number;
}
/** There is no such child process (ECHILD). */
export class ChildProcessError extends OSError {}
/** What the errors of a connection have in common. */
export class ConnectionError extends OSError {}
/** Nobody reads what was sent (EPIPE, ESHUTDOWN). */
export class BrokenPipeError extends ConnectionError {}
/** The connection was given up on this side (ECONNABORTED). */
export class ConnectionAbortedError extends ConnectionError {}
/** Nobody listens there (ECONNREFUSED). */
export class ConnectionRefusedError extends ConnectionError {}
/** The peer dropped the connection (ECONNRESET). */
export class ConnectionResetError extends ConnectionError {}
/** The file is there already (EEXIST). */
export class FileExistsError extends OSError {}
/** There is no such file: nobody is bound to the path (ENOENT). */
export class FileNotFoundError extends OSError {}
/** A signal that JavaScript listens for ended the call (EINTR). */
export class InterruptedError extends OSError {}
/** The file is a directory (EISDIR). */
export class IsADirectoryError extends OSError {}
/** A part of the path is no directory (ENOTDIR). */
export class NotADirectoryError extends OSError {}
/** The process may not do that (EACCES, EPERM). */
export class PermissionError extends OSError {}
/** There is no such process (ESRCH). */
export class ProcessLookupError extends OSError {}
/** A timeout: of `settimeout()` (no `errno`), or the kernel's `ETIMEDOUT`. */
export class TimeoutError extends OSError {}

/** A failed name look-up; `errno` is one of the `EAI_` constants. */
export class gaierror extends OSError {
  protected override codeOf(errno: number): string | undefined {
    return gaiNames().get(errno);
  }
}
/** A failed `gethostbyaddr` or `gethostbyname_ex`; `errno` is an h_errno. */
export class herror extends OSError {
  protected override codeOf(): string | undefined {
    return undefined;
  }
}

/** An argument of the right type with a value that cannot be used. */
export class ValueError extends RangeError {}
/** A number that does not fit into its C type. */
export class OverflowError extends RangeError {}
/** More memory was asked for than there is. */
export class MemoryError extends RangeError {}
/** A text that cannot be encoded, or bytes that cannot be decoded. */
export class UnicodeError extends ValueError {}
/** A text that an encoding has no bytes for: where in `object`, and why. */
export class UnicodeEncodeError extends UnicodeError {
  constructor(
    /** The encoding that was used. */
    readonly encoding: string,
    /** What was to be converted. */
    readonly object: string,
    /** Where in {@link object} it went wrong. */
    readonly start: number,
    /** Where that ends: the position behind it. */
    readonly end: number,
    /** Why it could not be converted. */
    readonly reason: string,
  ) {
    super(encodeErrorText(encoding, object, start, end, reason));
  }
}
/** Bytes that are no text of an encoding: where in `object`, and why. */
export class UnicodeDecodeError extends UnicodeError {
  constructor(
    /** The encoding that was used. */
    readonly encoding: string,
    /** What was to be converted. */
    readonly object: Uint8Array,
    /** Where in {@link object} it went wrong. */
    readonly start: number,
    /** Where that ends: the position behind it. */
    readonly end: number,
    /** Why it could not be converted. */
    readonly reason: string,
  ) {
    super(
      end === start + 1
        ? `'${encoding}' codec can't decode byte 0x${(object[start] ?? 0).toString(16).padStart(2, '0')} in position ${start}: ${reason}`
        : `'${encoding}' codec can't decode bytes in position ${start}-${end - 1}: ${reason}`,
    );
  }
}
/** A name that is not there: an encoding. */
export class LookupError extends Error {}
/** A key that is not there, or is there already; the message shows it as Python's does. */
export class KeyError extends LookupError {}
/** What cannot be done at the moment. */
export class RuntimeError extends Error {}
/** A file object that cannot do what was asked. Like `io.UnsupportedOperation`. */
export class UnsupportedOperation extends OSError {}
/** An attribute that an argument lacks. */
export class AttributeError extends TypeError {}
/** Several errors at once, of `create_connection(…, { all_errors: true })`. */
export class ExceptionGroup extends AggregateError {
  /** Python's name for {@link AggregateError.errors}. */
  get exceptions(): readonly Error[] {
    return this.errors;
  }
}

function encodeErrorText(
  encoding: string,
  object: string,
  start: number,
  end: number,
  reason: string,
): string {
  const code = end - start === 1 ? object.charCodeAt(start) : Number.NaN;
  if (Number.isNaN(code)) {
    return `'${encoding}' codec can't encode characters in position ${start}-${end - 1}: ${reason}`;
  }
  const width = code < 0x100 ? 2 : 4;
  const escaped = `\\${width === 2 ? 'x' : 'u'}${code.toString(16).padStart(width, '0')}`;
  return `'${encoding}' codec can't encode character '${escaped}' in position ${start}: ${reason}`;
}

for (const constructor of [
  OSError,
  BlockingIOError,
  ChildProcessError,
  ConnectionError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  FileExistsError,
  FileNotFoundError,
  InterruptedError,
  IsADirectoryError,
  NotADirectoryError,
  PermissionError,
  ProcessLookupError,
  TimeoutError,
  gaierror,
  herror,
  ValueError,
  OverflowError,
  MemoryError,
  UnicodeError,
  UnicodeEncodeError,
  UnicodeDecodeError,
  LookupError,
  KeyError,
  RuntimeError,
  UnsupportedOperation,
  AttributeError,
  ExceptionGroup,
]) {
  named(constructor as new (...args: never[]) => Error);
}

let gaiByNumber: Map<number, string> | undefined;

/** The `EAI_` names by their numbers. */
function gaiNames(): Map<number, string> {
  gaiByNumber ??= new Map(
    Object.entries(native.constants).flatMap(([name, value]) =>
      name.startsWith('EAI_') ? [[Number(value), name] as const] : [],
    ),
  );
  return gaiByNumber;
}

type OSErrorClass = new (errno: number, text: string) => OSError;
let byErrno: Map<number, OSErrorClass> | undefined;

/** Which subclass an error number belongs to (PEP 3151). */
function subclasses(): Map<number, OSErrorClass> {
  if (byErrno) return byErrno;
  const table: [OSErrorClass, string[]][] = [
    [BlockingIOError, ['EAGAIN', 'EALREADY', 'EINPROGRESS', 'EWOULDBLOCK']],
    [BrokenPipeError, ['EPIPE', 'ESHUTDOWN']],
    [ChildProcessError, ['ECHILD']],
    [ConnectionAbortedError, ['ECONNABORTED']],
    [ConnectionRefusedError, ['ECONNREFUSED']],
    [ConnectionResetError, ['ECONNRESET']],
    [FileExistsError, ['EEXIST']],
    [FileNotFoundError, ['ENOENT']],
    [InterruptedError, ['EINTR']],
    [IsADirectoryError, ['EISDIR']],
    [NotADirectoryError, ['ENOTDIR']],
    [PermissionError, ['EACCES', 'EPERM']],
    [ProcessLookupError, ['ESRCH']],
    [TimeoutError, ['ETIMEDOUT']],
  ];
  byErrno = new Map();
  for (const [constructor, names] of table) {
    for (const name of names) {
      const errno = errnos[name];
      if (errno !== undefined) byErrno.set(errno, constructor);
    }
  }
  return byErrno;
}

/** What a native call returns when its deadline has passed. */
export const TIMED_OUT = native.timedOut;

/** The exception for a native call's negative result. */
export function osError(result: number, syscall: string): OSError {
  let error: OSError;
  if (result === TIMED_OUT) {
    error = new TimeoutError('timed out');
    error.code = 'ETIMEDOUT';
  } else {
    error = new OSError(-result, strerror(-result));
  }
  error.syscall = syscall;
  return error;
}

/** The exception for a failed name look-up, with libc's text. */
export function nameError(code: number, syscall: string): gaierror {
  const error = new gaierror(code, native.gaiText(code));
  error.syscall = syscall;
  return error;
}
