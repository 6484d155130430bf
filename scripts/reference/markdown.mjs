// Writes tables and signatures in Markdown.

export const code = (text) => `\`${text}\``;
const cell = (text) => text.replaceAll(/(?<!\\)\|/g, '\\|');

/** A table without the columns that are empty in all rows. */
export function table(head, rows) {
  const used = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const lines = [head, head.map(() => '---'), ...rows].map((row) => {
    const cells = row.filter((_, column) => used[column]);
    return `|${cells.map((text) => (text === '' ? ' ' : ` ${cell(text)} `)).join('|')}|`;
  });
  return rows.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** The arguments in Python's signature: their names, with the defaults. */
export function pythonParameters(signature) {
  const inner = /\((.*)\)$/.exec(signature)?.[1];
  if (inner === undefined) return undefined;
  const parts = inner.split(', ').filter((part) => part !== '*' && part !== '');
  return new Map(parts.map((part) => part.split(/=(.*)/s).slice(0, 2)));
}

/** A default as JavaScript has it; undefined for what only Python can write. */
function translated(name, value) {
  const WORDS = { None: 'null', True: 'true', False: 'false' };
  // A socket's -1 stands for AF_INET and its like, which the argument's description tells.
  const isSocket = /^(?:family|type|proto)$/.test(name) && value === '-1';
  if (value === undefined || isSocket || /^(?:<|b')/.test(value)) return undefined;
  return WORDS[value] ?? value;
}

/** Our arguments, with the defaults that Python tells. */
export function written(parameters, pythons) {
  return parameters.map((parameter) => {
    const name = parameter.replace(/\?$/, '');
    const value = parameter.endsWith('?') ? translated(name, pythons?.get(name)) : undefined;
    return value === undefined ? parameter : `${name} = ${value}`;
  });
}
