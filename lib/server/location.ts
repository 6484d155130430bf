// Classes go to workers by module and exported name, the way multiprocessing's "spawn" passes them.

import { fs, requireHere } from '../builtins.js';
import { argumentName } from '../types.js';

/** A class: what its instances are does not matter here. */
export type AnyClass = abstract new (...given: never[]) => object;

/** Where a worker finds a class. */
export interface Location {
  /** The module's URL; null for a class of this package. */
  readonly module: string | null;
  readonly name: string;
  /** What the class is to the server, for error texts. */
  readonly role: string;
}

/** Which kind of worker loads a module, for error texts. */
export type Place = 'worker thread' | 'child process';

/** The server classes of this package, which need not be looked for. */
const readyMade = new Map<string, AnyClass>();

/** Makes a server class known to workers by its name. */
export function registerReadyMade(...classes: readonly AnyClass[]): void {
  for (const constructor of classes) readyMade.set(constructor.name, constructor);
}

/** What a worker is in the middle of while it loads a module; see {@link refuseWhileLoading}. */
const STATE = Symbol.for('berkeley-sockets.socketserver.workplace');

interface Workplace {
  readonly place: Place;
  loading: Location | undefined;
  /** The classes that were loaded for its work. */
  readonly loaded: Set<AnyClass>;
}

const globals = globalThis as { [STATE]?: Workplace };

/** This thread or process is a server's worker from now on. */
export function becomeWorkplace(place: Place): void {
  globals[STATE] = { place, loading: undefined, loaded: new Set() };
}

function threads(): typeof import('node:worker_threads') {
  return process.getBuiltinModule('node:worker_threads');
}

function pathToUrl(path: string): string {
  return process.getBuiltinModule('node:url').pathToFileURL(path).href;
}

/** The URL of the module that the program was started with; undefined if there is none. */
function mainModule(): string | undefined {
  const path = process.argv[1];
  if (path === undefined || path === '-') return undefined;
  try {
    // Finds what Node found: `node .`, `node server` and links, too.
    return pathToUrl(requireHere().resolve(path));
  } catch {
    return undefined;
  }
}

/**
 * Whether a module is the program that was started, rather than loaded by it, or by a worker thread
 * or child process of {@link ThreadingMixIn} and {@link ForkingMixIn}. Like Python's
 * `__name__ == '__main__'`. A program whose own module has the handler class starts its server only
 * where this is true:
 *
 * ```ts
 * if (isMainProgram(import.meta.url)) {
 *   await new ThreadingTCPServer(['', 8000], Handler).serve_forever();
 * }
 * ```
 *
 * @param module the module's `import.meta.url`
 * @throws TypeError if it is no string
 */
export function isMainProgram(module: string): boolean {
  if (typeof module !== 'string') {
    throw new TypeError(`isMainProgram() argument 1 must be str, not ${argumentName(module)}`);
  }
  if (globals[STATE] !== undefined || !threads().isMainThread) return false;
  return mainModule() === realUrl(module);
}

/** The URL of a file without symbolic links; any other URL as it is. */
function realUrl(module: string): string {
  const url = toUrl(module);
  if (!url.startsWith('file:')) return url;
  try {
    const path = process.getBuiltinModule('node:url').fileURLToPath(url);
    return pathToUrl(fs.realpathSync(path));
  } catch {
    return url;
  }
}

function toUrl(module: string): string {
  return module.startsWith('/') ? pathToUrl(module) : module;
}

/**
 * Where workers will find a class.
 *
 * @param role what it is to the server, for error texts
 * @throws TypeError if they cannot find it
 */
export function locate(constructor: AnyClass, role: string): Location {
  const { name } = constructor;
  if (readyMade.get(name) === constructor) return { module: null, name, role };
  if (name === '') {
    throw new TypeError(
      `the ${role} has no name by which a worker could find it: write 'export class Name …'`,
    );
  }
  const { module } = constructor as { module?: unknown };
  if (module !== undefined) return { module: givenModule(module, name, role), name, role };
  const main = threads().isMainThread ? mainModule() : undefined;
  if (main !== undefined) return { module: main, name, role };
  throw new TypeError(
    `a worker cannot know the module of the ${role} '${name}', because the program has no main ` +
      `module here: put the class into a file, with 'static module = import.meta.url;' in it`,
  );
}

function givenModule(module: unknown, name: string, role: string): string {
  if (typeof module !== 'string' || !/^(\/|[a-z][a-z+.-]+:)/i.test(module)) {
    throw new TypeError(
      `'module' of the ${role} '${name}' is no URL: write 'static module = import.meta.url;'`,
    );
  }
  return toUrl(module);
}

/**
 * Throws where a server is made by a module that a worker is just loading: without an end, each
 * worker would start workers of its own.
 */
export function refuseWhileLoading(): void {
  const loading = globals[STATE]?.loading;
  if (loading === undefined) return;
  throw new Error('a server is started while the module is loaded');
}

const GUARD = "put what starts the program behind 'if (isMainProgram(import.meta.url)) { … }'";

/**
 * Throws where a worker makes a server for the handler class, or without one for the server class,
 * that it works for itself: start-up code that waits for something first comes to this only when the
 * module is loaded, and each worker would start more of them.
 */
export function refuseItself(constructor: AnyClass): void {
  const workplace = globals[STATE];
  if (!workplace?.loaded.has(constructor)) return;
  throw new Error(
    `a ${workplace.place} starts the server of '${constructor.name}', for which it works itself: ` +
      GUARD,
  );
}

/** What a worker does before it can serve, in words. */
export function describeLoading({ module, name, role }: Location): string {
  const where = module ?? 'this package';
  return `it loads ${where}, where the ${role} '${name}' is. If start-up code is at fault, ${GUARD}`;
}

/**
 * Loads a class in a worker.
 *
 * @throws Error that says which file is at fault and what to write
 */
export async function load({ module, name, role }: Location): Promise<AnyClass> {
  if (module === null) return readyMade.get(name) as AnyClass;
  const workplace = globals[STATE] as Workplace;
  const { place } = workplace;
  workplace.loading = { module, name, role };
  let namespace: Record<string, unknown>;
  try {
    namespace = await import(module);
  } catch (cause) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const text =
      `${module} could not be loaded by a ${place}, which looks there for the ${role} ` +
      `'${name}': ${reason}. If this comes from start-up code, ${GUARD}`;
    throw new Error(text, { cause });
  } finally {
    workplace.loading = undefined;
  }
  const found = findExport(namespace, name);
  if (found) workplace.loaded.add(found);
  if (found) return found;
  throw new Error(
    `a ${place} cannot find the ${role} '${name}', because ${module} does not export it: write ` +
      `'export class ${name} …' there; if the class is in another file, write ` +
      `'static module = import.meta.url;' in it`,
  );
}

/** The class of that name, under whatever name it is exported. */
function findExport(namespace: Record<string, unknown>, name: string): AnyClass | undefined {
  const { default: common } = namespace;
  // A CommonJS module's exports, as far as Node does not see their names, are its default export.
  const inner = typeof common === 'object' && common !== null ? Object.values(common) : [];
  const candidates = [namespace[name], ...Object.values(namespace), ...inner];
  return candidates.find(
    (value): value is AnyClass => typeof value === 'function' && value.name === name,
  );
}
