import type { Json } from "#base/canonical-json.ts";
import {
  type ForkedOutcome,
  type Tally,
  VERDICTS,
  type Verdict,
  type WhatIfReport,
} from "#replay/whatif/report.ts";

/** Lines of each list that a person is shown; `--json` has more. */
const SHOWN = 20;
/** Counts that are told even where they are none. */
const ALWAYS_TOLD: ReadonlySet<Verdict> = new Set(["same"]);
/** A value longer than this is cut. */
const VALUE_CHARACTERS = 200;

/** A report as a person reads it: the first difference, then all that is not the same, then the state at the end. */
export function whatIfText(report: WhatIfReport): string {
  const { at, to, isFromBoot, kinds, first, outcomes, state, stateCount } = report;
  const why = isFromBoot ? ": before the host's configuration, for the board or its rules are others" : "";
  const notSame = report.different + report.refused + report.new + report.gone;
  const changed = kinds.filter(({ kind: _, same, ...others }) => Object.values(others).some((n) => n > 0));
  return [
    `forked after event ${at}${why}; played to event ${to}`,
    `outcomes: ${counts(report)}`,
    ...changed.map((tally) => `  ${tally.kind}: ${counts(tally)}`),
    ...(first === null
      ? ["no command that was played as recorded comes to anything else"]
      : ["first difference:", ...outcomeLines(first)]),
    ...(notSame === 0 ? [] : ["all that is not the same:"]),
    ...outcomes.slice(0, SHOWN).map(outcomeLine),
    ...more(notSame),
    stateCount === 0 ? "the state at the end is the same" : `the state at the end: ${stateCount} differences`,
    ...state
      .slice(0, SHOWN)
      .map(({ path, recorded, replayed }) => `  ${stateText(path, recorded, replayed)}`),
    ...more(stateCount),
  ].join("\n");
}

function counts(tally: Tally): string {
  return VERDICTS.flatMap((verdict) =>
    tally[verdict] === 0 && !ALWAYS_TOLD.has(verdict) ? [] : [`${tally[verdict]} ${verdict}`],
  ).join(", ");
}

function more(count: number): string[] {
  return count > SHOWN ? [`  and ${count - SHOWN} more: --json`] : [];
}

function outcomeLine(outcome: ForkedOutcome): string {
  const { verdict, isChanged, seq, kind, commandId, difference } = outcome;
  const place = seq === null ? "inserted" : `event ${seq}, command ${commandId}`;
  const asked = difference !== null && isChanged ? " (changed)" : "";
  return `  ${verdict}${asked}: ${place}, ${kind}${what(outcome)}`;
}

function what({ verdict, difference, before, after, refusal }: ForkedOutcome): string {
  if (refusal !== null) return `: refused, ${refusal}`;
  if (difference === null) {
    const last = (verdict === "gone" ? before : after).at(-1);
    return last === undefined ? "" : `: ${last}`;
  }
  const { event, field, before: was, after: is } = difference;
  if (field === "")
    return `: ${was === null ? `${is} besides` : is === null ? `no ${was}` : `${is} instead of ${was}`}`;
  return `: ${event} ${field}: ${value(was)} before, ${value(is)} in the fork`;
}

function outcomeLines(outcome: ForkedOutcome): string[] {
  const { before, after, refusal } = outcome;
  return [
    outcomeLine(outcome),
    ...before.map((line) => `    before   ${line}`),
    ...after.map((line) => `    in fork  ${line}`),
    ...(refusal === null ? [] : [`    in fork  refused, and not recorded: ${refusal}`]),
  ];
}

function stateText(path: string, recorded: Json, replayed: Json): string {
  if (recorded === null) return `${path} is ${value(replayed)}, where there is nothing`;
  if (replayed === null) return `${path} is not there, where it is ${value(recorded)}`;
  return `${path} is ${value(replayed)} instead of ${value(recorded)}`;
}

function value(json: Json): string {
  const text = typeof json === "string" ? json : (JSON.stringify(json) ?? "nothing");
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)}…` : text;
}
