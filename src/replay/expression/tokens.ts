import { type Problem, problem } from "#base/problem.ts";

/** A piece of an expression, and where it begins (characters from 1). */
export interface Token {
  readonly kind: "name" | "number" | "string" | "mark" | "end";
  readonly text: string;
  readonly at: number;
}

/** An expression is longer than anybody types. */
const CHARS_MAX = 10_000;

const PIECE =
  /\s*(?:(?<name>[A-Za-z_][\w-]*)|(?<number>0x[0-9a-fA-F]+|\d+(?:\.\d+)?)|(?<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<mark>==|!=|<=|>=|&&|\|\||[<>!().,[\]-]))/y;

/** The pieces of an expression, with an end behind them. */
export function tokens(expression: string): Token[] | Problem {
  if (expression.length > CHARS_MAX) {
    return wrong(expression, CHARS_MAX, "more", `at most ${CHARS_MAX} characters`);
  }
  const found: Token[] = [];
  PIECE.lastIndex = 0;
  for (let at = 0; ; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(expression);
    if (match === null) {
      const rest = expression.slice(at).trimStart();
      if (rest === "") return [...found, { kind: "end", text: "", at: expression.length + 1 }];
      const place = expression.length - rest.length + 1;
      const allowed = /^["']/.test(rest)
        ? "a text that ends with its quote"
        : "a name, a number, a text or an operator";
      return wrong(expression, place, JSON.stringify(rest.slice(0, 10)), allowed);
    }
    const { name, number, string, mark } = match.groups as Record<string, string | undefined>;
    const text = name ?? number ?? string ?? mark ?? "";
    const kind =
      name !== undefined
        ? "name"
        : number !== undefined
          ? "number"
          : string !== undefined
            ? "string"
            : "mark";
    found.push({ kind, text, at: PIECE.lastIndex - text.length + 1 });
  }
}

/** The refusal of an expression: where, what is there, and what could be. */
export function wrong(expression: string, at: number, found: string, allowed: string): Problem {
  return problem("expression-invalid", { expression: expression.slice(0, 200), at, found, allowed });
}
