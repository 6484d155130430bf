// Reads the declarations (.d.ts) that the compiler made: what a module exports, with its documentation.
//
// The compiler writes each statement at the beginning of a line and each member behind four spaces,
// so that no parser of the language is needed.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The pieces of a text that begin at a given column, each with the comment in front of it. */
function pieces(text, indentation) {
  const start = new RegExp(`^ {${indentation}}(?=[A-Za-z_[#]|/\\*\\*)`, 'm');
  const found = [];
  let comment = '';
  // The line break keeps the first piece from being what is before it.
  for (const piece of `\n${text}`.split(start).slice(1)) {
    const last = found.at(-1);
    if (last !== undefined && /[(,]$/.test(last.text)) {
      // Arguments with comments have lines of their own.
      last.text += ` ${piece.replace(/\/\*\*[\s\S]*?\*\//g, '').trim()}`;
      last.text = last.text.trim();
    } else if (piece.startsWith('/**')) {
      comment = piece;
    } else {
      found.push({ comment, text: piece.trim() });
      comment = '';
    }
  }
  return found;
}

/** The text between the bracket at `start` and the one that closes it. */
function enclosed(text, start) {
  const CLOSING = { '(': ')', '<': '>', '{': '}', '[': ']' };
  const awaited = [];
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character in CLOSING) awaited.push(CLOSING[character]);
    else if (character === awaited.at(-1) && text[at - 1] !== '=') awaited.pop();
    if (awaited.length === 0) return text.slice(start + 1, at);
  }
  throw new Error(`unbalanced: ${text.slice(start, start + 300)} IN ${text.slice(0, 200)}`);
}

/** The names of the arguments that `text` begins with, `?` where they may be left out. */
function parameters(text) {
  let rest = text;
  if (rest.startsWith('<')) rest = rest.slice(enclosed(rest, 0).length + 2);
  if (!rest.startsWith('(')) return undefined;
  const names = [];
  let at = 0;
  const inner = enclosed(rest, 0);
  while (at < inner.length) {
    const [, name] = /^\s*(\.{3}\w+|\w+\??|[{[])/.exec(inner.slice(at)) ?? [];
    if (name === undefined) break;
    // What is left over for overloads says nothing.
    const isRest = /^\.{3}(?:args|options)$/.test(name);
    if (!isRest) names.push(/^[{[]$/.test(name) ? 'options' : name.replace(/^_/, ''));
    // On to the next comma that is in no bracket.
    while (at < inner.length && inner[at] !== ',') {
      if ('(<{['.includes(inner[at])) at += enclosed(inner, at).length + 1;
      at++;
    }
    at++;
  }
  return names;
}

const onOneLine = (text) => text.replaceAll(/\s+/g, ' ').trim();
const asSentence = (text) => (/[.…!]$/.test(text) ? text : `${text}.`);

/** A comment without its frame, cut at its tags. */
function tagsOf(comment) {
  const text = comment
    .replace(/^\/\*\*|\*\/\s*$/g, '')
    .replace(/^ *\* ?/gm, '')
    .replaceAll(/\{@link ([^}|]+)[^}]*\}/g, '`$1`');
  const [front, ...tags] = text.split(/(?:^|\s)@(?=(?:param|returns|throws|internal)\b)/);
  const all = (name) =>
    tags
      .filter((tag) => tag.startsWith(name))
      .map((tag) => asSentence(onOneLine(tag.slice(name.length))));
  const parameters = new Map(
    all('param').map((text) => {
      const [, name, rest] = /^(\w+) (.*)$/.exec(text) ?? [];
      return [name, rest];
    }),
  );
  return { front, returns: all('returns'), throws: all('throws'), parameters };
}

/**
 * What a comment says in its first paragraph, what the call gives, and what it throws where that is
 * not what all such calls throw. That Python has the like goes without saying: it has a column.
 */
function summaryOf(comment) {
  const { front, returns, throws } = tagsOf(comment);
  const text = onOneLine(front.split(/\n\s*\n/)[0])
    .replaceAll(/ ?Like Python's `[^`]+`(?: and `[^`]+`)?(?:[;,] ([^.]*))?\./g, (_, more) =>
      more === undefined ? '' : ` ${more[0].toUpperCase()}${more.slice(1)}.`,
    )
    // A manual page alone belongs to the sentence before.
    .replaceAll(
      /\. (\w+\(\d\))(?=[.,])/g,
      (_, page) => `; ${page[0].toLowerCase()}${page.slice(1)}`,
    )
    .replace(/:$/, '.')
    .replace(/ Python has none\.$/, '')
    .trim();
  const rare = throws.filter((each) => !/kinds of OSError\.$/.test(each));
  return [text, ...returns.map((each) => `Gives ${each}`), ...rare.map((each) => `Throws ${each}`)]
    .join(' ')
    .trim();
}

/** Whether a call gives a promise, at least in the promise flavour. */
const givesPromise = (text) => /\): (?:Promise|Outcome)</.test(text);

/** The public members of a class or an interface, overloads as one. */
function membersOf(text) {
  const members = new Map();
  // The heading may take several lines; its last one begins at the edge and ends with the brace.
  const heading = /^(?! ).*\{$/m.exec(text.trimStart())?.[0] ?? '';
  const body = text.slice(text.indexOf(heading) + heading.length);
  for (const { comment, text: member } of pieces(body, 4)) {
    if (/^(?:private|protected) |^#/.test(member) || comment.includes('@internal')) continue;
    const pattern =
      /^((?:(?:static|abstract|readonly|override|get|set|declare) )*)(\[Symbol\.\w+\]|\w+)\??([\s\S]*)$/;
    const [, modifiers, name, rest] = pattern.exec(member) ?? [];
    if (name === undefined || (rest.startsWith(' ') && /^(?:readonly|get|static)$/.test(name)))
      continue;
    const own = modifiers.includes('get ') ? undefined : parameters(rest);
    if (members.has(name)) {
      if (own !== undefined) members.get(name).overloads.push(own);
      continue;
    }
    const isStatic = modifiers.includes('static');
    members.set(name, {
      name,
      isStatic,
      parameters: own,
      overloads: [],
      type: /^\??: ([^;{}]+);/.exec(rest)?.[1],
      isAwaited: givesPromise(rest),
      summary: summaryOf(comment),
      notes: tagsOf(comment).parameters,
    });
  }
  return members;
}

const KINDS =
  /^(?:export )?(?:declare )?(?:abstract )?(function|class|interface|type|const|namespace) (\w+)([\s\S]*)$/;

const files = new Map();

/** What a file declares, and what it exports: by name where that comes from. */
function read(path) {
  if (files.has(path)) return files.get(path);
  const file = {
    declarations: new Map(),
    exports: new Map(),
    imports: new Map(),
    aliases: new Map(),
    stars: [],
  };
  files.set(path, file);
  const resolve = (specifier) => join(dirname(path), specifier.replace(/\.js$/, '.d.ts'));
  for (const { comment, text } of pieces(readFileSync(path, 'utf8'), 0)) {
    const star = /^export \* from '(\..+)'/.exec(text);
    const space = /^export \* as (\w+) from '(\..+)'/.exec(text);
    const list = /^(export|import) (?:type )?\{([^}]*)\}(?: from '(.+)')?/.exec(text);
    const declaration = KINDS.exec(text);
    if (star) file.stars.push(resolve(star[1]));
    else if (space) file.exports.set(space[1], { path: resolve(space[2]), name: '*', comment });
    else if (list) {
      const isLocal = list[3] === undefined || !list[3].startsWith('.');
      for (const item of list[2].split(',').map((each) => each.trim().replace(/^type /, ''))) {
        const [name, alias = name] = item.split(' as ');
        const origin = { path: isLocal ? path : resolve(list[3]), name };
        if (name !== '') file[list[1] === 'export' ? 'exports' : 'imports'].set(alias, origin);
      }
    } else if (declaration) {
      const [, kind, name, rest] = declaration;
      const isExported = text.startsWith('export ');
      if (isExported) file.exports.set(name, { path, name });
      const alias = kind === 'type' ? /^ = (\w+);$/.exec(rest)?.[1] : undefined;
      if (alias !== undefined) file.aliases.set(name, alias);
      // Of overloads the first one counts, and a value more than the type of the same name.
      const before = file.declarations.get(name)?.kind;
      const isType = kind === 'type' || kind === 'interface';
      if (before !== undefined && (isType || before === kind)) continue;
      file.declarations.set(name, { kind, name, path, rest, comment });
    }
  }
  return file;
}

/** Follows a name to where it is declared. */
function find(path, name) {
  const file = read(path);
  const own = file.declarations.get(name);
  if (own !== undefined) return own;
  const next = file.exports.get(name) ?? file.imports.get(name);
  if (next !== undefined && (next.path !== path || next.name !== name)) {
    return next.name === '*' ? { kind: 'namespace', ...next } : find(next.path, next.name);
  }
  for (const star of file.stars) {
    if (exportedNames(star).has(name)) return find(star, name);
  }
  return undefined;
}

/** The names that a module exports. */
function exportedNames(path) {
  const { exports, stars } = read(path);
  return new Set([...exports.keys(), ...stars.flatMap((star) => [...exportedNames(star)])]);
}

/** The members of a class with those it inherits, until a class for which `stop` is true. */
function withInherited(declaration, stop) {
  const members = membersOf(declaration.rest);
  const base = /\bextends ([\w.]+)/.exec(
    declaration.rest.split('{\n')[0].replace(/^<[\s\S]*?>(?= )/, ''),
  )?.[1];
  const inherited = base === undefined ? undefined : find(declaration.path, base);
  if (inherited === undefined || inherited.kind !== 'class' || stop(inherited)) {
    return { members, base };
  }
  const rest = withInherited(inherited, stop);
  for (const [name, member] of rest.members) {
    const own = members.get(name);
    if (own === undefined) members.set(name, member);
    else if (own.summary === '') own.summary = member.summary;
  }
  return { members, base: rest.base };
}

/** Everything that a module exports, in alphabetical order. */
export function readModule(path) {
  const names = [...exportedNames(path)].sort((a, b) => a.localeCompare(b, 'en'));
  const found = names.map((name) => [name, find(path, name)]);
  const declared = new Set(found.map(([, declaration]) => declaration));
  return found.map(([name, declaration]) => {
    if (declaration === undefined) throw new Error(`${path}: where does ${name} come from?`);
    const { kind, comment = '', rest = '' } = declaration;
    const item = {
      name,
      kind,
      path: declaration.path,
      declared: declaration.name,
      summary: summaryOf(comment),
      notes: tagsOf(comment).parameters,
    };
    if (kind === 'function') {
      // A function of the same name as a class makes its objects.
      const alias = read(declaration.path).aliases.get(name);
      const made = alias === undefined ? undefined : find(declaration.path, alias);
      const members = made && [...withInherited(made, () => false).members.values()];
      const isAwaited = givesPromise(rest);
      return {
        ...item,
        parameters: parameters(rest),
        isAwaited,
        ...(members && {
          members: members.filter((each) => each.name !== 'constructor'),
          all: new Set(members.map((each) => each.name)),
        }),
      };
    }
    if (kind === 'const') return { ...item, type: rest };
    if (kind === 'interface') {
      return { ...item, fields: [...membersOf(rest).values()] };
    }
    if (kind !== 'class') return item;
    const isPublic = (each) => declared.has(each) && each.name !== 'SocketType';
    const { members, base } = withInherited(declaration, isPublic);
    const all = withInherited(declaration, () => false).members;
    for (const member of members.values()) member.summary ||= all.get(member.name)?.summary ?? '';
    const made = members.get('constructor');
    members.delete('constructor');
    return {
      ...item,
      parameters: made?.parameters,
      notes: made?.notes ?? item.notes,
      members: [...members.values()],
      all: new Set(all.keys()),
      base,
    };
  });
}
