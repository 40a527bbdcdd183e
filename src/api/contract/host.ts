import { z } from "zod";
import { AgentId, Domid, Seq, StateHash } from "./values.ts";

const errno = z.string().describe("Xen's errno by name.");

const Finding = z
  .strictObject({
    kind: z.enum([
      "host-panicked",
      "probe-failed",
      "channel-stuck",
      "channel-wedged",
      "channel-contradicts-firmware",
      "agent-held-by-dying-domain",
      "device-without-permission",
      "permission-left-behind",
    ]),
    message: z.string(),
    seq: Seq.describe("The event that caused it."),
    agentId: AgentId.optional(),
    domid: Domid.optional(),
    path: z.string().optional().describe("Path in the host device tree."),
  })
  .meta({ id: "Finding", description: "Something wrong that the running machine shows." });

export const Host = z
  .strictObject({
    name: z.string(),
    epoch: z.int().min(0).describe("Count of host boots, from 1."),
    mediator: z.strictObject({
      mode: z.enum(["multi-agent", "single-agent", "none"]),
      version: z.string().describe("Version of the patch series."),
      registered: z.boolean(),
      probe: z.strictObject({
        result: z.enum(["probed", "failed", "absent"]).describe("`absent`: there was nothing to probe."),
        errno: errno.nullable(),
        message: z.string().nullable(),
        seq: Seq.nullable(),
      }),
      managementAgent: AgentId.nullable().describe("The agent whose channel Xen itself uses."),
      passthrough: z
        .boolean()
        .nullable()
        .describe(
          "Of the single-agent mediator: whether dom0 leaves SCMI to a guest (`scmi-smc-passthrough`); else null.",
        ),
      node: z.string().nullable().describe("The SCMI node that was probed."),
    }),
    profile: z.string().describe("Whose behaviour the firmware has."),
    panic: z
      .strictObject({ errno: errno.nullable(), message: z.string(), seq: Seq })
      .nullable()
      .describe("What this boot died of, or null."),
    findings: z.array(Finding),
    headSeq: Seq.describe("The last event of the log."),
    stateHash: StateHash,
    program: z.string().describe("Version of the server."),
    staleProjections: z
      .array(z.string())
      .describe(
        "Tables that an older version of the program filled; POST /v1/projections/rebuild refolds them.",
      ),
  })
  .meta({ id: "Host" });

export const BootAnswer = z
  .strictObject({ epoch: z.int().min(1), firstSeq: Seq, lastSeq: Seq })
  .meta({ id: "Boot", description: "A host boot: its epoch, and its events." });
