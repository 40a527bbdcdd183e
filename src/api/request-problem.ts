import { Problem, problem } from "#base/problem.ts";
import type { RequestIssue } from "./contract.ts";

/** The refusal of a request that does not fit its description, with every place that does not. */
export class RequestProblem extends Problem {
  readonly issues: readonly RequestIssue[];

  constructor(issues: readonly RequestIssue[]) {
    const texts = issues.map(({ path, found, allowed }) => `${path}: found ${found}, allowed is ${allowed}`);
    const { code, detail, hint } = problem("request-invalid", { issues: texts });
    super(code, detail, hint, null, null);
    this.issues = issues;
  }
}

/** A problem where fastify's interfaces leave room for an error only: parsers, validators, hooks. Handlers return problems. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}
