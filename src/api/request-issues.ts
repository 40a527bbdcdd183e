import { z } from "zod";
import { didYouMean, show } from "#config/board/fields.ts";
import type { RequestIssue } from "./contract.ts";

/** Issues that an answer lists; there may be a million. */
const ISSUES_MAX = 20;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * What is wrong with a part of a request, for the caller to read: each place, what was found there and what is allowed.
 *
 * @param error of a parse with `reportInput`
 * @param schema that refused
 * @param part where the request has it: `body`, `query`, `path`
 */
export function requestIssues(error: z.core.$ZodError, schema: z.ZodType, part: string): RequestIssue[] {
  const issues = error.issues.flatMap((issue) => described(issue, schema, [], part));
  const more = issues.length - ISSUES_MAX;
  if (more <= 0) return issues;
  return [...issues.slice(0, ISSUES_MAX), { path: part, found: `${more} more issues`, allowed: "none" }];
}

function described(issue: Issue, schema: z.ZodType, above: Path, part: string): RequestIssue[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = knownFields(schema, issue);
    return issue.keys.slice(0, ISSUES_MAX + 1).map((key) => ({
      path: pathText(part, [...path, key]),
      found: "an unknown field",
      allowed: `${known.join(", ") || "no field"}${didYouMean(key, known)}`,
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0 && issue.message === "Invalid input") {
    const index = nearest(issue);
    const option = alternatives(schema, issue.path)[index] ?? schema;
    return (issue.errors[index] ?? []).flatMap((inner) => described(inner, option, path, part));
  }
  return [{ path: pathText(part, path), found: show(issue.input), allowed: allowedText(issue) }];
}

/**
 * Which alternative a value comes nearest to: the one that knows the most of its fields, then the one with the fewest faults; what
 * has no field at all says nothing, and the first is the usual one.
 */
function nearest({ errors, input }: Extract<Issue, { code: "invalid_union" }>): number {
  if (typeof input !== "object" || input === null || Object.keys(input).length === 0) return 0;
  const unknown = (issues: readonly Issue[]) =>
    issues.reduce((n, issue) => n + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0);
  const ranked = errors.map((issues, index) => ({ index, unknown: unknown(issues), faults: issues.length }));
  ranked.sort((a, b) => a.unknown - b.unknown || a.faults - b.faults);
  return ranked[0]?.index ?? 0;
}

/** The alternatives of the union at `path`, in their order. */
function alternatives(schema: z.ZodType, path: Path): z.ZodType[] {
  const [union] = at(schema, path);
  return union instanceof z.ZodUnion ? (union.options as z.ZodType[]) : [];
}

/**
 * The fields that an object with unknown ones may have. Of alternatives, zod names none where it is in no doubt: it is one to which
 * the keys are unknown, and of those the one that knows the others.
 */
function knownFields(
  schema: z.ZodType,
  { path, keys, input }: Extract<Issue, { code: "unrecognized_keys" }>,
): string[] {
  const shapes = at(schema, path)
    .flatMap((inner) => (inner instanceof z.ZodUnion ? (inner.options as z.ZodType[]) : [inner]))
    .filter((inner) => inner instanceof z.ZodObject)
    .map((object) => Object.keys(object.shape))
    .filter((known) => !keys.some((key) => known.includes(key)));
  const given = Object.keys(input ?? {});
  const overlap = (known: readonly string[]) => given.filter((key) => known.includes(key)).length;
  return shapes.sort((a, b) => overlap(b) - overlap(a))[0] ?? [];
}

/** The schema of what lies at `path`, without what is wrapped around it; more than one where it is a union further up. */
function at(schema: z.ZodType, path: Path): z.ZodType[] {
  if (schema instanceof z.ZodOptional) return at(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodPipe) {
    const inner = schema.in instanceof z.ZodTransform ? schema.out : schema.in;
    return at(inner as z.ZodType, path);
  }
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap((s) => at(s, path));
  if (schema instanceof z.ZodArray) return at(schema.element as z.ZodType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const field = (schema.shape as Record<PropertyKey, z.ZodType | undefined>)[step];
  return field === undefined ? [] : at(field, rest);
}

/** Schemas say in their `error` what is allowed; where one does not, zod's own words have to do. */
function allowedText({ message }: Issue): string {
  return message.replace(/^[A-Z][a-z ]+: expected /, "").replace(/, received .*$/, "");
}

/** `body.x[0]`; a name that is no word is quoted, a long one cut. */
function pathText(part: string, path: Path): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    const name = String(step);
    const short = name.length > 40 ? `${name.slice(0, 40)}…` : name;
    return /^[A-Za-z_][\w-]*…?$/.test(short) ? `.${short}` : `[${JSON.stringify(short)}]`;
  });
  return part + steps.join("");
}
