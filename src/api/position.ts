import { type Problem, problem } from "#base/problem.ts";
import { civilTime } from "#base/time.ts";
import { show } from "#config/board/fields.ts";
import type { ApiContext } from "./context.ts";
import { RequestProblem } from "./request-problem.ts";

/** `2026-11-20T23:49:28.000001+01:00`, down to the date alone. A plus that nobody escaped arrives as a space. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+ -])(\d\d):?(\d\d)))?$/;

/**
 * The seq that a moment of the query means: itself, or the last event that is not after a time (0: the time is before the first).
 * Whatever comes after the log's last event is that event's moment, as long as nothing else has happened.
 *
 * @param name of the query parameter, or the field of the body
 */
export function seqOfMoment(
  { control, reads }: ApiContext,
  name: string,
  text: string,
  place: "query" | "body" = "query",
): number | Problem {
  const { headSeq } = control;
  if (/^\d{1,15}$/.test(text)) {
    const position = Number(text);
    return position <= headSeq ? position : problem("position-out-of-range", { position, headSeq });
  }
  const timeUs = microseconds(text);
  if (timeUs !== null) return reads.log.seqAt(timeUs);
  const allowed = `a seq from 0 to ${headSeq}, or a time with its zone, such as 2026-11-20T23:49:28.000001Z`;
  return new RequestProblem([{ path: `${place}.${name}`, found: show(text), allowed }]);
}

/** The first seq that is not before a moment: where a range begins. */
export function firstSeqOf(context: ApiContext, name: string, text: string): number | Problem {
  const timeUs = microseconds(text);
  return timeUs === null ? seqOfMoment(context, name, text) : context.reads.log.seqAt(timeUs - 1) + 1;
}

/** An ISO time as UTC microseconds since 1970, or null where it is none. Digits below a microsecond are dropped. */
export function microseconds(text: string): number | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = 0, minute = 0, second = 0] = match.map((part) =>
    part === undefined ? undefined : Number(part),
  ) as [undefined, number, number, number, number?, number?, number?];
  const micros = Number((match[7] ?? "").slice(0, 6).padEnd(6, "0"));
  const timeUs = Date.UTC(year, month - 1, day, hour, minute, second) * 1000 + micros;
  const read = civilTime(timeUs);
  const isReal = read.year === year && read.month === month && read.day === day && read.hour === hour;
  if (!isReal || read.minute !== minute || read.second !== second) return null;
  if (Number(match[9] ?? 0) > 23 || Number(match[10] ?? 0) > 59) return null;
  const offsetUs = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60_000_000;
  return match[8] === "-" ? timeUs + offsetUs : timeUs - offsetUs;
}
