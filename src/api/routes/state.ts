import type { FastifyInstance } from "fastify";
import { isProblem, type Problem } from "#base/problem.ts";
import { bisectLog, diffOf, stateOf, verifyLog } from "#replay/in-worker.ts";
import { callerGone, callerGoneOrClosing } from "../caller-gone.ts";
import type { ApiContext } from "../context.ts";
import {
  BisectAnswer,
  BisectQuery,
  DiffAnswer,
  DiffQuery,
  ReplayAnswer,
  ReplayBody,
  StateAnswer,
  StateQuery,
} from "../contract.ts";
import { read } from "../define.ts";
import { seqOfMoment } from "../position.ts";

const tag = "replay";

/** Travel and verification: both run in threads of their own, over connections of their own. */
export function stateRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control } = context;

  read(app, context, {
    method: "GET",
    url: "/v1/state",
    id: "getState",
    tag,
    summary: "The machine's state and its digest, now or at a moment",
    description: "A moment may be in the middle of a command.",
    query: StateQuery,
    answer: StateAnswer,
    problems: ["position-out-of-range", "log-damaged"],
    handle: async ({ query: { at: moment }, reply }) => {
      const at = moment === undefined ? control.headSeq : seqOfMoment(context, "at", moment);
      if (isProblem(at)) return at;
      return (await stateOf(control.file, at, callerGone(reply))) as StateAnswer | Problem;
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/state/diff",
    id: "diffStates",
    tag,
    summary: "What changed between two moments, as a JSON Patch",
    query: DiffQuery,
    answer: DiffAnswer,
    problems: ["position-out-of-range", "log-damaged"],
    handle: async ({ query, reply }) => {
      const from = seqOfMoment(context, "from", query.from);
      if (isProblem(from)) return from;
      const to = seqOfMoment(context, "to", query.to);
      if (isProblem(to)) return to;
      return (await diffOf(control.file, from, to, callerGone(reply))) as DiffAnswer | Problem;
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/bisect",
    id: "bisect",
    tag,
    summary:
      "The first event between two moments that made an expression false, and every other that changed it",
    query: BisectQuery,
    answer: BisectAnswer,
    problems: ["expression-invalid", "bisect-unfit", "position-out-of-range", "log-damaged"],
    handle: async ({ query: { expect, ...query }, reply }) => {
      const good = seqOfMoment(context, "good", query.good);
      if (isProblem(good)) return good;
      const bad = seqOfMoment(context, "bad", query.bad);
      if (isProblem(bad)) return bad;
      return (await bisectLog(control.file, { good, bad, expect }, callerGone(reply))) as
        | BisectAnswer
        | Problem;
    },
  });

  read(app, context, {
    method: "POST",
    url: "/v1/replay",
    id: "replay",
    tag,
    summary: "Verify: decide every recorded command again, and compare",
    description:
      "Events are compared byte for byte, and the state's digest after every command. `from` and `to` reach to the ends of their commands.",
    body: ReplayBody,
    answer: ReplayAnswer,
    problems: ["position-out-of-range", "shutting-down"],
    handle: async ({ body: { from, to }, reply }) => {
      const signal = callerGoneOrClosing(context, reply);
      const { program } = context;
      return (await verifyLog(control.file, { from, to, program, signal })) as ReplayAnswer | Problem;
    },
  });
}
