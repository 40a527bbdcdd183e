import { z } from "zod";
import { type Problem, refusedRequest } from "#base/problem.ts";
import { didYouMean, foundInstead } from "#config/board/fields.ts";
import type { Command } from "#machine/commands/commands.ts";
import {
  AgentIdSchema,
  AgentResetBody,
  CompleteBody,
  creationRequest,
  DeviceAssignBody,
  DeviceIdSchema,
  DomainCreateBody,
  DomainRefSchema,
  DomainShutdownBody,
  HostRebootBody,
  invalidRequest,
  PageSchema,
  PermissionBody,
  ReasonBody,
  ScmiBody,
  SensorBody,
  SmcBody,
  scmiCall,
} from "#machine/commands/requests.ts";
import type { Fault } from "#machine/fault-list.ts";
import { compileExpression, type Expression } from "#replay/expression/compile.ts";
import { PROTOCOLS } from "#scmi/registry.ts";

/** What a line of a script asks for: a command of the machine, or something below the mediator. */
export type ScriptAction =
  | { readonly kind: "command"; readonly command: Command; readonly reason: string | null }
  | { readonly kind: "firmware.ring"; readonly agentId: number; readonly shmem: Uint8Array | null }
  | { readonly kind: "firmware.reset" }
  | { readonly kind: "firmware.fault"; readonly fault: Fault; readonly times: number | null }
  | { readonly kind: "firmware.clear-faults" }
  | { readonly kind: "expect"; readonly expression: Expression | Problem };

/** What one value of `do` takes, and what it asks for. */
interface Form {
  parse(fields: object): ScriptAction | Problem;
}

function form<S extends z.ZodType>(schema: S, action: (fields: z.output<S>) => ScriptAction): Form {
  return {
    parse(fields) {
      const result = schema.safeParse(fields, { reportInput: true });
      return result.success ? action(result.data) : invalidRequest(result.error);
    },
  };
}

function command(command: Command, reason: string | undefined): ScriptAction {
  return { kind: "command", command, reason: reason ?? null };
}

const domid = { domid: DomainRefSchema };
const agentId = { agentId: AgentIdSchema };

const FaultFields = z.discriminatedUnion(
  "action",
  [
    z.strictObject({ action: z.literal("status"), value: word32("a status"), ...matching() }),
    z.strictObject({ action: z.literal("x0"), value: word64(), ...matching() }),
    z.strictObject({ action: z.literal("busy"), value: noValue(), ...matching() }),
    z.strictObject({ action: z.literal("error"), value: noValue(), ...matching() }),
    z.strictObject({ action: z.literal("length"), value: word32("a length word"), ...matching() }),
    z.strictObject({ action: z.literal("pad"), value: word32("a count of bytes"), ...matching() }),
  ],
  { error: "status, x0, busy, error, length, pad" },
);

/** Which rings a fault meets. */
function matching() {
  return {
    message: z
      .string({ error: "SCMI's name of a message" })
      .refine(isMessageName, { error: "SCMI's name of a message, e.g. BASE_SET_DEVICE_PERMISSIONS" })
      .nullish(),
    funcId: word32("a function id").nullish(),
    times: count(1, Number.MAX_SAFE_INTEGER).nullish(),
  };
}

/** An action that needs no value may have one. */
function noValue() {
  return z.union([z.number(), z.string(), z.null()], { error: "nothing" }).optional();
}

function count(min: number, max: number) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A 32-bit word, signed or unsigned. */
function word32(what: string) {
  const error = `${what}: a 32-bit number, or hex text (0x…)`;
  return z
    .union(
      [
        z.int().min(-0x8000_0000).max(0xffff_ffff),
        z
          .string()
          .regex(/^0[xX][0-9a-fA-F]{1,8}$/, { error })
          .transform(Number),
      ],
      { error },
    )
    .transform(Number);
}

/** A register. */
function word64() {
  const error = "a register: hex text (0x…) below 2^64, or a whole number";
  return z
    .union([z.int(), z.string().regex(/^0[xX][0-9a-fA-F]{1,16}$/, { error })], { error })
    .transform((value) => BigInt.asUintN(64, BigInt(value)));
}

/** Whether any protocol has a message of this name. Some names are common to all protocols. */
function isMessageName(name: string): boolean {
  return PROTOCOLS.some(({ commands }) => Object.hasOwn(commands, name));
}

/** Every value of `do`. */
const FORMS: Readonly<Record<string, Form>> = {
  "host.reboot": form(HostRebootBody, ({ cause, reason }) =>
    command({ kind: "host.reboot", cause: cause ?? "reboot" }, reason),
  ),
  "domain.create": form(DomainCreateBody, (body) =>
    command({ kind: "domain.create", request: creationRequest(body) }, body.reason),
  ),
  "domain.destroy": form(ReasonBody.safeExtend(domid), ({ domid, reason }) =>
    command({ kind: "domain.destroy", domain: domid }, reason),
  ),
  "domain.restart": form(ReasonBody.safeExtend(domid), ({ domid, reason }) =>
    command({ kind: "domain.restart", domain: domid }, reason),
  ),
  "domain.shutdown": form(DomainShutdownBody.safeExtend(domid), ({ domid, reason }) =>
    command({ kind: "domain.shutdown", domain: domid, reason }, undefined),
  ),
  "device.assign": form(DeviceAssignBody.safeExtend(domid), ({ domid, path, reason }) =>
    command({ kind: "device.assign", domain: domid, path }, reason),
  ),
  smc: form(SmcBody.safeExtend(domid), ({ domid, x, shmem, reason }) =>
    command({ kind: "smc", domain: domid, x, shmem: shmem ?? null }, reason),
  ),
  scmi: form(ScmiBody.safeExtend(domid), (body) =>
    command({ kind: "scmi", domain: body.domid, call: scmiCall(body) }, body.reason),
  ),
  "agent.reset": form(AgentResetBody.safeExtend(agentId), ({ agentId, permissions, reason }) =>
    command({ kind: "agent.reset", agentId, permissions }, reason),
  ),
  "permission.set": form(
    PermissionBody.safeExtend({ ...agentId, deviceId: DeviceIdSchema }),
    ({ agentId, deviceId, allowed, reason }) =>
      command({ kind: "permission.set", agentId, deviceId, allowed }, reason),
  ),
  "p2a.acknowledge": form(ReasonBody.safeExtend(domid), ({ domid, reason }) =>
    command({ kind: "p2a.acknowledge", domain: domid }, reason),
  ),
  "sensor.set": form(SensorBody.safeExtend({ sensorId: DeviceIdSchema }), ({ sensorId, readings, reason }) =>
    command({ kind: "sensor.set", sensorId, readings }, reason),
  ),
  "firmware.complete": form(CompleteBody, ({ agentId = null, protocol = null, reason }) =>
    command({ kind: "firmware.complete", agentId, protocol }, reason),
  ),
  "firmware.ring": form(
    z.strictObject({ ...agentId, shmem: PageSchema.optional() }),
    ({ agentId, shmem }) => ({ kind: "firmware.ring", agentId, shmem: shmem ?? null }),
  ),
  "firmware.reset": form(z.strictObject({}), () => ({ kind: "firmware.reset" })),
  "firmware.fault": form(FaultFields, (fields) => ({
    kind: "firmware.fault",
    fault: faultOf(fields),
    times: fields.times ?? null,
  })),
  "firmware.clear-faults": form(z.strictObject({}), () => ({ kind: "firmware.clear-faults" })),
  expect: form(
    z.strictObject({
      expression: z.string({ error: "an expression, as in docs/debugging.md" }),
      note: z.string({ error: "a text for people" }).optional(),
    }),
    // One that cannot be read is an expectation too, and does not hold: a test with a mistake must not pass.
    ({ expression }) => ({ kind: "expect", expression: compileExpression(expression) }),
  ),
};

function faultOf(fields: z.output<typeof FaultFields>): Fault {
  const { action, value, message, funcId } = fields;
  return {
    action,
    ...(typeof value === "number" || typeof value === "bigint" ? { value } : {}),
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof funcId === "number" ? { funcId: funcId >>> 0 } : {}),
  };
}

/** What a line asks for, or why it asks for nothing: `request-invalid`. */
export function readScriptLine(line: string): ScriptAction | Problem {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    // Not the parser's own words: they differ between versions of Node, and two machines must answer alike.
    return refusedRequest("the line is not JSON");
  }
  return readScriptAction(json);
}

/** What a line's JSON asks for, or why it asks for nothing: `request-invalid`. */
export function readScriptAction(json: unknown): ScriptAction | Problem {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return refusedRequest(`the line: ${foundInstead(json, "an object with the field do")}`);
  }
  const { do: kind, ...fields } = json as { readonly do?: unknown };
  const known = Object.keys(FORMS);
  const form = typeof kind === "string" && Object.hasOwn(FORMS, kind) ? FORMS[kind] : undefined;
  if (form !== undefined) return form.parse(fields);
  const meant = typeof kind === "string" ? didYouMean(kind, known) : "";
  return refusedRequest(`do: ${foundInstead(kind, known.join(", "))}${meant}`);
}
