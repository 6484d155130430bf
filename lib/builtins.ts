// Node's own modules by `process.getBuiltinModule`: each `import` of one costs a third of a
// millisecond for a facade with all its exports.

export const fs = process.getBuiltinModule('node:fs');
export const {
  isAscii,
  isUtf8,
  constants: bufferConstants,
} = process.getBuiltinModule('node:buffer');
export const { isAnyArrayBuffer } = process.getBuiltinModule('node:util/types');

/** `node:async_hooks`, for what calls a caller's function later than he called us. */
export function asyncHooks(): typeof import('node:async_hooks') {
  return process.getBuiltinModule('node:async_hooks');
}

/** `node:os`, which an ordinary start does not need. */
export function os(): typeof import('node:os') {
  return process.getBuiltinModule('node:os');
}

/** A `require` for what is loaded when it is needed; making one takes milliseconds. */
export function requireHere(): NodeJS.Require {
  return process.getBuiltinModule('node:module').createRequire(
    // Bundlers that make a CommonJS module leave the former undefined.
    import.meta.url ?? __filename,
  );
}

/** Whether this machine puts the lowest byte of a number first. */
export const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
