import { z } from "zod";
import {
  AgentId,
  CountText,
  DeviceId,
  Domid,
  HexBytes,
  HexWord,
  limitText,
  MomentText,
  page,
  Seq,
} from "./values.ts";

export const AssignedDevice = z
  .strictObject({
    path: z.string().describe("Path in the host device tree."),
    deviceIds: z.array(DeviceId).describe("SCMI devices that it got permission for."),
    seq: Seq.describe("Since which event."),
  })
  .meta({ id: "AssignedDevice" });

export const Domain = z
  .strictObject({
    domid: Domid,
    uuid: z.string(),
    name: z.string(),
    origin: z.enum(["dom0", "dom0less", "toolstack"]),
    state: z
      .enum(["running", "dying", "shutdown", "destroyed"])
      .describe("`dying`: a destroy failed half-way; `shutdown`: it ended itself and was kept."),
    sciType: z.string().describe("none, scmi_smc or scmi_smc_multiagent."),
    agentId: AgentId.nullable().describe(
      "The agent that it holds (or held, once destroyed), or null: SCI is off.",
    ),
    devices: z.array(AssignedDevice),
    createdSeq: Seq,
    destroyedSeq: Seq.nullable(),
  })
  .meta({ id: "Domain" });

/** A domid is digits; anything else is a name or a uuid. */
export const DomainParams = z.strictObject({
  domid: z
    .string()
    .min(1, { error: "a domid, or the domain's name or uuid" })
    .transform((text): number | string => (/^\d{1,15}$/.test(text) ? Number(text) : text))
    .describe("Domid, or the domain's name or uuid."),
});

export const DomainQuery = z.strictObject({ at: MomentText.optional() });

export const DomainsQuery = z.strictObject({
  state: z
    .enum(["running", "dying", "shutdown", "destroyed"], { error: "running, dying, shutdown or destroyed" })
    .optional(),
  limit: limitText(1000, 1000),
  after: CountText.optional().describe("Domains created after this event."),
});
export const Domains = page(Domain).meta({ id: "Domains" });

export const SmcAnswer = z
  .strictObject({
    handled: z.boolean().describe("Whether anybody handled it; where not, the guest reads -1 in x0."),
    x: z.array(HexWord).length(4).describe("x0..x3."),
    shmem: HexBytes.describe(
      "The page: its first 128 bytes, or up to the end of the message if that is longer.",
    ),
    seq: Seq,
  })
  .meta({ id: "SmcResult" });

export const ScmiAnswer = z
  .strictObject({
    status: z.string().nullable().describe("SCMI status by name, or null: no answer came; see `x`."),
    statusCode: z.int().nullable(),
    result: z.record(z.string(), z.unknown()).nullable().describe("The answer's fields by name."),
    header: HexWord,
    payload: HexBytes,
    x: z.array(HexWord).length(4).describe("x0..x3 as the SMC returned them."),
    seq: Seq,
    request: HexBytes.describe("The request's payload."),
    transfers: z
      .array(
        z.strictObject({ status: z.string().nullable(), request: HexBytes, payload: HexBytes, seq: Seq }),
      )
      .optional()
      .describe(
        "With `all`: each transfer. `result` has the items of all; the other fields are the last one's.",
      ),
  })
  .meta({ id: "ScmiResult" });
