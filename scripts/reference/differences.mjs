// Reads docs/differences.md: which of its rows are about which names, and what to say beside those.
//
// A row tells it in comments at its end, `<!-- getaddrinfo, socket.bind: Short text. -->`: the names
// of the main module and of its classes' members, others with their module, as `select.select`.
// Without a text the column "Here" is taken.

/** The column "Here" among what is between the bars; in front of the first one there is nothing. */
const HERE = 2;

/** The differences of names: `of(module, className, name)` gives the text, or an empty one. */
export function readDifferences(page, modules, problems) {
  const found = new Map();
  const exists = existence(modules);
  for (const [index, line] of page.split('\n').entries()) {
    if (!line.startsWith('|')) continue;
    const text = line.split(/(?<!\\)\|/)[HERE]?.trim() ?? '';
    for (const [, names, short = text] of line.matchAll(/<!-- ([^:]+?)(?:: (.+?))? -->/g)) {
      for (const each of names.split(',').map((name) => name.trim())) {
        const full = exists(each);
        if (full === undefined) {
          problems.push(`docs/differences.md:${index + 1}: there is no ${each}`);
        } else {
          found.set(full, [...(found.get(full) ?? []), short]);
        }
      }
    }
  }
  return {
    of: (module, className, name) =>
      (found.get([module, className, name].filter((each) => each !== '').join('.')) ?? []).join(
        ' ',
      ),
  };
}

/** Gives the full name, with its module, of what a comment names; undefined if there is no such. */
function existence(modules) {
  const all = new Set();
  for (const [module, items] of modules) {
    for (const { name, members = [], fields = [] } of items) {
      all.add(`${module}.${name}`);
      for (const member of [...members, ...fields]) all.add(`${module}.${name}.${member.name}`);
    }
  }
  return (name) => [`index.${name}`, name].find((each) => all.has(each));
}
