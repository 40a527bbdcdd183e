import { isProblem, type Problem } from "#base/problem.ts";
import { type Token, tokens, wrong } from "./tokens.ts";

export const COMPARISONS = ["==", "!=", "<", "<=", ">", ">="] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** An expression, taken apart. `at`: where it begins, for refusals. */
export type Node =
  | { readonly kind: "value"; readonly value: string | number | boolean | null; readonly at: number }
  | { readonly kind: "path"; readonly steps: readonly Step[]; readonly at: number }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Node[]; readonly at: number }
  | { readonly kind: "not"; readonly of: Node; readonly at: number }
  | { readonly kind: "and" | "or"; readonly left: Node; readonly right: Node; readonly at: number }
  | {
      readonly kind: "compare";
      readonly by: Comparison;
      readonly left: Node;
      readonly right: Node;
      readonly at: number;
    };

/** A step of a path: a name, or what stands in brackets. */
export type Step = { readonly name: string } | { readonly index: Node };

/** Nesting beyond this is nobody's expression. */
const DEPTH_MAX = 100;

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** Reads an expression; see docs/debugging.md, "Expressions". */
export function parseExpression(text: string): Node | Problem {
  const found = tokens(text);
  if (isProblem(found)) return found;
  const parser = new Parser(text, found);
  try {
    return parser.whole();
  } catch (error) {
    if (error instanceof Wrong) return error.problem;
    throw error;
  }
}

class Wrong extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string, found: readonly Token[]) {
    this.#text = text;
    this.#tokens = found;
  }

  whole(): Node {
    const node = this.#or();
    const rest = this.#peek();
    if (rest.kind !== "end") this.#fail(rest, "an operator, or the end");
    return node;
  }

  #or(): Node {
    return this.#joined("or", ["||", "or"], () => this.#and());
  }

  #and(): Node {
    return this.#joined("and", ["&&", "and"], () => this.#not());
  }

  #joined(kind: "and" | "or", words: readonly string[], part: () => Node): Node {
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#fail(this.#peek(), `at most ${DEPTH_MAX} levels`);
    let left = part();
    while (words.includes(this.#peek().text) && this.#peek().kind !== "string") {
      const { at } = this.#take();
      left = { kind, left, right: part(), at };
    }
    this.#depth -= 1;
    return left;
  }

  #not(): Node {
    const token = this.#peek();
    const isNot =
      (token.kind === "mark" && token.text === "!") || (token.kind === "name" && token.text === "not");
    if (!isNot) return this.#comparison();
    this.#take();
    this.#depth += 1;
    if (this.#depth > DEPTH_MAX) this.#fail(token, `at most ${DEPTH_MAX} levels`);
    const of = this.#not();
    this.#depth -= 1;
    return { kind: "not", of, at: token.at };
  }

  #comparison(): Node {
    const left = this.#operand();
    const token = this.#peek();
    const by = COMPARISONS.find((mark) => token.kind === "mark" && token.text === mark);
    if (by === undefined) return left;
    this.#take();
    return { kind: "compare", by, left, right: this.#operand(), at: token.at };
  }

  #operand(): Node {
    const token = this.#take();
    const { kind, text, at } = token;
    if (kind === "number") return { kind: "value", value: Number(text), at };
    if (kind === "mark" && text === "-") {
      const number = this.#take();
      if (number.kind !== "number") this.#fail(number, "a number");
      return { kind: "value", value: -Number(number.text), at };
    }
    if (kind === "string") return { kind: "value", value: text.slice(1, -1).replaceAll(/\\(.)/g, "$1"), at };
    if (kind === "mark" && text === "(") {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    if (kind !== "name")
      return this.#fail(token, "a value: a path, a number, a text, true, false, null, or a function");
    if (Object.hasOwn(WORDS, text)) return { kind: "value", value: WORDS[text] as boolean | null, at };
    return this.#is("(") ? this.#call(text, at) : this.#path(text, at);
  }

  #call(name: string, at: number): Node {
    this.#expect("(");
    const args: Node[] = [];
    if (!this.#is(")")) {
      do args.push(this.#or());
      while (this.#accept(","));
    }
    this.#expect(")");
    return { kind: "call", name, args, at };
  }

  #path(first: string, at: number): Node {
    const steps: Step[] = [{ name: first }];
    for (;;) {
      if (this.#accept(".")) {
        const token = this.#take();
        if (token.kind !== "name" && token.kind !== "number") this.#fail(token, "a name");
        steps.push({ name: token.text });
      } else if (this.#accept("[")) {
        steps.push({ index: this.#or() });
        this.#expect("]");
      } else {
        return { kind: "path", steps, at };
      }
    }
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#next += 1;
    return token;
  }

  #is(mark: string): boolean {
    return this.#peek().kind === "mark" && this.#peek().text === mark;
  }

  #accept(mark: string): boolean {
    if (!this.#is(mark)) return false;
    this.#take();
    return true;
  }

  #expect(mark: string): void {
    if (!this.#accept(mark)) this.#fail(this.#peek(), JSON.stringify(mark));
  }

  #fail(token: Token, allowed: string): never {
    const found = token.kind === "end" ? "the end" : JSON.stringify(token.text);
    throw new Wrong(wrong(this.#text, token.at, found, allowed));
  }
}
