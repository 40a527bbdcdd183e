import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { ProblemCode } from "#base/problems.ts";
import type { Command, Outcome } from "#control/requests.ts";
import type { Access } from "./auth/roles.ts";
import type { ApiContext } from "./context.ts";
import { NoParams, NoQuery, ProblemBody } from "./contract.ts";
import { HTTP_STATUS } from "./http-status.ts";
import { readIdempotencyKey } from "./idempotency.ts";
import { PROBLEM_TYPE, problemBody, sendProblem, sendProblemText } from "./problem-json.ts";
import { requesterOf } from "./requester.ts";

/** What a call is described with: the OpenAPI document and the checks of requests come from the same schemas. */
interface Call<Params, Query, Body, Answer> {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Name of the call in the OpenAPI document. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly params?: z.ZodType<Params>;
  readonly query?: z.ZodType<Query>;
  readonly body?: z.ZodType<Body>;
  readonly status?: 200 | 201;
  readonly answer: z.ZodType<Answer>;
  /** What the call needs of its caller. Default: `view` for reads, `operate` for writes. */
  readonly access?: Access;
  /** What it tells is for the audit: that an auditor read it is recorded. */
  readonly isAuditData?: true;
  /** The projection that the answer is read from. */
  readonly projection?: string;
  /** It tells of the host, which a log of what was observed elsewhere does not have. */
  readonly needsHost?: true;
  /** Refusals that the call can answer with, beside those that every call can. */
  readonly problems?: readonly ProblemCode[];
}

/** What a handler is given. */
export interface Asked<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** An answer as handlers may give it: nobody changes it any more. */
type Shown<T> = T extends readonly (infer Item)[]
  ? readonly Shown<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Shown<T[Key]> }
    : T;

type Result<Answer> = Shown<Answer> | Problem | Promise<Shown<Answer> | Problem>;

/** A call that records nothing: `handle` makes the answer. */
export function read<Params, Query, Body, Answer>(
  app: FastifyInstance,
  context: ApiContext,
  call: Call<Params, Query, Body, Answer> & {
    readonly handle: (asked: Asked<Params, Query, Body>) => Result<Answer>;
  },
): void {
  route(app, call, false, async (request, reply) => {
    const { params, query, body } = request as unknown as Asked<Params, Query, Body>;
    if (call.needsHost === true && !context.control.hasHost) {
      return sendProblem(reply, problem("log-observed", {}));
    }
    const unrecorded = call.isAuditData === true ? await context.audience.reads(request) : null;
    if (unrecorded !== null) return sendProblem(reply, unrecorded);
    const answer = await call.handle({ params, query, body, request, reply });
    if (isProblem(answer)) return sendProblem(reply, answer);
    if (call.projection !== undefined && context.stale.includes(call.projection)) {
      reply.header("stale-projection", call.projection);
    }
    reply.code(call.status ?? 200).type(JSON_TYPE);
    return reply.send(context.stringify(call.answer, answer));
  });
}

/** A call that is answered by a stream, or by a refusal. */
export function stream<Query>(
  app: FastifyInstance,
  context: ApiContext,
  call: Omit<
    Call<Record<string, never>, Query, unknown, unknown>,
    "method" | "answer" | "body" | "status"
  > & {
    /** Null once the stream has ended. */
    readonly handle: (asked: Asked<Record<string, never>, Query, unknown>) => Promise<Problem | null>;
  },
): void {
  const { url, id, tag, summary, description, query, problems = [] } = call;
  const events = { description: "The stream.", content: { "text/event-stream": { schema: z.string() } } };
  app.route({
    method: "GET",
    url,
    exposeHeadRoute: false,
    config: { isWrite: false, access: call.access ?? "view" },
    schema: {
      operationId: id,
      tags: [tag],
      summary,
      ...(description === undefined ? {} : { description }),
      querystring: query ?? NoQuery,
      response: { 200: events, ...problemResponses(problems) },
    },
    handler: async (request, reply) => {
      const asked = request as unknown as Asked<Record<string, never>, Query, unknown>;
      const unrecorded = call.isAuditData === true ? await context.audience.reads(request) : null;
      if (unrecorded !== null) return sendProblem(reply, unrecorded);
      const refusal = await call.handle({ params: {}, query: asked.query, body: undefined, request, reply });
      return refusal === null ? reply : sendProblem(reply, refusal);
    },
  });
}

/** An answer as it is sent, and as it is kept for an Idempotency-Key. */
interface Rendered {
  readonly status: number;
  readonly answer: string;
}

/** A call that asks a command of the machine; the command's outcome is the answer. */
export function write<Params, Body, Answer>(
  app: FastifyInstance,
  context: ApiContext,
  call: Call<Params, Record<string, never>, Body, Answer> & {
    readonly command: (params: Params, body: Body) => Command;
    /** Why it is asked; the body's `reason` when left out. */
    readonly reason?: null;
    /** Path of what a 201 made. */
    readonly location?: (answer: Answer) => string;
  },
): void {
  const render = ({ result }: Outcome): Rendered => {
    return isProblem(result)
      ? { status: HTTP_STATUS[result.code], answer: JSON.stringify(problemBody(result)) }
      : { status: call.status ?? 200, answer: context.stringify(call.answer, result as Answer) };
  };
  const send = (reply: FastifyReply, { status, answer }: Rendered) => {
    if (status >= 400) return sendProblemText(reply, status, answer);
    reply.code(status).type(JSON_TYPE);
    if (status === 201 && call.location !== undefined) {
      reply.header("location", call.location(JSON.parse(answer) as Answer));
    }
    return reply.send(answer);
  };

  route(app, call, true, async (request, reply) => {
    if (!context.control.hasHost) return sendProblem(reply, problem("log-observed", {}));
    const { params, body } = request as unknown as Asked<Params, unknown, Body>;
    const reason = call.reason === null ? null : ((body as { reason?: string }).reason ?? null);
    if (context.isReasonNeeded && call.reason !== null && (reason ?? "").trim() === "") {
      return sendProblem(reply, problem("reason-needed", {}));
    }
    const requester = requesterOf(request, reason);
    const command = call.command(params, body);
    if (request.idempotency === null) {
      const { outcome } = await context.control.submit(command, requester);
      if (isProblem(outcome.result)) reply.refusal = outcome.result;
      return send(reply, render(outcome));
    }
    const { key, bodyHash } = request.idempotency;
    const known = context.control.recall(requester.actor, key, bodyHash);
    if (isProblem(known)) return sendProblem(reply, known);
    if (known !== null) {
      reply.header("idempotency-replayed", "true");
      return send(reply, known);
    }
    const { outcome } = await context.control.submit(command, requester, { key, bodyHash, render });
    if (isProblem(outcome.result)) reply.refusal = outcome.result;
    return send(reply, render(outcome));
  });
}

const JSON_TYPE = "application/json; charset=utf-8";

function route<Params, Query, Body, Answer>(
  app: FastifyInstance,
  call: Call<Params, Query, Body, Answer>,
  isWrite: boolean,
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
): void {
  const { method, url, id, tag, summary, description, params, query, body, status = 200, answer } = call;
  app.route({
    method,
    url,
    config: { isWrite, access: call.access ?? (isWrite ? "operate" : "view") },
    ...(isWrite ? { preValidation: readIdempotencyKey } : {}),
    schema: {
      operationId: id,
      tags: [tag],
      summary,
      ...(description === undefined ? {} : { description }),
      params: params ?? NoParams,
      querystring: query ?? NoQuery,
      ...(body === undefined ? {} : { body }),
      response: {
        [status]: { description: "Done.", content: { "application/json": { schema: answer } } },
        ...problemResponses(call.problems ?? []),
      },
    },
    handler,
  });
}

/** The refusals of a call, by HTTP status. */
function problemResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes)
    byStatus.set(HTTP_STATUS[code], [...(byStatus.get(HTTP_STATUS[code]) ?? []), code]);
  const content = { [PROBLEM_TYPE]: { schema: ProblemBody } };
  const responses = [...byStatus].map(([status, some]) => [
    String(status),
    { description: some.join(", "), content },
  ]);
  return Object.fromEntries([...responses, ["default", { description: "Any other refusal.", content }]]);
}
