// Makes the tables of docs/api.md.

import { readModule } from './declarations.mjs';
import { code, pythonParameters, table, written } from './markdown.mjs';

const AWAITED = '⏳';

const isExported = ({ name }) =>
  !name.startsWith('_') || /^_(?:fields|make|replace|asdict)$/.test(name);
const isException = ({ path, kind }) => kind === 'class' && /errors\.d\.ts$/.test(path);
const isConstant = ({ path, kind }) => kind === 'const' && /constants\.d\.ts$/.test(path);

/** The tables that `modules` are shown in, each a function of what it is asked for. */
export function makeTables(modules, python, differences, problems) {
  const listed = new Set();
  const promises = new Map(modules.get('promises').map((item) => [item.name, item]));

  function take(name) {
    if (listed.has(name)) problems.push(`outline: ${name} is there twice`);
    listed.add(name);
  }

  function find(module, name) {
    const item = modules.get(module)?.find((each) => each.name === name);
    if (item === undefined) problems.push(`outline: there is no ${name} in ${module}`);
    return item;
  }

  /** The cells with what it is here and what it is in Python. */
  function signatures(item, pythonName, isAwaited) {
    const pythons = pythonName === undefined ? undefined : pythonParameters(pythonName);
    const prefix = `${item.isStatic ? 'static ' : ''}${item.kind === 'class' && item.parameters ? 'new ' : ''}`;
    const forms = [item.parameters, ...(item.overloads ?? [])].filter(
      (form, index) =>
        index === 0 ||
        (form !== undefined &&
          !form.some((name) => /^options/.test(name)) &&
          form.length > item.parameters?.length),
    );
    const texts = forms.map((form) =>
      code(
        `${prefix}${item.name}${form === undefined ? '' : `(${written(form, pythons).join(', ')})`}`,
      ),
    );
    const name = texts.join(', ') + (isAwaited ? ` ${AWAITED}` : '');
    if (pythonName === undefined) return [name, '–'];
    const mine = (item.parameters ?? []).map((each) => each.replace(/\?$/, ''));
    const isSame =
      pythons === undefined ||
      item.parameters === undefined ||
      [...pythons.keys()].join() === mine.join();
    return [name, code(isSame ? pythonName.replace(/\(.*\)$/, '') : pythonName)];
  }

  /** What is to be said about arguments whose default the signature does not tell. */
  function aboutArguments({ parameters = [], notes }, pythonName) {
    const pythons = pythonName === undefined ? undefined : pythonParameters(pythonName);
    return written(parameters, pythons)
      .map((each) => /^(\w+)\?$/.exec(each)?.[1] ?? (each === 'options' ? each : undefined))
      .filter((name) => notes?.has(name))
      .map((name) => ` ${code(name)}: ${notes.get(name)}`)
      .join('');
  }

  /** The sentences about a name; each has to have some. */
  function describe(where, item, pythonName) {
    const { name, summary, fields = [] } = item;
    if (summary === '') problems.push(`${where}: ${name} has no documentation`);
    const names = fields.map((field) => code(field.name));
    const about = (summary + aboutArguments(item, pythonName))
      // Programs know the class by the name of its heir.
      .replaceAll('`SocketType.', '`socket.')
      // Python's power is no emphasis.
      .replaceAll(/(?<=\d)\*\*(?=\d)/g, '\\*\\*');
    if (names.length === 0 || fields.length > 9) return about;
    return `${about} ${names.length === 1 ? 'Field' : 'Fields'}: ${names.join(', ')}.`;
  }

  const head = (first) => [first, 'Python', 'What it is', 'Difference'];
  const pythonCell = (module, text) => (python.knows(module) ? text : '');

  function nameRow(module, item) {
    const flavour = module === 'index' ? promises.get(item.name) : item;
    const isType = item.kind === 'type' || item.kind === 'interface';
    const pythonName = isType ? undefined : python.nameOf(module, item.name);
    const isAlias =
      item.declared !== item.name &&
      modules.get('index').some(({ name }) => name === item.declared);
    const [name, equal] = signatures(
      isAlias ? { ...item, parameters: undefined } : item,
      pythonName,
      flavour?.isAwaited,
    );
    const base = /^(?!.*_base$)/.test(item.base ?? '_base') ? ` Extends ${code(item.base)}.` : '';
    return [
      name,
      pythonCell(module, isType ? '' : equal),
      isAlias
        ? `Another name of ${code(item.declared)}.`
        : describe(module, item, pythonName) + base,
      differences.of(module, '', item.name),
    ];
  }

  function names(module, list) {
    const items = list.map((name) => find(module, name)).filter((item) => item !== undefined);
    for (const { name } of items) take(`${module}.${name}`);
    return table(
      head('Name'),
      items.map((item) => nameRow(module, item)),
    );
  }

  /** The members of a class but those that say nothing else than its base class, which has them, too. */
  function membersOf(module, item) {
    const byName = (name) => modules.get(module)?.find((each) => each.name === name);
    const isRepeated = ({ name, summary }) => {
      for (let base = byName(item.base); base !== undefined; base = byName(base.base)) {
        const own = base.members?.find((each) => each.name === name);
        if (own !== undefined) return own.summary === summary;
      }
      return false;
    };
    return (item.members ?? item.fields ?? []).filter(
      (member) => isExported(member) && !isRepeated(member),
    );
  }

  function memberRow(module, className, memberName, member, isShared) {
    const flavours = module === 'index' ? promises.get(className)?.members : undefined;
    const twin = flavours?.find(({ name }) => name === memberName) ?? member;
    const pythonName = python.memberOf(module, className, memberName);
    const [name, equal] = signatures(member, pythonName, twin.isAwaited);
    return [
      name,
      pythonCell(module, isShared ? equal.replace(`socket.${className}.`, '') : equal),
      describe(`${module}.${className}`, member, pythonName),
      differences.of(module, className, memberName),
    ];
  }

  /** Members of a class, or of several that have them in common, which are described once. */
  function members(target, list) {
    const [module, ...classNames] = target.split(/[.\s]+/);
    const classes = classNames
      .map((name) => find(module, name))
      .filter((item) => item !== undefined);
    const [first] = classes;
    if (first === undefined) return '';
    const isFree = ({ name }) => !listed.has(`${module}.${first.name}.${name}`);
    const chosen =
      list.length === 0
        ? membersOf(module, first).filter(isFree)
        : list.map((name) => membersOf(module, first).find((member) => member.name === name));
    const rows = [];
    for (const [index, member] of chosen.entries()) {
      if (member === undefined) {
        problems.push(`outline: ${target} has no ${list[index]}`);
        continue;
      }
      for (const { name, ...item } of classes) {
        if (membersOf(module, item).some((each) => each.name === member.name))
          take(`${module}.${name}.${member.name}`);
      }
      // A field of an interface has a type to tell.
      const isField = first.fields !== undefined && member.type !== undefined;
      const shown = isField ? { ...member, name: `${member.name}: ${member.type}` } : member;
      rows.push(memberRow(module, first.name, member.name, shown, classes.length > 1));
    }
    return table(head('Member'), rows);
  }

  /** Constants by prefix, and folded below each one: those that Python has, too, and the others. */
  function constants(module, _, lines) {
    const all = modules.get(module).filter(isConstant);
    const short = [];
    const long = [];
    let count = 0;
    for (const line of lines.trim().split('\n')) {
      const [prefixes, what] = line.split(' | ');
      const matches = (name) =>
        prefixes
          .split(' ')
          .some((each) =>
            /[_*]$/.test(each) ? name.startsWith(each.replace('*', '')) : name === each,
          );
      const found = all.filter(({ name }) => matches(name));
      if (found.length === 0) problems.push(`outline: no constant is called ${prefixes}`);
      for (const { name } of found) take(`${module}.${name}`);
      count += found.length;
      const shown = prefixes.split(' ').map((each) => code(each.replace(/_$/, '_*')));
      short.push([shown.join(', '), what]);
      const lists = [true, false].map((isKnown) =>
        found
          .filter(({ name }) => python.hasConstant(module, name) === isKnown)
          .map(({ name }) => code(name))
          .join(' '),
      );
      long.push(lists);
    }
    const folded = table(["Python's, too", 'Python lacks'], long);
    return `${table(['Names', 'What they are'], short)}
<details>
<summary>All ${count.toLocaleString('en')} of them, by name</summary>

${folded}
</details>
`;
  }

  /** What only Python has, and why. */
  function absent(module) {
    const items = modules.get(module);
    const rows = python.absentOf(module, items).map(([name, reason = '']) => [code(name), reason]);
    const others = python.elsewhere(module, items);
    if (others.length > 0)
      rows.push([others.map(code).join(' '), 'Python has these on other systems than Linux only.']);
    return table(['Name', 'Why it is not here'], rows);
  }

  /** What the promise flavour has besides, and which names it has not. */
  function promisesTable() {
    const blocking = new Map(modules.get('index').map((item) => [item.name, item]));
    const added = [...promises.values()].filter(({ name }) => !blocking.has(name));
    const rows = added.map((item) => {
      take(`promises.${item.name}`);
      return [signatures(item, undefined, item.isAwaited)[0], describe('promises', item)];
    });
    for (const [className, { members: list = [] }] of promises) {
      const all = blocking.get(className)?.all;
      if (all === undefined) continue;
      for (const member of list.filter((each) => isExported(each) && !all.has(each.name))) {
        const [name] = signatures(
          {
            ...member,
            name: `${className}${member.name.startsWith('[') ? '' : '.'}${member.name}`,
          },
          undefined,
          member.isAwaited,
        );
        rows.push([name, describe(`promises.${className}`, member)]);
      }
    }
    const lacking = [...blocking.values()].filter((item) => !promises.has(item.name));
    for (const { name } of lacking) problems.push(`the promise flavour has no ${name}`);
    return table(['Name', 'What it is'], rows);
  }

  /** The functions, types and constants of a namespace such as `ipv4`. */
  function namespace(target) {
    const [module, name] = target.split('.');
    const item = find(module, name);
    if (item === undefined) return '';
    take(`${module}.${name}`);
    const items = readModule(item.path);
    const rows = items
      .filter(({ kind }) => kind !== 'const')
      .map((each) => [
        signatures({ ...each, name: `${name}.${each.name}` }, undefined, false)[0],
        describe(name, each),
      ]);
    const numbers = items.filter(({ kind }) => kind === 'const').map((each) => code(each.name));
    return (
      table(['Name', 'What it is'], rows) +
      (numbers.length === 0 ? '' : `\nConstants: ${numbers.join(', ')}.\n`)
    );
  }

  /** What the outline has forgotten. */
  function missing() {
    const forgotten = [];
    for (const [module, items] of modules) {
      if (module === 'promises') continue;
      for (const item of items) {
        if (!listed.has(`${module}.${item.name}`))
          forgotten.push(`outline: ${module}.${item.name} is missing`);
        // Another module's name of an exception has the members of the exception itself.
        const isElsewhere = module !== 'index' && isException(item);
        if (item.members === undefined || item.name === 'SocketType' || isElsewhere) continue;
        for (const member of membersOf(module, item)) {
          const name = `${module}.${item.name}.${member.name}`;
          if (!listed.has(name)) forgotten.push(`outline: ${name} is missing`);
        }
      }
    }
    return forgotten;
  }

  /** What exceptions have of their own. */
  function exceptions(module) {
    const rows = [];
    const seen = new Set();
    for (const item of modules.get(module).filter(isException)) {
      for (const member of membersOf(module, item)) {
        take(`${module}.${item.name}.${member.name}`);
        if (item.name !== item.declared || seen.has(member.name)) continue;
        seen.add(member.name);
        rows.push([code(`${item.name}.${member.name}`), describe(item.name, member)]);
      }
    }
    return table(['Attribute', 'What it is'], rows);
  }

  return {
    names,
    members,
    constants,
    absent,
    promises: promisesTable,
    namespace,
    exceptions,
    missing,
  };
}
