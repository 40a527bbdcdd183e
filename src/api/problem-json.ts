import type { FastifyReply } from "fastify";
import type { Problem } from "#base/problem.ts";
import type { ProblemBody } from "./contract.ts";
import { HTTP_STATUS } from "./http-status.ts";
import { RequestProblem } from "./request-problem.ts";

export const PROBLEM_TYPE = "application/problem+json";

/** A refusal as the body of an answer. */
export function problemBody(problem: Problem): ProblemBody {
  const { code, detail, hint, errno, seq } = problem;
  return {
    type: `urn:scmi-control-plane:problem:${code}`,
    title: title(code),
    status: HTTP_STATUS[code],
    detail,
    ...(seq === null ? {} : { instance: `/v1/events/${seq}` }),
    code,
    errno,
    hint,
    seq,
    ...(problem instanceof RequestProblem ? { issues: [...problem.issues] } : {}),
  };
}

/** Answers with a refusal. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  reply.refusal = problem;
  if (HTTP_STATUS[problem.code] === 401) reply.header("www-authenticate", "Bearer");
  return sendProblemText(reply, HTTP_STATUS[problem.code], JSON.stringify(problemBody(problem)));
}

/** Answers with a refusal that is JSON already. As bytes, because fastify adds a charset to texts, which the type does not have. */
export function sendProblemText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type(PROBLEM_TYPE).send(Buffer.from(text));
}

/** `domain-not-found` as `Domain not found`. */
function title(code: string): string {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
