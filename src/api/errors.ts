import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Problem, problem } from "#base/problem.ts";
import { suggest } from "#config/suggest.ts";
import { damageOf } from "#control/read-side.ts";
import { BODY_BYTES_MAX } from "./json-body.ts";
import { pathOf } from "./path.ts";
import { sendProblem } from "./problem-json.ts";
import { Refusal } from "./request-problem.ts";

/**
 * Makes every error of fastify's a problem. What is a bug is logged, and tells the caller nothing of our insides.
 *
 * @param file the log, which a route may find damaged
 */
export function answerErrors(app: FastifyInstance, urls: () => readonly string[], file: string): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const damage = damageOf(error, file);
    return damage === undefined ? answerError(error, request, reply) : sendProblem(reply, damage);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request);
    const nearest = suggest(path, urls());
    return sendProblem(reply, problem("route-not-found", { method: request.method, path, nearest }));
  });
}

/** Answers with the problem that an error stands for. */
export function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal) return sendProblem(reply, error.problem);
  const refusal = refusalOf(error, request);
  if (refusal !== null) return sendProblem(reply, refusal);
  request.log.error({ err: error, method: request.method, url: request.url }, "internal error");
  return sendProblem(
    reply,
    problem("internal-error", { what: `${request.method} ${pathOf(request)} failed` }),
  );
}

function refusalOf(error: FastifyError, request: FastifyRequest): Problem | null {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return problem("request-too-large", { bytesMax: BODY_BYTES_MAX });
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return problem("content-type-unsupported", { found: request.headers["content-type"] ?? "nothing" });
    default:
      break;
  }
  const status = error.statusCode ?? 500;
  return status >= 400 && status < 500 ? problem("request-malformed", { why: error.message }) : null;
}
