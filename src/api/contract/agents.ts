import { z } from "zod";
import { ErrnoName } from "./problem.ts";
import { AgentId, DeviceId, Domid, HexBytes, HexWord, IdText, limitText, page, Seq } from "./values.ts";

const Agent = z
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

const Resource = z.strictObject({ id: z.int(), name: z.string().nullable() }).meta({
  id: "Resource",
  description: "A resource of the firmware's, with its name where the board has one.",
});

/** A message that the firmware sends by itself. */
const Sent = z
  .strictObject({
    header: HexWord,
    payload: HexBytes,
    decoded: z.record(z.string(), z.unknown()).describe("The message in words."),
  })
  .meta({ id: "SentMessage", description: "A notification or a delayed response." });

export const AgentDetail = Agent.extend({
  p2a: z
    .strictObject({
      page: HexWord.describe("Physical address of the page."),
      message: Sent.nullable().describe("What lies in it, or null: it is FREE."),
      waiting: z.array(Sent).describe("What waits for it to be FREE, the oldest first."),
    })
    .nullable()
    .describe("Its platform-to-agent page, or null: it has none."),
  subscriptions: z
    .array(
      z.strictObject({
        protocol: z.string(),
        command: z.string().describe("The command by which it asked: `CLOCK_RATE_NOTIFY`, …"),
        resource: Resource.nullable(),
      }),
    )
    .describe("Notifications that it asked for."),
  pending: z
    .array(
      z.strictObject({
        protocol: z.string(),
        message: z.string(),
        token: z.int(),
        request: z.record(z.string(), z.unknown()),
        sinceSeq: Seq,
      }),
    )
    .describe("Asynchronous commands that are not done, the oldest first."),
  holds: z
    .record(z.string(), z.array(Resource))
    .describe("What it holds, by kind: only what the profile counts for each agent."),
}).meta({ id: "AgentDetail", description: "An agent, with what the firmware keeps for it." });

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
      .describe("Ids of what its permission covers, by the board file's names of the kinds, e.g. `clocks`."),
    paths: z
      .array(z.string())
      .describe("Nodes of the host device tree that name it in `access-controllers`."),
  })
  .meta({ id: "Device", description: "An SCMI device: resources that a permission covers together." });

const SentBy = Sent.extend({
  agentId: AgentId,
  outcome: z.enum(["sent", "queued", "dropped"]).describe("`queued`, `dropped`: its page was not FREE."),
});

export const Acknowledged = z
  .strictObject({
    agentId: AgentId,
    message: Sent.describe("What lay in the page."),
    next: SentBy.nullable().describe("What had waited for the page, and lies there now."),
    seq: Seq,
  })
  .meta({ id: "Acknowledged", description: "A platform-to-agent page that is FREE again." });

export const SensorParams = z.strictObject({ sensorId: IdText.describe("Sensor id.") });

export const SensorChanged = z
  .strictObject({
    sensorId: z.int(),
    readings: z.array(z.int()),
    sent: z.array(SentBy).describe("Notifications of trip points that were passed, and of the update."),
    seq: Seq,
  })
  .meta({ id: "SensorChanged", description: "A sensor that reads something else." });

export const Completed = z
  .strictObject({
    agentId: AgentId,
    protocol: z.string(),
    message: z.string(),
    token: z.int(),
    status: z.string().describe("SCMI status by name."),
    statusCode: z.int(),
    sent: z.array(SentBy).describe("The delayed response, and the notifications before it."),
    seq: Seq,
  })
  .meta({ id: "Completed", description: "An asynchronous command that is done." });

export const DevicesQuery = z.strictObject({
  limit: limitText(1000, 1000),
  after: IdText.optional().describe("Devices with a higher id."),
});
export const Devices = page(Device).meta({ id: "Devices" });
