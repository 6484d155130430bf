// Gives tests under Bun the function that node has with --expose-gc.

globalThis.gc = () => Bun.gc(true);
