import type { Query } from "../client.ts";

/** What can be asked, as it is typed. */
export const QUESTION_FORMS = [
  "who --device D [--at T]",
  "permissions [--at T]",
  "explain AGENT DEVICE [--at T]",
  "exposure [--at T]",
  "use [--agent A] [--device D] [--at T]",
] as const;

/**
 * A question as the verbs of the same names take it, for a bundle: `who --device gpu --at 2026-03-03`. A word may stand in double
 * quotes.
 *
 * @returns the query of the call, or null: it is none of {@link QUESTION_FORMS}
 */
export function questionQuery(text: string): Query | null {
  const words = [...text.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? "");
  const [question, ...rest] = words;
  const options: Record<string, string> = {};
  const subjects: string[] = [];
  while (rest.length > 0) {
    const word = rest.shift() as string;
    const [, name, value] = /^--(device|agent|at)(?:=(.*))?$/s.exec(word) ?? [];
    if (name === undefined) {
      if (word.startsWith("--")) return null;
      subjects.push(word);
      continue;
    }
    const given = value ?? rest.shift();
    if (given === undefined || name in options) return null;
    options[name] = given;
  }
  if (question === "explain" && subjects.length === 2) {
    const [agent, device] = subjects as [string, string];
    return { question, agent, device, ...options };
  }
  const isKnown = QUESTION_FORMS.some((form) => form.split(" ")[0] === question);
  return isKnown && subjects.length === 0 ? { question, ...options } : null;
}
