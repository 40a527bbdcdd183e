import { z } from "zod";
import { OBSERVED_KINDS, OBSERVED_OUTCOMES, TRACE_SOURCES } from "./observed.ts";

/** Shapes of what was observed, as the log has it. Bytes stay hex: nobody applies them. */

const count = z.int().min(0);
const line = z.int().min(1);
const byte = z.int().min(0).max(0xff);
const i32 = z.int().min(-0x8000_0000).max(0x7fff_ffff);
const hex = z.string().regex(/^(?:[0-9a-f]{2})*$/);

export const traceImported = z.strictObject({
  source: z.enum(TRACE_SOURCES),
  file: z.string(),
  bytes: count,
  digest: z.string().length(64),
  lines: count,
  counts: z.record(z.string(), count),
  faults: z.array(z.strictObject({ line, why: z.string() })),
});

export const scmiObserved = z.strictObject({
  trace: z.int().min(1),
  line,
  timeUs: count.nullable(),
  endTimeUs: count.nullable(),
  kind: z.enum(OBSERVED_KINDS),
  protocolId: byte,
  messageId: byte,
  token: z.int().min(0).max(0xffff),
  instance: z.int().nullable(),
  channel: z.int().min(0).max(0xffff_ffff).nullable(),
  task: z.string().nullable(),
  request: hex.nullable(),
  status: i32.nullable(),
  response: hex.nullable(),
  outcome: z.enum(OBSERVED_OUTCOMES).nullable(),
  errno: z.int().nullable(),
});

export const xenObserved = z.strictObject({
  trace: z.int().min(1),
  line,
  timeUs: count.nullable(),
  message: z.string(),
  fields: z.record(z.string(), z.union([z.number(), z.string()])),
  text: z.string(),
});
