import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { dataJson } from "#events/logged.ts";
import { EVENTS } from "#events/schemas.ts";
import type { MachineEvent } from "#events/types.ts";
import { FINDING_KINDS } from "#machine/checks/findings.ts";
import type { MachineState } from "#machine/state/state.ts";
import { compileExpression } from "../expression/compile.ts";
import { quoted } from "./quoted.ts";

/** Names that breakpoints can ask for, and how a time is read. Handed in: this room knows no wire protocol. */
export interface Vocabulary {
  /** Names of SCMI messages. */
  readonly commands: readonly string[];
  /** Names of SCMI statuses. */
  readonly statuses: readonly string[];
  /** A time with its zone as microseconds since 1970, or null where it is none. */
  readonly timeUs: (text: string) => number | null;
}

/** Stops at events of a kind. */
export interface Breakpoint {
  readonly kind: "break";
  readonly text: string;
  readonly matches: (event: MachineEvent) => boolean;
}

/** Stops where an expression comes to something else. */
export interface Watchpoint {
  readonly kind: "watch";
  readonly text: string;
  readonly reads: (table: string) => boolean;
  /** What it comes to, as JSON. */
  readonly value: (state: MachineState) => string;
}

type Test = (event: MachineEvent) => boolean;

const EVENT_TYPES = Object.keys(EVENTS);

/** What an event can be asked for: a breakpoint may join several, and all must hold. */
export const BREAK_KEYS = ["type", "domain", "agent", "command", "status"] as const;

/** Reads a breakpoint: `type smc.refused`, `domain 3`, `command CLOCK_RATE_SET status DENIED`. */
export function breakpoint(text: string, words: Vocabulary): Breakpoint | Problem {
  const parts = text.split(/\s+/).filter((part) => part !== "" && part !== "and");
  if (parts.length === 0 || parts.length % 2 === 1) {
    return invalid(
      text === "" ? "nothing" : quoted(text),
      `pairs such as type smc.refused, domain 3, status DENIED`,
    );
  }
  const tests: Test[] = [];
  const keys = parts.filter((_, i) => i % 2 === 0);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) {
    return invalid(
      `${quoted(twice)} twice`,
      "each key once: all of a breakpoint must hold; another is a break of its own",
    );
  }
  for (let i = 0; i < parts.length; i += 2) {
    const test = testOf(parts[i] as string, parts[i + 1] as string, words);
    if (isProblem(test)) return test;
    tests.push(test);
  }
  return { kind: "break", text: parts.join(" "), matches: (event) => tests.every((test) => test(event)) };
}

function testOf(key: string, value: string, { commands, statuses }: Vocabulary): Test | Problem {
  switch (key) {
    case "type":
      return EVENT_TYPES.includes(value)
        ? ({ type }) => type === value
        : invalid(quoted(value), `a type of event: ${EVENT_TYPES.join(", ")}`);
    case "domain":
    case "agent": {
      if (!/^\d{1,9}$/.test(value))
        return invalid(quoted(value), `${key === "domain" ? "a domid" : "an agent id"}`);
      const id = Number(value);
      return key === "domain" ? ({ domid }) => domid === id : ({ agentId }) => agentId === id;
    }
    case "command": {
      const name = value.toUpperCase();
      return commands.includes(name)
        ? (event) => messageOf(event)?.message === name
        : invalid(quoted(value), `the name of an SCMI message, such as ${similar(name, commands)}`);
    }
    case "status": {
      const name = value.toUpperCase();
      return statuses.includes(name)
        ? (event) => messageOf(event)?.status === name
        : invalid(quoted(value), `one of ${statuses.join(", ")}`);
    }
    default:
      return invalid(quoted(key), BREAK_KEYS.join(", "));
  }
}

/** Names that share the most with one that nobody knows. */
function similar(name: string, names: readonly string[]): string {
  const parts = name.split("_");
  const shared = (other: string) => other.split("_").filter((part) => parts.includes(part)).length;
  const known = [...new Set(names)].sort((a, b) => shared(b) - shared(a) || (a < b ? -1 : 1));
  return known.slice(0, 5).join(", ");
}

/** The SCMI message that an event is about, and the status it was answered with; null where there is none. */
function messageOf(event: MachineEvent): { readonly message: unknown; readonly status: unknown } | null {
  switch (event.type) {
    case "smc.forwarded":
    case "scmi.completed":
    case "scmi.observed":
    case "p2a.acknowledged": {
      const shown = dataJson(event) as { readonly [field: string]: unknown };
      const decoded = shown["decoded"] as Record<string, unknown> | null | undefined;
      const response = decoded?.["response"] as Record<string, unknown> | null | undefined;
      return {
        message: decoded?.["message"],
        status: response?.["status"] ?? decoded?.["status"] ?? shown["status"],
      };
    }
    default:
      return null;
  }
}

/** Reads a watchpoint: an expression, or `finding KIND`, `findings`, `violations`. */
export function watchpoint(text: string): Watchpoint | Problem {
  const [first = "", kind = "", ...rest] = text.split(/\s+/);
  if (first === "finding" && rest.length === 0) {
    if (!FINDING_KINDS.some((known) => known === kind)) {
      return problem("debug-argument-invalid", {
        command: "watch finding",
        found: kind === "" ? "nothing" : quoted(kind),
        allowed: `one of ${FINDING_KINDS.join(", ")}`,
      });
    }
    return watching(text, `finding("${kind}")`);
  }
  return watching(text, /^(findings|violations)$/.test(text) ? `${text}()` : text);
}

function watching(text: string, expression: string): Watchpoint | Problem {
  const compiled = compileExpression(expression);
  if (isProblem(compiled)) return compiled;
  const { reads, value } = compiled;
  return { kind: "watch", text, reads, value: (state) => canonicalJson(value(state) as Json) };
}

function invalid(found: string, allowed: string): Problem {
  return problem("debug-argument-invalid", { command: "break", found, allowed });
}
