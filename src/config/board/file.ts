import type { z } from "zod";
import type { Json } from "#base/canonical-json.ts";
import { type Problem, problem } from "#base/problem.ts";
import { firstIssues, ISSUES_MAX } from "../first-issues.ts";
import type { Board } from "./board.ts";
import { type BoardIssue, type BoardParts, checkBoard } from "./checks.ts";
import type { Schema } from "./fields.ts";
import { InstanceSchema } from "./level-schema.ts";
import { withOwnResources } from "./own-resources.ts";
import { PerformanceDomainSchema } from "./performance-schema.ts";
import { PinFunctionSchema, PinGroupSchema, PinSchema } from "./pin-schema.ts";
import { PowerCapSchema } from "./powercap-schema.ts";
import {
  AgentSchema,
  BoardSchema,
  ClockSchema,
  DeviceSchema,
  PowerDomainSchema,
  ProtocolSchema,
  ResetSchema,
  TrustedAgentSchema,
} from "./schema.ts";
import { SensorSchema } from "./sensor-schema.ts";
import { VoltageDomainSchema } from "./voltage-schema.ts";
import { isYamlIssues, readYaml, type YamlIssue, type YamlValue } from "./yaml-value.ts";

/**
 * Reads a board file: YAML 1.2 or JSON, every default filled in, every reference checked.
 *
 * @param file its name, for messages
 * @returns the board, or `board-invalid` with every issue found: path, line, what was found, what is allowed
 */
export function parseBoard(text: string, file: string): Board | Problem {
  const yaml = readYaml(text);
  if (isYamlIssues(yaml)) return refuse(file, yaml.map(showYamlIssue));
  const written = withOwnResources(yaml.value);
  const result = BoardSchema.safeParse(written);
  const issues = result.success
    ? checkBoard(result.data.firmware)
    : [...fieldIssues(result.error), ...checkBoard(readableParts(written))];
  if (result.success && issues.length === 0) return result.data;
  return refuse(file, inFileOrder(issues, yaml));
}

/** The board as it is kept in the log: all defaults filled in, so that no later default changes an old host. */
export function canonicalBoard(board: Board): Json {
  return board as unknown as Json;
}

/** The board that {@link canonicalBoard} gave; `board-invalid` where the log's row is not one. */
export function boardFromJson(json: Json): Board | Problem {
  const result = BoardSchema.safeParse(json);
  if (result.success) return result.data;
  return refuse(
    "the recorded board",
    fieldIssues(result.error).map(({ path, message }) => `${showPath(path)}: ${message}`),
  );
}

/** What of a faulty board file can be checked all the same: each item that fits its own schema. */
function readableParts(board: unknown): BoardParts {
  const firmware = fieldOf(board, "firmware");
  const part = <S extends Schema>(name: string, item: S) => readable(fieldOf(firmware, name), item);
  return {
    // Without a list of agents every reference to one would be an issue.
    agents: readable(fieldOf(firmware, "agents") ?? "missing", AgentSchema),
    powerDomains: part("powerDomains", PowerDomainSchema),
    clocks: part("clocks", ClockSchema),
    resets: part("resets", ResetSchema),
    performanceDomains: part("performanceDomains", PerformanceDomainSchema),
    sensors: part("sensors", SensorSchema),
    voltageDomains: part("voltageDomains", VoltageDomainSchema),
    powerCaps: part("powerCaps", PowerCapSchema),
    pins: part("pins", PinSchema),
    groups: part("groups", PinGroupSchema),
    functions: part("functions", PinFunctionSchema),
    devices: part("devices", DeviceSchema),
    trustedAgents: part("trustedAgents", TrustedAgentSchema),
    protocols: part("protocols", ProtocolSchema),
    instances: part("instances", InstanceSchema),
    // What is wrong with a map of levels is told by itself.
    levels: {},
  };
}

function readable<S extends Schema>(items: unknown, item: S): (z.output<S> | null)[] {
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) return [null];
  return items.map((value) => {
    const result = item.safeParse(value);
    return result.success ? result.data : null;
  });
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Unknown fields come first: a wrong name explains what is missing. */
function fieldIssues(error: z.ZodError): BoardIssue[] {
  const unknown: BoardIssue[] = [];
  const others: BoardIssue[] = [];
  for (const issue of error.issues) {
    if (issue.code === "unrecognized_keys") {
      const messages = issue.message.split("\n");
      for (const [i, key] of issue.keys.entries()) {
        unknown.push({ path: [...issue.path, key], message: messages[i] ?? "is not a field here" });
      }
    } else others.push({ path: issue.path, message: issue.message });
  }
  return [...unknown, ...others];
}

function refuse(file: string, issues: readonly string[]): Problem {
  return problem("board-invalid", { file, issues: firstIssues(issues) });
}

/** The issues as text, as they stand in the file; those that are too many to be shown only count. */
function inFileOrder(issues: readonly BoardIssue[], yaml: YamlValue): string[] {
  const found = issues.slice(0, ISSUES_MAX).map((issue) => ({ ...issue, line: yaml.lineOf(issue.path) }));
  const shown = found
    .sort((a, b) => a.line - b.line)
    .map(({ path, line, message }) => `${showPath(path)} (line ${line}): ${message}`);
  return [...shown, ...issues.slice(ISSUES_MAX).map(({ path }) => showPath(path))];
}

function showYamlIssue({ line, message }: YamlIssue): string {
  return line === null ? message : `line ${line}: ${message}`;
}

/** `firmware.clocks[3].rate` */
function showPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the file";
  return path
    .map((step, depth) => {
      if (typeof step === "number") return `[${step}]`;
      const name = String(step);
      const short = name.length > 40 ? `${name.slice(0, 40)}…` : name;
      if (!/^[A-Za-z_][\w-]*…?$/.test(short)) return `[${JSON.stringify(short)}]`;
      return depth === 0 ? short : `.${short}`;
    })
    .join("");
}
