import type { Scalar, Table } from "#base/cells.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import { MachineState } from "#machine/state/state.ts";
import { FUNCTIONS } from "./functions.ts";
import { type Comparison, type Node, parseExpression, type Step } from "./parse.ts";
import { wrong } from "./tokens.ts";

/** What a part of an expression comes to: a cell, a row, a table of rows, or null: it is not there. */
export type Value = Scalar | { readonly [key: string]: unknown };

/** An expression over the machine's state. */
export interface Expression {
  readonly text: string;
  /** What it comes to: false, null, 0, an empty text and what is not there are false. */
  holds(state: MachineState): boolean;
  value(state: MachineState): Value;
  /** Whether a change of this table can make it come to something else. */
  reads(table: string): boolean;
}

type Evaluate = (state: MachineState) => Value;

/** Makes an expression of its text, or says where it is wrong. */
export function compileExpression(text: string): Expression | Problem {
  const node = parseExpression(text);
  if (isProblem(node)) return node;
  const compiler = new Compiler(text);
  const evaluate = compiler.compile(node);
  if (isProblem(evaluate)) return evaluate;
  const { tables } = compiler;
  return {
    text,
    value: evaluate,
    holds: (state) => isTrue(evaluate(state)),
    reads: (table) => tables.has(table),
  };
}

function isTrue(value: Value): boolean {
  return value !== false && value !== null && value !== 0 && value !== "";
}

const TABLES = new WeakMap<MachineState, ReadonlyMap<string, Table<object>>>();

function tablesOf(state: MachineState): ReadonlyMap<string, Table<object>> {
  let tables = TABLES.get(state);
  if (tables === undefined) {
    tables = new Map(state.tables().map((table) => [table.name, table]));
    TABLES.set(state, tables);
  }
  return tables;
}

class Compiler {
  readonly tables = new Set<string>();
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  compile(node: Node): Evaluate | Problem {
    switch (node.kind) {
      case "value":
        return () => node.value;
      case "path":
        return this.#path(node.steps, node.at);
      case "call":
        return this.#call(node);
      case "not": {
        const of = this.compile(node.of);
        return isProblem(of) ? of : (state) => !isTrue(of(state));
      }
      case "and":
      case "or":
      case "compare":
        return this.#binary(node);
    }
  }

  #binary(node: Extract<Node, { left: Node }>): Evaluate | Problem {
    const left = this.compile(node.left);
    if (isProblem(left)) return left;
    const right = this.compile(node.right);
    if (isProblem(right)) return right;
    if (node.kind === "and") return (state) => isTrue(left(state)) && isTrue(right(state));
    if (node.kind === "or") return (state) => isTrue(left(state)) || isTrue(right(state));
    if (node.kind !== "compare") throw new Error("bug: an operator that nobody knows");
    const compare = COMPARE[node.by];
    return (state) => compare(left(state), right(state));
  }

  #call({ name, args, at }: Extract<Node, { kind: "call" }>): Evaluate | Problem {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) {
      return wrong(this.#text, at, `${name}()`, `a function: ${Object.keys(FUNCTIONS).join(", ")}`);
    }
    if (args.length !== known.args.length) {
      return wrong(
        this.#text,
        at,
        `${name}() with ${args.length} arguments`,
        `${name}(${known.args.join(", ")})`,
      );
    }
    const counted = this.#countOfTable(name, args);
    if (counted !== null) return counted;
    const compiled: Evaluate[] = [];
    for (const arg of args) {
      const evaluate = this.compile(arg);
      if (isProblem(evaluate)) return evaluate;
      const refused = arg.kind === "value" ? known.refuses?.(arg.value) : undefined;
      if (refused !== undefined)
        return wrong(this.#text, arg.at, JSON.stringify(arg.kind === "value" ? arg.value : ""), refused);
      compiled.push(evaluate);
    }
    for (const table of known.reads) this.tables.add(table);
    return (state) =>
      known.evaluate(
        state,
        compiled.map((evaluate) => evaluate(state)),
      );
  }

  /** A path begins with a table's name, whose parts may be apart; then come a row and a column. */
  #path(steps: readonly Step[], at: number): Evaluate | Problem {
    const named = tableOf(steps);
    if (named === null) {
      const allowed = tableNames().map((name) => name.replace("/", "."));
      const found = leadingNames(steps).join(".");
      return wrong(this.#text, at, found, `a path that begins with one of ${allowed.join(", ")}`);
    }
    this.tables.add(named.table);
    const rest: Evaluate[] = [];
    for (const step of named.rest) {
      const evaluate: Evaluate | Problem = "name" in step ? () => step.name : this.compile(step.index);
      if (isProblem(evaluate)) return evaluate;
      rest.push(evaluate);
    }
    return (state) => follow(state, named.table, rest);
  }

  /** How many rows a table has is asked of it, not of a copy of its rows; null: it is no count of a table. */
  #countOfTable(name: string, [arg]: readonly Node[]): Evaluate | null {
    const named = name === "count" && arg?.kind === "path" ? tableOf(arg.steps) : null;
    if (named === null || named.rest.length > 0) return null;
    this.tables.add(named.table);
    return (state) => tablesOf(state).get(named.table)?.size ?? 0;
  }
}

function leadingNames(steps: readonly Step[]): string[] {
  const end = steps.findIndex((step) => !("name" in step));
  return steps.slice(0, end === -1 ? steps.length : end).map((step) => (step as { name: string }).name);
}

/** The table that a path begins with, and the steps behind its name. */
function tableOf(steps: readonly Step[]): { readonly table: string; readonly rest: readonly Step[] } | null {
  const words = leadingNames(steps);
  for (let count = Math.min(words.length, 2); count > 0; count -= 1) {
    const table = words.slice(0, count).join("/");
    if (tableNames().includes(table)) return { table, rest: steps.slice(count) };
  }
  return null;
}

let namesOfTables: readonly string[] | null = null;

/** The tables are those of any state, an empty one too. */
function tableNames(): readonly string[] {
  namesOfTables ??= new MachineState().tables().map(({ name }) => name);
  return namesOfTables;
}

function follow(state: MachineState, name: string, steps: readonly Evaluate[]): Value {
  const table = tablesOf(state).get(name) as Table<object>;
  const [rowStep, ...columns] = steps;
  if (rowStep === undefined) return rowsOf(table);
  const key = rowStep(state);
  if (typeof key !== "string" && typeof key !== "number") return null;
  const number = typeof key === "string" && /^\d+$/.test(key) ? Number(key) : key;
  let value: unknown = table.get(number) ?? table.get(key);
  for (const column of columns) {
    const named = column(state);
    if (typeof value !== "object" || value === null || named === null || typeof named === "object")
      return null;
    value = (value as Record<string, unknown>)[String(named)];
  }
  return (value ?? null) as Value;
}

function rowsOf(table: Table<object>): { readonly [key: string]: unknown } {
  return Object.fromEntries(table.keys().map((key) => [key, table.get(key)]));
}

/** What is not there equals null alone; only numbers are less or more. */
const COMPARE: Readonly<Record<Comparison, (left: Value, right: Value) => boolean>> = {
  "==": (left, right) => left === right,
  "!=": (left, right) => left !== right,
  "<": (left, right) => areNumbers(left, right) && (left as number) < (right as number),
  "<=": (left, right) => areNumbers(left, right) && (left as number) <= (right as number),
  ">": (left, right) => areNumbers(left, right) && (left as number) > (right as number),
  ">=": (left, right) => areNumbers(left, right) && (left as number) >= (right as number),
};

function areNumbers(left: Value, right: Value): boolean {
  return typeof left === "number" && typeof right === "number";
}
