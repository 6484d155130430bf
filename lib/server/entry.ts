// Where the modules are that a worker thread and a child process begin with.

import { fs } from '../builtins.js';

/** The URL of a worker's first module, which is in a folder of its own once this one is bundled. */
export function entry(name: 'thread' | 'child'): URL {
  const bundled = new URL(`./server/${name}.js`, import.meta.url);
  return fs.existsSync(bundled) ? bundled : new URL(`./${name}.js`, import.meta.url);
}
