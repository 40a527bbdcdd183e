/** Macros that are made of others: no real header has more floors. */
const DEPTH_MAX = 32;
const MACROS_MAX = 200_000;
const TOKEN = /\s*(0[xX][0-9a-fA-F]+|\d+|\w+|<<|[-+*()])/y;

/**
 * The numbers that C headers give to names: `#define DEV_SM_CLK_OSC24M 2U`, sums and names of other macros included. What is not
 * a whole number is passed over, and so are conditions: of two definitions the first counts.
 */
export class HeaderNumbers {
  readonly #macros = new Map<string, string>();
  readonly #values = new Map<string, number | null>();

  /** Takes in a header's text. */
  read(text: string): void {
    const bare = text.replace(/\\\r?\n/g, " ").replace(/\/\*[\s\S]*?(\*\/|$)/g, " ");
    for (const [, name, value] of bare.matchAll(/^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S.*)$/gm)) {
      if (this.#macros.size >= MACROS_MAX) return;
      const text = (value as string).replace(/\/\/.*/, "").trim();
      if (!this.#macros.has(name as string)) this.#macros.set(name as string, text);
    }
  }

  /** Names in the order in which they are defined. */
  names(): Iterable<string> {
    return this.#macros.keys();
  }

  /** The number of a name, or null. */
  get(name: string): number | null {
    return this.#valueOf(name, 0);
  }

  #valueOf(name: string, depth: number): number | null {
    const known = this.#values.get(name);
    if (known !== undefined) return known;
    const text = this.#macros.get(name);
    if (text === undefined || depth > DEPTH_MAX) return null;
    // A macro that comes back to itself has no number.
    this.#values.set(name, null);
    const value = new Sum(text, (other) => this.#valueOf(other, depth + 1)).read();
    this.#values.set(name, value);
    return value;
  }
}

/** Sums, products and shifts of whole numbers, with brackets. */
class Sum {
  readonly #tokens: readonly string[] | null;
  readonly #lookUp: (name: string) => number | null;
  #at = 0;
  #depth = 0;

  constructor(text: string, lookUp: (name: string) => number | null) {
    this.#tokens = tokensOf(text);
    this.#lookUp = lookUp;
  }

  /** The value, or null where the text is something else. */
  read(): number | null {
    if (this.#tokens === null) return null;
    const value = this.#shift();
    const isWhole = value !== null && Number.isSafeInteger(value) && value >= 0;
    return this.#at === this.#tokens.length && isWhole ? value : null;
  }

  #shift(): number | null {
    return this.#chain(["<<"], () => this.#sum());
  }

  #sum(): number | null {
    return this.#chain(["+", "-"], () => this.#chain(["*"], () => this.#term()));
  }

  #chain(operators: readonly string[], next: () => number | null): number | null {
    let value = next();
    while (operators.includes(this.#tokens?.[this.#at] ?? "")) {
      const operator = this.#tokens?.[this.#at];
      this.#at += 1;
      const right = next();
      if (value === null || right === null) return null;
      if (operator === "+") value += right;
      else if (operator === "-") value -= right;
      else if (operator === "*") value *= right;
      else value *= 2 ** right;
    }
    return value;
  }

  #term(): number | null {
    const token = this.#tokens?.[this.#at] ?? "";
    this.#at += 1;
    if (/^\d/.test(token)) return Number(token);
    if (token !== "(") return /^\w+$/.test(token) ? this.#lookUp(token) : null;
    this.#depth += 1;
    const value = this.#depth > DEPTH_MAX ? null : this.#shift();
    this.#depth -= 1;
    const isClosed = this.#tokens?.[this.#at] === ")";
    this.#at += 1;
    return isClosed ? value : null;
  }
}

/** The tokens of an expression, suffixes of numbers left out; null where it has others. */
function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  const bare = text.replace(/\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b/g, "$1");
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < bare.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(bare)?.[1];
    if (found === undefined) return bare.slice(at).trim() === "" ? tokens : null;
    tokens.push(found);
  }
  return tokens;
}
