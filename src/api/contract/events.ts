import { z } from "zod";
import { eventJson, type LoggedEvent, type Names, SOURCES } from "#events/logged.ts";
import { EVENTS } from "#events/schemas.ts";
import type { EventType } from "#events/types.ts";
import { AgentId, CountText, Domid, IdText, limitText, page, Seq, Time } from "./values.ts";

const EVENT_TYPES = Object.keys(EVENTS) as [EventType, ...EventType[]];

export const Event = z
  .strictObject({
    seq: Seq,
    time: Time,
    type: z.enum(EVENT_TYPES),
    version: z.int().min(1).describe("Version of the type."),
    epoch: z.int().min(0),
    commandId: z.int().min(1).describe("The command whose events share it."),
    actor: z.string(),
    source: z.enum(SOURCES),
    reason: z.string().optional(),
    request: z
      .strictObject({
        address: z.string(),
        id: z.string().describe("The answer's `X-Request-Id`."),
        traceparent: z.string().optional().describe("W3C Trace Context of the request."),
      })
      .optional()
      .describe("The request that asked for it, where it came by a network."),
    domid: Domid.optional(),
    agentId: AgentId.optional(),
    program: z.string().describe("Version of the program that decided it."),
    text: z.string().describe("What it says, on one line for a person. Words may change between versions."),
    data: z.record(z.string(), z.unknown()).describe("By type: see docs/events.md."),
  })
  .meta({ id: "Event" });

/** An event as `eventJson` has it: what it makes is what is described. */
export function eventAnswer(event: LoggedEvent, names: Names): z.output<typeof Event> {
  return eventJson(event, names) as z.output<typeof Event>;
}

const filters = {
  type: z
    .enum(EVENT_TYPES, { error: `one of ${EVENT_TYPES.join(", ")}` })
    .optional()
    .describe("Events of this type."),
  agentId: IdText.optional().describe("Events about this agent."),
  domid: IdText.optional().describe("Events about this domid, whoever held it."),
  commandId: CountText.optional().describe("Events of this command."),
};

export const EventsQuery = z.strictObject({
  after: CountText.optional().describe("Events behind this seq. Default: 0."),
  limit: limitText(100, 1000),
  ...filters,
});
export const Events = page(Event).meta({ id: "Events" });

export const EventParams = z.strictObject({ seq: CountText.describe("Seq of the event.") });

export const StreamQuery = z.strictObject({
  after: CountText.optional().describe(
    "Start behind this seq. Default: from now on. `Last-Event-ID` goes before it.",
  ),
  ...filters,
});
