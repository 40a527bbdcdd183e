import { z } from "zod";
import { EVENTS } from "#events/schemas.ts";
import type { EventType } from "#events/types.ts";
import { CHANGE_CURSOR } from "#projections/queries/permission-history.ts";
import { CELL_CURSOR } from "#projections/queries/permissions-at.ts";
import {
  AgentId,
  cursorText,
  DeviceId,
  Domid,
  IdText,
  limitText,
  MomentText,
  pageByText,
  Seq,
  Time,
} from "./values.ts";

const Permission = z
  .strictObject({
    agentId: AgentId,
    deviceId: DeviceId,
    allowed: z.boolean(),
    sinceSeq: Seq.describe("Since which event."),
    sinceTime: Time,
  })
  .meta({ id: "Permission" });

export const PermissionsQuery = z.strictObject({
  at: MomentText.optional(),
  limit: limitText(10_000, 10_000),
  after: cursorText(CELL_CURSOR),
});

export const Permissions = pageByText(Permission)
  .extend({ at: Seq.describe("The event after which this was the matrix.") })
  .meta({ id: "Permissions", description: "Every agent with every device, as it was after an event." });

const who = {
  actor: z.string().nullable(),
  reason: z.string().nullable(),
};

const PermissionChange = z
  .strictObject({
    seq: Seq,
    time: Time,
    agentId: AgentId,
    deviceId: DeviceId,
    allowed: z.boolean(),
    cause: z
      .string()
      .nullable()
      .describe("Kind of the command that brought it: `device.assign`, `host.reboot`, …"),
    ...who,
    domid: Domid.nullable().describe("The domain that held the agent then, or null."),
  })
  .meta({ id: "PermissionChange" });

export const HistoryQuery = z.strictObject({
  agentId: IdText.optional(),
  deviceId: IdText.optional(),
  domid: IdText.optional().describe("Changes while this domid held the agent."),
  from: MomentText.optional(),
  to: MomentText.optional(),
  limit: limitText(1000, 1000),
  after: cursorText(CHANGE_CURSOR),
});

export const History = pageByText(PermissionChange).meta({ id: "PermissionHistory" });

export const ExplainQuery = z.strictObject({ agentId: IdText, deviceId: IdText, at: MomentText.optional() });

const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

export const Explanation = z
  .strictObject({
    agentId: AgentId,
    deviceId: DeviceId,
    at: Seq,
    allowed: z.boolean(),
    chain: z
      .array(
        z.strictObject({
          seq: Seq,
          type: z.enum(EVENT_TYPES),
          time: Time,
          what: z.string().describe("What the event did to the permission."),
          cause: z.string().describe("Kind of its command."),
          actor: z.string(),
          reason: z.string().nullable(),
        }),
      )
      .describe("The events that made it so, in order."),
  })
  .meta({ id: "PermissionExplanation" });
