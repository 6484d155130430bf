// Answers what Python calls a name of ours, and which of Python's names are not here.

/** The modules of the package that Python has, too, and where it has what they export. */
const PYTHON = {
  index: ['socket', 'io', 'builtins'],
  select: ['select'],
  selectors: ['selectors'],
  socketserver: ['socketserver', 'io'],
};

/** What Python calls a member that has another name here. */
const MEMBERS = {
  '[Symbol.dispose]': 'with',
  '[Symbol.asyncDispose]': 'with',
  '[Symbol.iterator]': 'iter()',
  toString: 'repr()',
};

/** The types that say what our mix-ins, which are functions, add, and Python's classes. */
const MIXINS = {
  Threading: 'ThreadingMixIn',
  ThreadingAttributes: 'ThreadingMixIn',
  Forking: 'ForkingMixIn',
  ForkingAttributes: 'ForkingMixIn',
};

/** Python's names: `json` is the list of them, `absent` why some of them are not here. */
export function readPython(json, absent) {
  const sources = (module) => (PYTHON[module] ?? []).map((name) => ({ name, ...json[name] }));

  /** A signature of Python's with the name of its module. */
  const qualified = (source, text) =>
    source.name === 'builtins' ? text : `${source.name}.${text}`;

  function nameOf(module, name) {
    for (const source of sources(module)) {
      if (source.names[name] !== undefined) return qualified(source, source.names[name]);
      if (source.constants.includes(name)) return qualified(source, name);
    }
    return undefined;
  }

  function memberOf(module, ourClass, name) {
    const className = MIXINS[ourClass] ?? ourClass;
    const pythonName = MEMBERS[name] ?? name;
    for (const source of sources(module)) {
      const classes = source.members;
      if (classes[className] === undefined) continue;
      if (pythonName === 'repr()') return 'repr()';
      // A class of Python has what its bases have.
      const found =
        classes[className][pythonName] ??
        (className === ourClass ? Object.values(classes) : []).find(
          (members) => pythonName in members,
        )?.[pythonName];
      if (found === undefined) return undefined;
      return name in MEMBERS ? found : qualified(source, `${className}.${found}`);
    }
    return undefined;
  }

  /** Whether Python has a constant, on this system or on another one. */
  const hasConstant = (module, name) =>
    nameOf(module, name) !== undefined ||
    sources(module).some((source) => source.elsewhere.includes(name));

  /** What Python has and this module has not, with the reasons: `[name, reason]`. */
  function absentOf(module, items) {
    const [own] = sources(module);
    if (own === undefined) return [];
    const here = new Map(items.map((item) => [item.name, item]));
    const names = [...Object.keys(own.names), ...own.constants].filter((name) => !here.has(name));
    for (const [className, members] of Object.entries(own.members)) {
      const all = here.get(className)?.all;
      if (all === undefined) continue;
      const isHere = (member) =>
        member === 'repr()' ||
        all.has(member) ||
        Object.keys(MEMBERS).some((mine) => MEMBERS[mine] === member && all.has(mine));
      for (const member of Object.keys(members)) {
        if (!isHere(member)) names.push(`${className}.${member}`);
      }
    }
    return names.map((name) => [name, absent[own.name][name]]);
  }

  /** What Python has on other systems only, and nobody here. */
  const elsewhere = (module, items) => {
    const here = new Set(items.map(({ name }) => name));
    return (sources(module)[0]?.elsewhere ?? []).filter((name) => !here.has(name));
  };

  /** Names of Python's that nobody has explained, and explanations that nobody needs. */
  function missing(modules) {
    const problems = [];
    for (const [module, items] of modules) {
      const [own] = sources(module);
      if (own === undefined) continue;
      const names = new Map(absentOf(module, items));
      for (const [name, reason] of names) {
        if (reason === undefined) {
          problems.push(`Python's ${own.name}.${name} is neither here nor explained`);
        }
      }
      for (const name of Object.keys(absent[own.name])) {
        if (!names.has(name)) problems.push(`${own.name}.${name} is here, after all`);
      }
    }
    return problems;
  }

  const knows = (module) => module in PYTHON;
  return { nameOf, memberOf, hasConstant, absentOf, elsewhere, missing, knows };
}
