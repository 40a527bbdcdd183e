import { writeFileSync } from "node:fs";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { packLog } from "#replay/pack/write-pack.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import type { PackOptions } from "./verbs/pack.ts";
import { VERSION } from "./version.ts";

/** Writes a part of a log to a file of its own. */
export function packFile({ db: file, from, to, out }: PackOptions): Problem | { from: number; to: number } {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const pack = packLog(db, from ?? 1, to ?? new LogReader(db).headSeq(), VERSION);
    if (isProblem(pack)) return pack;
    writeFileSync(out, pack.bytes, { flag: "wx" });
    return { from: pack.from, to: pack.to };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return problem("log-exists", { file: out });
    return problem("file-unreadable", { file: out, why: message });
  } finally {
    db.close();
  }
}
