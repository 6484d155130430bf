// Values as Python writes them, for texts that quote an address.

import { typeName } from './types.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

function quoted(text: string, isBytes: boolean): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = Array.from(text, (character) => {
    const code = character.codePointAt(0) as number;
    if (character === quote) return `\\${character}`;
    const escape = ESCAPES[character];
    if (escape !== undefined) return escape;
    if (code < 0x20 || code === 0x7f || (isBytes && code > 0x7f)) {
      return `\\x${code.toString(16).padStart(2, '0')}`;
    }
    return character;
  });
  return `${isBytes ? 'b' : ''}${quote}${body.join('')}${quote}`;
}

/** A value as Python's `repr()` shows it: `('127.0.0.1', 80)`, `b'\x00name'`, `None`. */
export function pythonRepr(value: unknown): string {
  if (typeof value === 'string') return quoted(value, false);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value === null || value === undefined) return 'None';
  if (value instanceof Uint8Array) return quoted(Buffer.from(value).toString('latin1'), true);
  if (Array.isArray(value)) {
    const items = value.map(pythonRepr).join(', ');
    return value.length === 1 ? `(${items},)` : `(${items})`;
  }
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return `<${typeName(value)} object>`;
}

/** The method that `util.inspect` asks, by the symbol that spares loading `node:util`. */
export const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom') as never;
