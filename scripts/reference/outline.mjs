// Fills scripts/reference/outline.md: replaces each request for a table by the table.
//
// A request is a line, or several, in braces: `{names index: htons ntohs}` for names of a module,
// `{members index.socket: bind listen}` for members of a class or of several that share them,
// without a list for all that nothing else has listed; `{constants index: AF_ PF_ | what they are}`;
// `{absent index}` for what only Python has; `{promises}`; `{namespace packet.icmp}`.

/** The outline with its tables. What cannot be made is told in `problems`. */
export function fillOutline(outline, tables, problems) {
  const requests = /^\{(\w+)([^{}]*)\}$/gm;
  const make = (kind, rest) => {
    const [, target, list = ''] = /^\s*([^:]*?)\s*(?::([\s\S]*))?$/.exec(rest);
    if (tables[kind] === undefined) problems.push(`outline: nobody makes {${kind}}`);
    const words = list.split(/\s+/).filter((word) => word !== '');
    return tables[kind]?.(target, words, list) ?? '';
  };
  // Tables of all the rest come last, when the others have taken what they list.
  const isRest = (rest) => !rest.includes(':');
  const late = [];
  const filled = outline.replaceAll(requests, (whole, kind, rest) => {
    if (kind === 'contents') return whole;
    if (!isRest(rest)) return make(kind, rest).trimEnd();
    late.push([kind, rest]);
    return `{late ${late.length - 1}}`;
  });
  return filled.replaceAll(/^\{late (\d+)\}$/gm, (_, index) => make(...late[index]).trimEnd());
}

/** The table of contents: the chapters with their sections. */
export function contentsOf(text) {
  const seen = new Map();
  const lines = [];
  for (const [, marks, title] of text.matchAll(/^(#{2,4}) (.+)$/gm)) {
    const slug = title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    const link = `[${title}](#${count === 0 ? slug : `${slug}-${count}`})`;
    if (marks === '##') lines.push([link]);
    else if (marks === '###') lines.at(-1).push(link);
  }
  return lines
    .map(([chapter, ...sections]) => `- ${[`**${chapter}**`, ...sections].join(' · ')}`)
    .join('\n');
}
