import { z } from "zod";

const U32_MAX = 0xffff_ffff;

/** A number of the path or the query, which HTTP knows as text. What is no number stays as it is, and is refused as such. */
function numberText(min: number, max: number) {
  const allowed = `a whole number from ${min} to ${max}`;
  return z.preprocess(
    (value) => (typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value),
    z.int({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed }),
  );
}

/** The id of an agent or a device, in the path or the query. */
export const IdText = numberText(0, U32_MAX);
/** A seq or a command's id, in the query: 0 stands before the first. */
export const CountText = numberText(0, Number.MAX_SAFE_INTEGER);

/** How many items a page has at the most. */
export function limitText(fallback: number, max: number) {
  return numberText(1, max).optional().describe(`Items of a page at the most. Default: ${fallback}.`);
}

/** Where a list goes on that no single number orders. */
export function cursorText(form: RegExp) {
  const allowed = "the `next` of the page before";
  return z.string({ error: allowed }).regex(form, { error: allowed }).optional();
}

/** A moment: a seq, or a time with its zone. Resolved by `position.ts`. */
export const MomentText = z
  .string({ error: "a seq, or a time such as 2026-11-20T23:49:28.000001Z" })
  .min(1, { error: "a seq, or a time such as 2026-11-20T23:49:28.000001Z" })
  .describe("A seq, or an ISO 8601 time with its zone, inclusive: the last event that is not after it.");

/** An expression over the state. What is wrong in it, an empty one too, is told by its place. */
export const ExpressionText = z
  .string({ error: "an expression, such as: not allowed(2, 1)" })
  .max(10_000, { error: "an expression of at most 10000 characters" });

/** Register, address or header: `0x82000004`. */
export const HexWord = z.string().regex(/^0x[0-9a-f]+$/);
/** Bytes, two lowercase digits each. */
export const HexBytes = z.string().regex(/^([0-9a-f]{2})*$/);
export const AgentId = z.int().min(0).max(U32_MAX).describe("SCMI agent id.");
export const DeviceId = z.int().min(0).max(U32_MAX).describe("SCMI device id.");
export const Domid = z.int().min(0).max(0x7fff).describe("Xen domain id.");
export const Seq = z.int().min(0).describe("Number of an event in the log, dense, from 1.");
export const Time = z.string().describe("UTC, with microseconds: `2026-11-20T23:49:28.000001Z`.");
export const StateHash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("Digest of the machine's state, 64 hex digits.");

/** A page of a list; `next` is the `after` of the following one, or null: this is the last. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z.int().nullable().describe("Give it as `after` to get the next page; null: there is none."),
  });
}

/** A page of a list whose items no single number orders. */
export function pageByText<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    items: z.array(item),
    next: z.string().nullable().describe("Give it as `after` to get the next page; null: there is none."),
  });
}

/** No query parameters. */
export const NoQuery = z.strictObject({});
/** No path parameters. */
export const NoParams = z.strictObject({});
