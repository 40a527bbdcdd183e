import type { FastifySchemaCompiler } from "fastify";
import type { z } from "zod";
import { requestIssues } from "./request-issues.ts";
import { Refusal, RequestProblem } from "./request-problem.ts";

/** What fastify calls the parts of a request, as we call them. */
const PARTS: Readonly<Record<string, string>> = { querystring: "query", params: "path", body: "body" };

/** Validates with the route's zod schemas. A body that is not there is an object without fields. */
export const compileValidator: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[httpPart ?? ""] ?? "request";
  return (data: unknown) => {
    const given = data ?? {};
    const result = schema.safeParse(given);
    if (result.success) return { value: result.data };
    // The values that were found cost time and memory, so they are asked for only now.
    const error = schema.safeParse(given, { reportInput: true }).error ?? result.error;
    return { error: new Refusal(new RequestProblem(requestIssues(error, schema, part))) };
  };
};
