import { z } from "zod";
import { ErrnoName } from "./problem.ts";
import { AgentId, DeviceId, Domid, HexWord, IdText, limitText, page, Seq } from "./values.ts";

export const Agent = z
  .strictObject({
    id: AgentId,
    name: z.string(),
    funcId: HexWord.describe("SMC function id of its doorbell."),
    shmem: HexWord.describe("Physical address of its shared-memory page."),
    role: z.enum(["management", "ospm"]).describe("`management`: Xen's own."),
    domid: Domid.nullable().describe("The domain that holds it, or null."),
    channel: z
      .strictObject({
        state: z
          .enum(["ok", "wedged", "stuck"])
          .describe(
            "`wedged`: the firmware refuses it for ever; `stuck`: Xen never finds its page FREE again.",
          ),
        sinceSeq: Seq.nullable(),
      })
      .describe("How its channel fares."),
  })
  .meta({ id: "Agent", description: "An SCMI agent that the firmware knows." });

export const AgentParams = z.strictObject({ agentId: IdText.describe("SCMI agent id.") });
export const AgentDeviceParams = z.strictObject({
  agentId: IdText.describe("SCMI agent id."),
  deviceId: IdText.describe("SCMI device id."),
});
export const AgentsQuery = z.strictObject({
  limit: limitText(1000, 1000),
  after: IdText.optional().describe("Agents with a higher id."),
});
export const Agents = page(Agent).meta({ id: "Agents" });

export const ManagementAnswer = z
  .strictObject({
    status: z.string().nullable().describe("SCMI status by name, or null: no answer was read."),
    errno: ErrnoName,
    seq: Seq,
  })
  .meta({ id: "ManagementResult", description: "What a message on Xen's own channel came to." });

const Device = z
  .strictObject({
    id: DeviceId,
    name: z.string(),
    resources: z
      .record(z.string(), z.array(z.int()))
      .describe("Ids of what its permission covers, by kind: `powerDomains`, `clocks`, `resets`."),
    paths: z
      .array(z.string())
      .describe("Nodes of the host device tree that name it in `access-controllers`."),
  })
  .meta({ id: "Device", description: "An SCMI device: resources that a permission covers together." });

export const DevicesQuery = z.strictObject({
  limit: limitText(1000, 1000),
  after: IdText.optional().describe("Devices with a higher id."),
});
export const Devices = page(Device).meta({ id: "Devices" });
