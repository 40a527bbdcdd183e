import { z } from "zod";
import { ERRNO, type Errno } from "#base/errno.ts";
import { PROBLEMS, type ProblemCode } from "#base/problems.ts";

const code = z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]);

export const ErrnoName = z
  .enum(Object.keys(ERRNO) as [Errno, ...Errno[]])
  .nullable()
  .describe("Xen's errno by name, or null: it has none for this.");

/** One thing that is wrong with a request. */
export const RequestIssue = z
  .strictObject({
    path: z.string().describe("Where: `body.x[0]`, `query.limit`, `path.agentId`, `header.last-event-id`."),
    found: z.string(),
    allowed: z.string(),
  })
  .meta({ id: "RequestIssue" });
export type RequestIssue = z.output<typeof RequestIssue>;

/** `application/problem+json`, RFC 9457. */
export const ProblemBody = z
  .strictObject({
    type: z.string().describe("`urn:scmi-control-plane:problem:` and the code."),
    title: z.string().describe("The code in words."),
    status: z.int().describe("HTTP status."),
    detail: z.string().describe("What was found, and what is allowed."),
    instance: z.string().optional().describe("The event that recorded the refusal, where one did."),
    code: code.describe("Stable, kebab-case; docs/problems.md lists all of them."),
    errno: ErrnoName,
    hint: z.string().describe("What to do next."),
    seq: z
      .int()
      .nullable()
      .describe("Seq of the event that recorded the refusal, or null: nothing was recorded."),
    issues: z.array(RequestIssue).optional().describe("With `request-invalid`: everything that is wrong."),
  })
  .meta({ id: "Problem", description: "A refusal, as RFC 9457 has it." });
export type ProblemBody = z.output<typeof ProblemBody>;
