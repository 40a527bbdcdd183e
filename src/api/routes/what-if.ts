import type { FastifyInstance } from "fastify";
import { isProblem, type Problem } from "#base/problem.ts";
import { shrinkLog, whatIfLog } from "#simulate/asking/in-worker.ts";
import { whatIfRefusal } from "#simulate/asking/what-if.ts";
import { callerGoneOrClosing } from "../caller-gone.ts";
import type { ApiContext } from "../context.ts";
import { ShrinkAnswer, ShrinkBody, WhatIfAnswer, WhatIfBody } from "../contract.ts";
import { read } from "../define.ts";
import { seqOfMoment } from "../position.ts";
import { whatIfAsked } from "../what-if-asked.ts";

const tag = "replay";

/** Questions that play the log on, on machines in memory: in threads of their own, which end when their caller goes away. */
export function whatIfRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control } = context;
  const moment = (name: string, text: string): number | Problem => seqOfMoment(context, name, text, "body");

  read(app, context, {
    method: "POST",
    url: "/v1/whatif",
    id: "whatIf",
    tag,
    summary: "What if: the log played on from a moment with something changed, compared with what happened",
    description: "Nothing is recorded: it happens on a machine in memory.",
    body: WhatIfBody,
    answer: WhatIfAnswer,
    problems: ["board-invalid", "position-out-of-range", "host-not-booted", "log-damaged", "shutting-down"],
    handle: async ({ body, reply }) => {
      const asked = whatIfAsked(body, moment);
      if (isProblem(asked)) return asked;
      const refusal = whatIfRefusal(asked);
      if (refusal !== null) return refusal;
      return (await whatIfLog(control.file, asked, callerGoneOrClosing(context, reply))) as
        | WhatIfAnswer
        | Problem;
    },
  });

  read(app, context, {
    method: "POST",
    url: "/v1/shrink",
    id: "shrink",
    tag,
    summary:
      "The fewest commands after which an expression is still false, as a script for `scmictl simulate`",
    description:
      "Nothing is recorded. The search ends by itself after some minutes of playing, with what it has.",
    body: ShrinkBody,
    answer: ShrinkAnswer,
    problems: [
      "expression-invalid",
      "shrink-unfit",
      "position-out-of-range",
      "host-not-booted",
      "log-damaged",
      "shutting-down",
    ],
    handle: async ({ body: { expect, to, maxRuns: runsMax }, reply }) => {
      const seq = to === undefined ? undefined : moment("to", String(to));
      if (isProblem(seq)) return seq;
      return await shrinkLog(control.file, { expect, to: seq, runsMax }, callerGoneOrClosing(context, reply));
    },
  });
}
