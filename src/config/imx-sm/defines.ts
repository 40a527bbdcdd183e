/** Definitions that refer to others: no real file has more floors. */
const DEPTH_MAX = 100;
/** Characters that one line may become, and all lines together. Definitions that use others twice grow without bound. */
const LINE_MAX = 100_000;
const ALL_MAX = 4_000_000;

/**
 * The definitions that are in force at a line. A name is replaced by the value that it has where it is used, not where something
 * that mentions it was defined: so `DFMT0` in a device's definition means what the section at hand says.
 */
export class Defines {
  /** Every value that a name had, the newest last. */
  readonly #values = new Map<string, string[]>();
  #characters = 0;

  define(name: string, value: string): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /**
   * A text with every name in it replaced, as often as it takes; what is in quotes stays.
   *
   * @returns the text, or why there is none, in words
   */
  expand(text: string): { readonly text: string } | { readonly refusal: string } {
    if (this.#characters > ALL_MAX) {
      return { refusal: `with their definitions the lines up to here have over ${ALL_MAX} characters` };
    }
    const expansion = new Expansion(this.#values);
    expansion.add(text, 0);
    this.#characters += expansion.text.length;
    return expansion.refusal === null ? { text: expansion.text } : { refusal: expansion.refusal };
  }
}

class Expansion {
  text = "";
  refusal: string | null = null;
  readonly #values: ReadonlyMap<string, readonly string[]>;
  /** Values of a name that are being put in: what the name means inside of one is the value before it. */
  readonly #inside = new Map<string, number>();

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  add(text: string, depth: number): void {
    for (const [piece] of text.matchAll(/"[^"]*"?|\w+|[^\w"]+/g)) {
      if (this.refusal !== null) return;
      const values = this.#values.get(piece);
      if (values === undefined) this.#put(piece);
      else this.#replace(piece, values, depth);
    }
  }

  #replace(name: string, values: readonly string[], depth: number): void {
    const index = (this.#inside.get(name) ?? values.length) - 1;
    if (index < 0) this.refusal = `the definition of ${name} comes back to itself`;
    else if (depth >= DEPTH_MAX) this.refusal = `${name} is defined over more than ${DEPTH_MAX} others`;
    else {
      const outside = this.#inside.get(name);
      this.#inside.set(name, index);
      this.add(values[index] as string, depth + 1);
      if (outside === undefined) this.#inside.delete(name);
      else this.#inside.set(name, outside);
    }
  }

  #put(piece: string): void {
    this.text += piece;
    if (this.text.length > LINE_MAX) {
      this.refusal = `with its definitions the line has over ${LINE_MAX} characters`;
    }
  }
}
