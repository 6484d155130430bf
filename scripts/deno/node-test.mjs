// Stands in for node:test where `deno run` runs a test file: Deno's own works under `deno test` only,
// which runs tests outside the main thread, ignores hooks of the file and those of subtests.

const { mock } = process.getBuiltinModule('node:test');

const counts = { pass: 0, fail: 0, skipped: 0 };
/** The suite or file that is being read, to which tests and hooks are added. */
let current = makeSuite('', {});
const root = current;

function makeSuite(name, { skip, timeout }) {
  return {
    name,
    skip,
    timeout,
    entries: [],
    hooks: { before: [], after: [], beforeEach: [], afterEach: [] },
  };
}

function argumentsOf(values) {
  const body = values.find((value) => typeof value === 'function');
  const options = values.find((value) => typeof value === 'object' && value !== null) ?? {};
  const name = typeof values[0] === 'string' ? values[0] : (body?.name ?? '');
  return { name, options, body: body ?? (() => {}) };
}

/** Adds a test to the suite that is being read. */
export function test(...values) {
  current.entries.push(argumentsOf(values));
}

/** Adds a suite; its function runs at once, and adds tests to it. */
export function describe(...values) {
  const { name, options, body } = argumentsOf(values);
  const outer = current;
  const suite = makeSuite(name, {
    skip: options.skip || outer.skip,
    timeout: options.timeout ?? outer.timeout,
  });
  outer.entries.push(suite);
  current = suite;
  try {
    body();
  } finally {
    current = outer;
  }
}

export { describe as suite, mock, test as it };
export const before = (hook) => void current.hooks.before.push(hook);
export const after = (hook) => void current.hooks.after.push(hook);
export const beforeEach = (hook) => void current.hooks.beforeEach.push(hook);
export const afterEach = (hook) => void current.hooks.afterEach.push(hook);
export default test;

function report(kind, name, detail = '') {
  counts[kind] += 1;
  console.log(`${kind === 'fail' ? 'not ok' : 'ok'} - ${name}${detail}`);
}

function reportError(name, error) {
  report('fail', name);
  console.log(error?.stack ?? String(error));
}

/** Runs functions one after the other; gives the first error, after all have run. */
async function runAll(functions, argument) {
  const errors = [];
  for (const each of functions) {
    try {
      await each(argument);
    } catch (error) {
      errors.push(error);
    }
  }
  return errors[0];
}

function withTimeout(promise, milliseconds) {
  if (!Number.isFinite(milliseconds)) return promise;
  let timer;
  const expiry = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, expiry]).finally(() => clearTimeout(timer));
}

/** What a test's function gets. */
class Context {
  hooks = [];
  skipped;
  mock = mock;

  constructor(name, limits) {
    this.name = name;
    this.limits = limits;
  }

  after = (hook) => void this.hooks.push(hook);
  skip = (reason = '') => {
    this.skipped = reason;
  };
  diagnostic = (text) => console.log(`# ${text}`);
  test = (...values) => runTest(argumentsOf(values), this.limits, this.name);
}

async function runTest({ name, options, body }, limits, path) {
  const title = path === '' ? name : `${path} > ${name}`;
  const skip = options.skip || limits.skip;
  if (skip) return report('skipped', title, ` # SKIP ${skip}`);
  const context = new Context(title, { timeout: options.timeout ?? limits.timeout });
  let failure = await runAll(limits.hooks?.beforeEach ?? [], context);
  if (failure === undefined) {
    const made = (async () => body(context))();
    failure = await runAll([() => withTimeout(made, context.limits.timeout)]);
  }
  const left = await runAll([...context.hooks, ...(limits.hooks?.afterEach ?? [])], context);
  mock.restoreAll();
  failure ??= left;
  if (failure !== undefined) reportError(title, failure);
  else if (context.skipped !== undefined) report('skipped', title, ` # SKIP ${context.skipped}`);
  else report('pass', title);
}

async function runSuite(suite, path) {
  const title = path === '' ? suite.name : `${path} > ${suite.name}`;
  const failure = suite.skip ? undefined : await runAll(suite.hooks.before);
  if (failure !== undefined) return reportError(title, failure);
  for (const entry of suite.entries) {
    if ('entries' in entry) await runSuite(entry, title);
    else await runTest(entry, suite, title);
  }
  const left = suite.skip ? undefined : await runAll(suite.hooks.after);
  if (left !== undefined) reportError(`after ${title}`, left);
}

// The file is read when the event loop turns for the first time; a test that leaves something open
// keeps the process from ending.
setImmediate(async () => {
  await runSuite(root, '');
  console.log(
    Object.entries(counts)
      .map(([kind, count]) => `# ${kind} ${count}`)
      .join('\n'),
  );
  if (counts.fail > 0) process.exitCode = 1;
});
