import { z } from "zod";
import type { ScmiObserved, TraceImported, XenObserved } from "#events/observed.ts";
import { EVENTS } from "#events/schemas.ts";
import type { AuditRead, RequestsRefused } from "#events/types.ts";
import type { Command, CommandKind } from "./commands.ts";

/**
 * What the log keeps of a command's input, kind by kind: exactly these fields, so that a row with others is known to be altered.
 * It is no check of what somebody asks: that is the business of who takes the request.
 */

const domain = z.union([z.int().min(0), z.string()]);
const fields = z.strictObject({
  name: z.string(),
  sci: z.strictObject({ type: z.string(), agentId: z.number() }),
  dtdev: z.array(z.string()),
  passthrough: z.boolean().nullable(),
  uuid: z.string().nullable(),
});
const nameOrNumber = z.union([z.string(), z.number()]);

/** Kinds whose input is in their row; that of the others is in their events. */
type InputKind = Exclude<CommandKind, "smc" | "host.configure">;

const INPUTS: { readonly [Kind in InputKind]: z.ZodType<Omit<Extract<Command, { kind: Kind }>, "kind">> } = {
  "host.reboot": z.strictObject({ cause: z.enum(["cold", "reboot", "crash"]) }),
  "domain.create": z.strictObject({ request: z.union([fields, z.strictObject({ xlcfg: z.string() })]) }),
  "domain.destroy": z.strictObject({ domain }),
  "domain.restart": z.strictObject({ domain }),
  "domain.shutdown": z.strictObject({ domain, reason: z.enum(["poweroff", "reboot", "crash"]) }),
  "device.assign": z.strictObject({ domain, path: z.string() }),
  scmi: z.strictObject({
    domain,
    call: z.strictObject({
      protocol: nameOrNumber,
      message: nameOrNumber,
      params: z.record(z.string(), z.unknown()).exactOptional(),
      payload: z.string().exactOptional(),
      all: z.literal(true).exactOptional(),
    }),
  }),
  "agent.reset": z.strictObject({ agentId: z.number(), permissions: z.boolean() }),
  "permission.set": z.strictObject({ agentId: z.number(), deviceId: z.number(), allowed: z.boolean() }),
  "sensor.set": z.strictObject({ sensorId: z.number(), readings: z.array(z.number()) }),
  "p2a.acknowledge": z.strictObject({ domain }),
  "firmware.complete": z.strictObject({
    agentId: z.number().nullable(),
    protocol: nameOrNumber.nullable(),
  }),
  "request.refused": EVENTS["request.refused"].data as z.ZodType<RequestsRefused>,
  "audit.read": EVENTS["audit.read"].data as z.ZodType<AuditRead>,
  "trace.imported": z.strictObject({ observed: EVENTS["trace.imported"].data as z.ZodType<TraceImported> }),
  "scmi.observed": z.strictObject({
    agentId: z.number().nullable(),
    observed: EVENTS["scmi.observed"].data as z.ZodType<ScmiObserved>,
  }),
  "xen.observed": z.strictObject({
    agentId: z.number().nullable(),
    observed: EVENTS["xen.observed"].data as z.ZodType<XenObserved>,
  }),
};

/** The kinds of commands that this program knows. */
export const COMMAND_KINDS: ReadonlySet<string> = new Set<CommandKind>([
  "smc",
  "host.configure",
  ...(Object.keys(INPUTS) as InputKind[]),
]);

/** The command of a kind whose row in the log has this input, or null: no command of that kind has it. */
export function commandOfInput(kind: string, input: string): Command | null {
  if (!Object.hasOwn(INPUTS, kind)) return null;
  let json: unknown;
  try {
    json = JSON.parse(input);
  } catch {
    return null;
  }
  const parsed = INPUTS[kind as InputKind].safeParse(json);
  return parsed.success ? ({ ...parsed.data, kind } as Command) : null;
}
