import { z } from "zod";
import { fromHex } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import { foundInstead } from "#config/board/fields.ts";
import { SCI_TYPES } from "#config/xen/sci-type.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";
import type { DomainFields, ScmiCall } from "./commands.ts";

/**
 * The bodies of commands as JSON gives them, shared by scripts and REST: plain zod, so that they can be described as JSON
 * schemas. The `error` of each says what is allowed; {@link invalidRequest} puts what was found before it.
 */

const XLCFG_CHARACTERS_MAX = 1024 * 1024;
const REASON_CHARACTERS_MAX = 1000;

function whole(min: number, max: number, allowed = `a whole number from ${min} to ${max}`) {
  return z.int({ error: allowed }).min(min, { error: allowed }).max(max, { error: allowed });
}

function text(allowed: string, max = Number.MAX_SAFE_INTEGER) {
  return z.string({ error: allowed }).min(1, { error: allowed }).max(max, { error: allowed });
}

/** An object with exactly these fields. */
function shape<Shape extends z.core.$ZodLooseShape>(fields: Shape) {
  return z.strictObject(fields, { error: `an object with the fields ${Object.keys(fields).join(", ")}` });
}

function flag() {
  return z.boolean({ error: "true or false" });
}

function word<const W extends readonly [string, ...string[]]>(words: W) {
  return z.enum(words, { error: words.join(", ") });
}

/** A domain as somebody names it: by domid, or by name or uuid. */
export const DomainRefSchema = z
  .union([z.int().min(0), z.string().min(1)], { error: "a domid, or a domain's name or uuid" })
  .describe("domid, or the domain's name or uuid");

/** Why somebody asks: it goes into the log. */
const why = text(`a text of 1 to ${REASON_CHARACTERS_MAX} characters`, REASON_CHARACTERS_MAX)
  .optional()
  .describe("Why; it is recorded with the events.");

/** Agents of BASE_SET_DEVICE_PERMISSIONS and its like: any u32, for the firmware is the one to refuse. */
export const AgentIdSchema = whole(0, 0xffff_ffff).describe("SCMI agent id");
export const DeviceIdSchema = whole(0, 0xffff_ffff).describe("SCMI device id");

export const HostRebootBody = shape({
  cause: word(["cold", "reboot", "crash"]).optional().describe("Default: reboot."),
  reason: why,
});

const sci = shape({
  type: word(SCI_TYPES),
  agentId: whole(0, 255).optional().describe("Default: 0."),
});

const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

const createFields = shape({
  name: text("a text of 1 to 255 characters", 255),
  sci: sci.describe("Goes to the domctl as it is."),
  dtdev: z
    .array(text("the path of a node of the host device tree"), { error: "a list of device-tree paths" })
    .optional(),
  passthrough: flag().optional().describe("IOMMU on. Default: true when dtdev is given, as in xl."),
  uuid: z
    .string({ error: "a uuid" })
    .regex(UUID, { error: "a uuid" })
    .transform((uuid) => uuid.toLowerCase())
    .optional(),
  reason: why,
});

const createXlcfg = shape({
  xlcfg: text("the text of an xl.cfg, at most 1 MiB", XLCFG_CHARACTERS_MAX),
  reason: why,
});

/** `{name, sci, dtdev?, passthrough?, uuid?}` or `{xlcfg}`. */
export const DomainCreateBody = z.union([createFields, createXlcfg]);

/** What `domain.create` asks of the machine. */
export function creationRequest(
  body: z.output<typeof DomainCreateBody>,
): DomainFields | { readonly xlcfg: string } {
  if ("xlcfg" in body) return { xlcfg: body.xlcfg };
  const { name, sci, dtdev = [], passthrough = null, uuid = null } = body;
  return { name, sci: { type: sci.type, agentId: sci.agentId ?? 0 }, dtdev, passthrough, uuid };
}

/** A body that says nothing but why. */
export const ReasonBody = shape({ reason: why });

/** The guest's own ending; `reason` is the shutdown's, as Xen has it. */
export const DomainShutdownBody = shape({ reason: word(["poweroff", "reboot", "crash"]) });

/** Unlike other texts it may be empty or too long: Xen is the one to refuse it. */
export const DeviceAssignBody = shape({
  path: z.string({ error: "the path of a node of the host device tree" }),
  reason: why,
});

const REGISTER_ALLOWED = "hex text (0x…) below 2^64, or a whole number";
const register = z
  .union([z.int().min(0), z.string().regex(/^0[xX][0-9a-fA-F]{1,16}$/, { error: REGISTER_ALLOWED })], {
    error: REGISTER_ALLOWED,
  })
  .transform((value) => BigInt(value));

/** x0..x7; the missing registers are 0. */
const registers = z
  .array(register, { error: "a list of up to 8 registers" })
  .max(8, { error: "a list of up to 8 registers" })
  .transform((given) => [...given, ...new Array<bigint>(8 - given.length).fill(0n)]);

const PAGE_ALLOWED = `hex text of at most ${PAGE_BYTES} bytes, without 0x`;

/** Bytes of a page from offset 0. */
export const PageSchema = z
  .string({ error: PAGE_ALLOWED })
  .regex(/^(?:[0-9a-fA-F]{2})*$/, { error: PAGE_ALLOWED })
  .max(2 * PAGE_BYTES, { error: PAGE_ALLOWED })
  .transform((hex) => fromHex(hex) as Uint8Array);

export const SmcBody = shape({
  x: registers.describe("x0..x7 as hex strings or numbers; missing registers are 0."),
  shmem: PageSchema.optional().describe(
    "Written into the guest's page from offset 0 first; without it the page is left as it is.",
  ),
  reason: why,
});

const nameOrNumber = (what: string) =>
  z.union([z.int().min(0).max(0xff), z.string().min(1)], { error: `the name or number of a ${what}` });

export const ScmiBody = shape({
  protocol: nameOrNumber("protocol"),
  message: nameOrNumber("message"),
  params: z
    .record(z.string(), z.unknown(), { error: "an object of the message's parameters" })
    .optional()
    .describe(
      "Parameters by name: numbers, or texts with names of values (`OFF`), of resources (`gpu`) or units (`400MHz`); parts of words by path (`flags.async`).",
    ),
  payload: z.string({ error: "the payload in hex" }).optional().describe("The payload in hex instead."),
  all: flag()
    .optional()
    .describe("Walk a list to its end: as many transfers as it takes, and one answer with all items."),
  reason: why,
}).refine(({ params, payload }) => params === undefined || payload === undefined, {
  path: ["payload"],
  error: "one of params and payload",
});

/** What `scmi` asks of the machine. */
export function scmiCall(body: z.output<typeof ScmiBody>): ScmiCall {
  const { protocol, message, params, payload } = body;
  const all = body.all === true ? ({ all: true } as const) : {};
  return payload === undefined
    ? { protocol, message, params: params ?? {}, ...all }
    : { protocol, message, payload, ...all };
}

export const AgentResetBody = shape({
  permissions: flag().describe("Whether the permissions go back to those at power-on too."),
  reason: why,
});

const READING_ALLOWED = "a whole number, or a list of one for each axis";
const reading = z.int({ error: READING_ALLOWED }).min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);

/** What a sensor reads from now on. */
export const SensorBody = shape({
  readings: z
    .union([reading, z.array(reading).min(1).max(63)], { error: READING_ALLOWED })
    .transform((given) => (typeof given === "number" ? [given] : given))
    .describe("What it reads from now on, in its own unit: one reading, or one for each axis."),
  reason: why,
});

/** Which asynchronous command the firmware shall finish: the oldest of those meant. */
export const CompleteBody = shape({
  agentId: AgentIdSchema.optional().describe("Only a command of this agent's."),
  protocol: nameOrNumber("protocol").optional().describe("Only a command of this protocol."),
  reason: why,
});

export const PermissionBody = shape({ allowed: flag(), reason: why });

/** Issues that a refusal lists. */
const ISSUES_MAX = 20;

/**
 * The problem of a request that does not fit its schema: each issue with its path, what was found and what is allowed.
 *
 * @param error of a parse with `reportInput`
 */
export function invalidRequest(error: z.ZodError): Problem {
  const issues = error.issues.flatMap((issue) => issueTexts(issue, []));
  const more = issues.length - ISSUES_MAX;
  const shown = more > 0 ? [...issues.slice(0, ISSUES_MAX), `and ${more} more`] : issues;
  return problem("request-invalid", { issues: shown });
}

type Issue = z.core.$ZodIssue;

function issueTexts(issue: Issue, above: readonly PropertyKey[]): string[] {
  const path = [...above, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.slice(0, ISSUES_MAX);
    return keys.map((key) => `${pathText([...path, key])}: is not a field here`);
  }
  if (issue.code === "invalid_union" && issue.message === "Invalid input") {
    // The alternative that the request comes nearest to.
    const alternatives = issue.errors.map((issues) => issues.flatMap((inner) => issueTexts(inner, path)));
    return alternatives.sort((a, b) => a.length - b.length)[0] ?? [];
  }
  return [`${pathText(path)}: ${foundInstead(issue.input, issue.message)}`];
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the body";
  return path
    .map((step, depth) =>
      typeof step === "number" ? `[${step}]` : `${depth === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}
