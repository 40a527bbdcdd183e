import { z } from "zod";
import { suggest } from "../suggest.ts";

/**
 * The kinds of field that a board file is made of. Every refusal reads "found this, allowed is that". What the reference page
 * needs is in each schema's meta: `allowed`, `fallback` (the default as text), `inner` (where one schema wraps another), and
 * `description` (the meaning).
 */

/** A field that `read` understands; it gives undefined for what it does not. */
export function field<T>(
  allowed: string,
  read: (value: unknown) => T | undefined,
  refusal: (value: unknown) => string = (value) => foundInstead(value, allowed),
) {
  return z
    .unknown()
    .transform((value, ctx): T => {
      const result = read(value);
      if (result !== undefined) return result;
      ctx.issues.push({ code: "custom", input: value, message: refusal(value) });
      return z.NEVER;
    })
    .meta({ allowed });
}

/** A field that may be left out, or be there without a value, and then is `fallback`. */
export function left<S extends Schema>(inner: S, fallback: z.output<S>, shown = JSON.stringify(fallback)) {
  return optional(inner)
    .transform((value): z.output<S> => value ?? fallback)
    .meta({ inner, fallback: shown });
}

/** A field that may be left out, or be there without a value, and then is null; `shown` says what that means. */
export function leftNull<S extends Schema>(inner: S, shown: string) {
  return optional(inner)
    .transform((value): z.output<S> | null => value ?? null)
    .meta({ inner, fallback: shown });
}

/** A schema of this file: it takes anything and says what is wrong with it. */
export type Schema = z.ZodType<unknown, unknown>;

function optional<S extends Schema>(inner: S) {
  return z
    .unknown()
    .optional()
    .transform((value): unknown => value ?? undefined)
    .pipe(inner.optional() as z.ZodType<z.output<S> | undefined, unknown>);
}

/** Id of a resource or a device: SCMI counts the resources of a protocol in 16 bits. */
export function resourceId() {
  return whole(0, 0xffff);
}

/** The field `absent` of a resource. */
export function absent() {
  return left(flag(), false).describe("Its id counts, but it is not there: it is fused off.");
}

/** The field `async` of a resource. */
export function async() {
  return left(flag(), true).describe("Whether it takes asynchronous requests, where the firmware does.");
}

/** A whole number, in any notation of YAML's or as a quoted hex string. */
export function whole(min: number, max: number) {
  return field(`a whole number from ${min} to ${max}`, (value) => wholeWithin(value, min, max));
}

/** An address or a function id: as {@link whole}, but people think of it in hex. */
export function hexWhole(allowed: string, max: number, multipleOf = 1) {
  const read = (value: unknown): number | undefined => {
    const number = wholeWithin(value, 0, max);
    return number !== undefined && number % multipleOf === 0 ? number : undefined;
  };
  return field(allowed, read, (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= 0
      ? `found 0x${value.toString(16)}, allowed is ${allowed}`
      : foundInstead(value, allowed),
  );
}

function wholeWithin(value: unknown, min: number, max: number): number | undefined {
  const number = typeof value === "string" && /^0[xX][0-9a-fA-F]+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) return undefined;
  return number >= min && number <= max ? number : undefined;
}

/** True or false. YAML 1.2 reads `on` and `off` as text; they mean the same. */
export function flag() {
  return field("true or false, on or off", toBoolean);
}

/** On or off; true and false mean the same. */
export function onOff() {
  return field("on or off, true or false", (value): "on" | "off" | undefined => {
    const on = toBoolean(value);
    return on === undefined ? undefined : on ? "on" : "off";
  });
}

/** What {@link flag} understands. */
function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const name = typeof value === "string" ? value.toLowerCase() : undefined;
  return name === "on" ? true : name === "off" ? false : undefined;
}

/** One of these words, exactly. */
export function word<const W extends string>(words: readonly W[]) {
  const allowed = words.join(", ");
  return field(
    allowed,
    (value) => words.find((known) => known === value),
    (value) => {
      if (typeof value !== "string") return foundInstead(value, allowed);
      return foundInstead(value, allowed) + didYouMean(value, words);
    },
  );
}

/** A text. Control characters and half surrogate pairs are refused in all of them: they would come back in logs and tables. */
export function text(allowed: string, fits: (text: string) => boolean = () => true) {
  return field(allowed, (value) => {
    return typeof value === "string" && !/[\p{Cc}\p{Cs}]/u.test(value) && fits(value) ? value : undefined;
  });
}

/** A name as SCMI carries it: printable ASCII. The firmware cuts it at 15 bytes. */
export function asciiName() {
  return text("a text of printable ASCII characters", (name) => /^[ -~]*$/.test(name));
}

/** A list of `what`. */
export function list<S extends z.ZodType>(item: S, what: string) {
  const allowed = `a list of ${what}`;
  return z.array(item, { error: (issue) => foundInstead(issue.input, allowed) }).meta({ allowed });
}

/**
 * A map from keys of the board's choosing to something: `{0: ALL, 1: SET}`.
 *
 * @param refuseKey what is wrong with a key, or null
 */
export function mapOf<Item>(
  item: z.ZodType<Item, unknown>,
  allowed: string,
  refuseKey: (key: string) => string | null,
) {
  return z
    .unknown()
    .transform((value, ctx): { readonly [key: string]: Item } => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        ctx.issues.push({ code: "custom", input: value, message: foundInstead(value, allowed) });
        return z.NEVER;
      }
      const items: [string, Item][] = [];
      for (const [key, given] of Object.entries(value)) {
        const message = refuseKey(key);
        if (message !== null) {
          ctx.issues.push({ code: "custom", input: value, path: [key], message });
          continue;
        }
        const read = item.safeParse(given);
        if (read.success) items.push([key, read.data]);
        else {
          for (const { path, message } of read.error.issues) {
            ctx.issues.push({ code: "custom", input: given, path: [key, ...path], message });
          }
        }
      }
      // A key may be __proto__.
      return Object.fromEntries(items);
    })
    .meta({ allowed });
}

/** Unknown fields of one map that a refusal has a line for: a suggestion costs time, and there may be a million. */
export const UNKNOWN_SHOWN_MAX = 20;

/** A map with exactly these fields. A refusal of unknown ones has a line for each, in the order of the issue's `keys`. */
export function record<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys
            .slice(0, UNKNOWN_SHOWN_MAX)
            .map((key) => unknownField(key, known))
            .join("\n")
        : foundInstead(issue.input, `a map with the fields ${known.join(", ")}`),
  });
}

function unknownField(name: string, known: readonly string[]): string {
  return `is not a field here${didYouMean(name, known) || `, allowed are ${known.join(", ")}`}`;
}

/** "; did you mean x?", where there is an x. */
export function didYouMean(name: string, known: readonly string[]): string {
  const meant = suggest(name, known);
  return meant === null ? "" : `; did you mean ${meant}?`;
}

/** "found x, allowed is y". */
export function foundInstead(value: unknown, allowed: string): string {
  return `found ${show(value)}, allowed is ${allowed}`;
}

/** A value of the file as a message shows it. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a map";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(value.length > SHOWN_MAX ? `${value.slice(0, SHOWN_MAX)}…` : value);
}

/** Characters of a text that a message quotes. */
const SHOWN_MAX = 40;
