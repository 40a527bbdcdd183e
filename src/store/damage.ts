import { type Problem, problem } from "#base/problem.ts";
import type { DamagedEvent } from "./log-reader.ts";

/** What SQLite says where a log's own tables are not there: our statements name nothing else. */
const NOT_THERE = /^no such (table|column|view): /;

/**
 * What an error says about the file that was being read, or undefined: it says nothing about a file.
 *
 * @param error anything that was thrown; SQLite's errors have a `code`
 */
export function damageOf(error: unknown, file: string): Problem | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message !== "string") return undefined;
  if (NOT_THERE.test(message)) return problem("log-damaged", { file, why: message });
  if (typeof code !== "string" || !code.startsWith("SQLITE_")) return undefined;
  if (code === "SQLITE_NOTADB")
    return problem("log-not-a-log", { file, why: "SQLite does not know its format" });
  if (code.startsWith("SQLITE_CORRUPT")) return problem("log-damaged", { file, why: message });
  return code === "SQLITE_ERROR" ? undefined : problem("file-unreadable", { file, why: message });
}

/** The refusal of a log with an event that cannot be decoded. */
export function unreadable(file: string, { seq, fault }: DamagedEvent): Problem {
  return problem("log-damaged", { file, why: `event ${seq}: ${fault}` });
}
