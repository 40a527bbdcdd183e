import { z } from "zod";
import { EXPOSURE_CAUSES } from "#projections/exposures.ts";
import { EXPOSURE_CURSOR } from "#projections/queries/audit/exposure.ts";
import { CELL_CURSOR } from "#projections/queries/permissions-at.ts";
import {
  AgentId,
  CountText,
  cursorText,
  DeviceId,
  Domid,
  limitText,
  MomentText,
  page,
  pageByText,
  Seq,
  Time,
} from "./values.ts";

const refText = z.string().min(1).max(256);
const subject = {
  agent: refText.optional().describe("Agent, by id or name."),
  device: refText.optional().describe("SCMI device, by id or name."),
  domain: refText.optional().describe("Domain, by domid, uuid or name: the agent that it held."),
};
const at = Seq.describe("The event after which this was so.");

export const WhoQuery = z.strictObject({
  device: refText.describe("SCMI device, by id or name."),
  at: MomentText.optional(),
});

export const Holders = z
  .strictObject({
    at,
    time: Time.nullable().describe("When that event was; null: before the first."),
    deviceId: DeviceId,
    items: z.array(
      z
        .strictObject({
          agentId: AgentId,
          agentName: z.string().nullable(),
          domid: Domid.nullable(),
          uuid: z.string().nullable(),
          domainName: z.string().nullable(),
          sinceSeq: Seq,
          sinceTime: Time,
          isDefault: z.boolean().describe("Whether the board gives it by default."),
          cause: z.string().nullable().describe("Kind of the command that allowed it."),
          actor: z.string().nullable(),
          reason: z.string().nullable(),
        })
        .meta({ id: "Holder" }),
    ),
  })
  .meta({ id: "Holders", description: "Who could use a device after an event, and how that came about." });

export const UseQuery = z.strictObject({
  ...subject,
  at: MomentText.optional(),
  limit: limitText(10_000, 10_000),
  after: cursorText(CELL_CURSOR),
});

const seqOrNull = Seq.nullable();
const timeOrNull = Time.nullable();

export const Uses = pageByText(
  z
    .strictObject({
      agentId: AgentId,
      deviceId: DeviceId,
      allowed: z.boolean(),
      sinceSeq: Seq,
      uses: z.int().min(0),
      firstUse: seqOrNull,
      firstUseTime: timeOrNull,
      lastUse: seqOrNull,
      lastUseTime: timeOrNull,
      denials: z.int().min(0),
      lastDenial: seqOrNull,
      lastDenialTime: timeOrNull,
    })
    .meta({ id: "PermissionUse" }),
)
  .extend({ at })
  .meta({
    id: "PermissionUses",
    description: "Each permission that there was or that was tried, and its use.",
  });

export const ExposureQuery = z.strictObject({
  ...subject,
  at: MomentText.optional(),
  open: z.enum(["true", "false"]).optional().describe("Only what lasts."),
  limit: limitText(1000, 1000),
  after: cursorText(EXPOSURE_CURSOR),
});

export const Exposures = pageByText(
  z
    .strictObject({
      agentId: AgentId,
      deviceId: DeviceId,
      fromSeq: Seq,
      fromTime: Time,
      toSeq: seqOrNull,
      toTime: timeOrNull,
      domid: Domid.nullable().describe("The domain that held the agent when it began."),
      cause: z.enum(EXPOSURE_CAUSES),
    })
    .meta({ id: "Exposure" }),
)
  .extend({ at })
  .meta({ id: "Exposures", description: "When the firmware allowed what it should not have." });

export const DenialsQuery = z.strictObject({
  ...subject,
  from: MomentText.optional(),
  to: MomentText.optional(),
  limit: limitText(1000, 1000),
  after: CountText.optional(),
});

export const Denials = page(
  z
    .strictObject({
      seq: Seq,
      time: Time,
      agentId: AgentId,
      domid: Domid.nullable(),
      protocol: z.string(),
      message: z.string(),
      resource: z.int().min(0).nullable(),
      deviceId: DeviceId.nullable().describe("A device that lists the resource."),
    })
    .meta({ id: "Denial" }),
)
  .extend({ at: Seq.describe("The last event that was looked at.") })
  .meta({ id: "Denials", description: "Messages that the firmware answered DENIED." });

export const MatrixDiffQuery = z.strictObject({ from: MomentText, to: MomentText });

export const MatrixDiff = z
  .strictObject({
    from: Seq,
    to: Seq,
    items: z.array(
      z.strictObject({
        agentId: AgentId,
        deviceId: DeviceId,
        before: z.boolean(),
        after: z.boolean(),
        changes: z.array(Seq).describe("The events between that changed it."),
      }),
    ),
  })
  .meta({ id: "PermissionsDiff", description: "The permissions that differ after two events." });
