// Reads the column Difference of the tables in docs/api.md, so that each difference is told once.

/** The class that a chapter or a heading of the page is about. */
const CLASSES = { Sockets: 'socket', Batches: 'MessageBatch' };
const EVERY_FILE = 'Every file object';
const FILES = ['SocketIO', 'BufferedReader', 'BufferedWriter', 'BufferedRWPair', 'TextIOWrapper'];
/** Tables in chapters about classes that are not about their members. */
const NOT_MEMBERS = new Set(['The classes']);

/** What a cell refers to only where it is: the row above, or another one. */
const BY_POSITION = /^(?:The same|As (?:above|`\w+`))\.$/;

/** What the column with Python's name says already. */
const OBVIOUS = /^(?:Python's `\w+`|Python has none|Not in Python)\.$/;

/** The differences of a page: `of(module, className, name)` gives the text, or an empty one. */
export function readDifferences(page) {
  const found = new Map();
  let module = 'index';
  let chapter = '';
  let heading = '';
  let column = -1;
  let previous = '';
  for (const line of page.split('\n')) {
    const title = /^(##+) (.+)$/.exec(line);
    if (title !== null) {
      heading = title[2].replaceAll('`', '');
      if (title[1] === '##') {
        chapter = heading;
        module = /^The module berkeley-sockets\/([\w-]+)$/.exec(heading)?.[1] ?? 'index';
      }
      continue;
    }
    if (!line.startsWith('|')) {
      column = -1;
      continue;
    }
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((each) => each.trim());
    if (column === -1) {
      column = cells.indexOf('Difference');
      previous = '';
      continue;
    }
    let text = cells[column] ?? '';
    if (BY_POSITION.test(text)) {
      const [, other] = /`(\w+)`/.exec(text) ?? [];
      text =
        other === undefined
          ? previous
          : (found.get(`${module} ${CLASSES[chapter]} ${other}`) ?? previous);
    }
    previous = text;
    if (text === '' || text.startsWith('---') || OBVIOUS.test(text)) continue;
    const isOfClass = !NOT_MEMBERS.has(heading);
    const className = heading === EVERY_FILE ? EVERY_FILE : (CLASSES[chapter] ?? heading);
    for (const [, span] of cells[0].matchAll(/`([^`]+)`/g)) {
      const name = /^(?:new )?(\[Symbol\.\w+\]|\w+)/.exec(span)?.[1];
      if (name === undefined) continue;
      if (isOfClass) found.set(`${module} ${className} ${name}`, text);
      if (heading === chapter || NOT_MEMBERS.has(heading) || chapter === 'Functions') {
        found.set(`${module}  ${name}`, text);
      }
    }
  }
  return {
    of: (module, className, name) =>
      found.get(`${module} ${className} ${name}`) ??
      (FILES.includes(className) ? found.get(`${module} ${EVERY_FILE} ${name}`) : undefined) ??
      '',
  };
}
