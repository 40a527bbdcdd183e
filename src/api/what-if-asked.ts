import { isProblem, type Problem, refusedRequest } from "#base/problem.ts";
import type { WhatIfAsked } from "#simulate/asking/what-if.ts";
import type { WhatIfBody } from "./contract.ts";
import { microseconds } from "./position.ts";

/**
 * A body of `POST /v1/whatif` with its times and moments resolved.
 *
 * @param seqOf the seq that a moment means, by the field's name and what it says
 */
export function whatIfAsked(
  { at, to, time = [], ...body }: WhatIfBody,
  seqOf: (name: string, text: string) => number | Problem,
): WhatIfAsked | Problem {
  const start = seqOf("at", String(at));
  if (isProblem(start)) return start;
  const end = to === undefined ? undefined : seqOf("to", String(to));
  if (isProblem(end)) return end;
  const times: NonNullable<WhatIfAsked["time"]>[number][] = [];
  for (const { time: text, ...place } of time) {
    const timeUs = microseconds(text);
    if (timeUs === null) {
      const found = JSON.stringify(text);
      const issue = `time: found ${found}, allowed is a time with its zone, such as 2026-11-20T23:49:28.000001Z`;
      return refusedRequest(issue);
    }
    times.push({ ...place, timeUs });
  }
  return { ...body, at: start, to: end, time: times };
}
