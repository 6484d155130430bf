// The room of a chat: who is in it, and what everybody hears.

/** How somebody hears what is said. */
export type Hear = (line: string) => void;

const NAME = /^[\p{L}\p{N}_-]{1,20}$/u;

/** Some people, who say their name first and then anything. */
export class Room {
  readonly #people = new Map<string, Hear>();

  /** Everybody hears it, but one. */
  #tell(line: string, except?: string): void {
    for (const [name, hear] of this.#people) if (name !== except) hear(line);
  }

  /** Somebody enters; gives what to call with each of his lines. Undefined as the line: he leaves. */
  enter(hear: Hear): (line: string | undefined) => void {
    let name: string | undefined;
    hear('What is your name?');
    return (line) => {
      if (line === undefined) {
        if (name === undefined) return;
        this.#people.delete(name);
        this.#tell(`* ${name} has left`);
      } else if (name === undefined) {
        const wanted = line.trim();
        if (!NAME.test(wanted)) return hear('A name has 1 to 20 letters or digits. What is yours?');
        if (this.#people.has(wanted))
          return hear(`There is a ${wanted} already. What is your name?`);
        const others = [...this.#people.keys()].join(', ') || 'nobody';
        hear(`* welcome; here are: ${others}`);
        name = wanted;
        this.#people.set(name, hear);
        this.#tell(`* ${name} has come`, name);
      } else if (line.trim() === '/who') {
        hear(`* here are: ${[...this.#people.keys()].join(', ')}`);
      } else if (line.trim() !== '') {
        this.#tell(`${name}: ${line}`, name);
      }
    };
  }
}
