// Class attributes: what Python looks up in the instance and then in its classes is a property of
// the instance here, or else a static property of its class.

/** An attribute of the instance's class. */
export function classAttribute<T>(instance: object, name: string): T {
  return (instance.constructor as unknown as Record<string, T>)[name] as T;
}

/** Makes a value the instance's own. */
export function assign(instance: object, name: string, value: unknown): void {
  // Not enumerable, which tells it from a field of a class.
  Object.defineProperty(instance, name, { value, writable: true, configurable: true });
}

/**
 * Gives instances the attributes: reading one gives the static property of the class, with those
 * it inherits; writing one makes it the instance's own.
 */
export function defineAttributes(
  constructor: { readonly prototype: object },
  names: readonly string[],
): void {
  for (const name of names) {
    Object.defineProperty(constructor.prototype, name, {
      configurable: true,
      get(this: object) {
        return classAttribute(this, name);
      },
      set(this: object, value: unknown) {
        assign(this, name, value);
      },
    });
  }
}

/**
 * Refuses attributes that a class declares as fields although they are needed before fields exist:
 * the base class's constructor, which binds and listens, runs first.
 *
 * @throws TypeError that says what to write
 */
export function refuseFields(instance: object, names: readonly string[]): void {
  for (const name of names) {
    if (!Object.prototype.propertyIsEnumerable.call(instance, name)) continue;
    throw new TypeError(
      `${instance.constructor.name}.${name} is a field, which is set only after the constructor ` +
        `has bound the socket: write "static ${name} = …"`,
    );
  }
}
