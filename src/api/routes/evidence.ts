import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { newestCosigned } from "#audit/cosigned.ts";
import { claimedKeys } from "#audit/key-chain.ts";
import { LogView } from "#audit/log-view.ts";
import type { SignedCheckpoint } from "#audit/note/checkpoint.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import { evidenceFrom } from "#evidence/in-worker.ts";
import { type Moment, QUESTION_KINDS, type Question } from "#evidence/question.ts";
import { callerGoneOrClosing } from "../caller-gone.ts";
import type { ApiContext } from "../context.ts";
import { MomentText } from "../contract.ts";
import { microseconds, seqOfMoment } from "../position.ts";
import { sendProblem } from "../problem-json.ts";
import { RequestProblem } from "../request-problem.ts";
import { subjectOf } from "../subject.ts";

const refText = z.string().min(1).max(256);

const EvidenceQuery = z.strictObject({
  question: z.enum(QUESTION_KINDS).describe("What is asked."),
  device: refText
    .optional()
    .describe("SCMI device, by id or name: for `who` and `explain`; for `use`, only this one."),
  agent: refText.optional().describe("Agent, by id or name: for `explain`; for `use`, only this one."),
  at: MomentText.optional(),
});
type EvidenceQuery = z.output<typeof EvidenceQuery>;

/** An answer with all that proves it, as an archive to take away. */
export function evidenceRoutes(app: FastifyInstance, context: ApiContext): void {
  app.route({
    method: "GET",
    url: "/v1/audit/bundle",
    config: { isWrite: false, access: "audit" },
    schema: {
      operationId: "getEvidence",
      tags: ["audit"],
      summary:
        "An answer with the events that it follows from, proof that they are all of them, and a verifier",
      querystring: EvidenceQuery,
      response: {
        200: {
          description: "A tar archive; docs/auditing.md tells of its files.",
          content: { "application/x-tar": { schema: z.string() } },
        },
      },
    },
    handler: async (request, reply) => {
      const unrecorded = await context.audience.reads(request);
      if (unrecorded !== null) return sendProblem(reply, unrecorded);
      const signal = callerGoneOrClosing(context, reply);
      const bundle = await bundleOf(context, request.query as EvidenceQuery, signal);
      if (isProblem(bundle)) return sendProblem(reply, bundle);
      return reply.type("application/x-tar").send(Buffer.from(bundle));
    },
  });
}

/** What a question has to name, and what it may. */
const NEEDED = {
  who: ["device"],
  permissions: [],
  explain: ["agent", "device"],
  exposure: [],
  use: [],
} as const;
const OPTIONAL = { who: [], permissions: [], explain: [], exposure: [], use: ["agent", "device"] } as const;

async function bundleOf(
  context: ApiContext,
  query: EvidenceQuery,
  signal: AbortSignal,
): Promise<Uint8Array | Problem> {
  const view = LogView.of(context.reads.db);
  if (isProblem(view)) return view;
  const moment = momentOf(context, query.at);
  if (isProblem(moment)) return moment;
  const question = questionOf(context, query, moment.at);
  if (isProblem(question)) return question;
  const { at, timeUs } = moment;
  const needed = timeUs === null ? at : Math.min(at + 1, view.size());
  const signed = checkpointOver(context, view, needed);
  return isProblem(signed)
    ? signed
    : evidenceFrom(context.control.file, { question, moment, signed }, signal);
}

function momentOf(context: ApiContext, text: string | undefined): Moment | Problem {
  if (text === undefined) return { at: context.control.headSeq, timeUs: null };
  const at = seqOfMoment(context, "at", text);
  return isProblem(at) ? at : { at, timeUs: microseconds(text) };
}

function questionOf(
  context: ApiContext,
  { question: kind, agent, device }: EvidenceQuery,
  at: number,
): Question | Problem {
  const needed: readonly string[] = NEEDED[kind];
  const optional: readonly string[] = OPTIONAL[kind];
  const given = { agent, device };
  for (const name of ["agent", "device"] as const) {
    if (optional.includes(name) || needed.includes(name) === (given[name] !== undefined)) continue;
    const allowed = needed.includes(name) ? "an id or a name" : `nothing, for ${kind}`;
    return new RequestProblem([{ path: `query.${name}`, found: given[name] ?? "nothing", allowed }]);
  }
  const subject = subjectOf(context, given, at);
  if (isProblem(subject)) return subject;
  if (kind === "use") {
    const { agentId, deviceId } = subject;
    return { kind, ...(agentId !== undefined && { agentId }), ...(deviceId !== undefined && { deviceId }) };
  }
  const { agentId = 0, deviceId = 0 } = subject;
  if (kind === "who") return { kind, deviceId };
  return kind === "explain" ? { kind, agentId, deviceId } : { kind };
}

/** One that witnesses cosigned, where that reaches far enough; else the newest. */
function checkpointOver({ control }: ApiContext, view: LogView, size: number): SignedCheckpoint | Problem {
  const keys = claimedKeys(view.keys());
  if (isProblem(keys)) return keys;
  const cosigned = newestCosigned(control.file, keys);
  if (cosigned !== null && !isProblem(cosigned) && cosigned.checkpoint.size >= size && view.has(cosigned)) {
    return cosigned;
  }
  return control.audit === null ? view.checkpoint(control.file) : control.audit.checkpoint(size);
}
