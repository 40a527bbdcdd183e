import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { Problem } from "#base/problem.ts";
import { Control, type ControlOptions } from "#control/control.ts";
import type { Command } from "#machine/commands/commands.ts";
import { whole } from "./rest.ts";
import { twoGuests } from "./two-guests.ts";

/** What lies beside a log, and the log: all that an older copy would be taken of. */
const PARTS = ["", ".audit-key", ".audit-checkpoint"] as const;

/** The small example board on a log in a folder of its own, with its audit tree. */
export class AuditedHost {
  readonly folder: string = mkdtempSync(join(tmpdir(), "scmi-audit-"));
  readonly file: string = join(this.folder, "log.db");
  #now = 1_795_132_800_000_000;

  async open(options: Partial<ControlOptions> = {}): Promise<Control | Problem> {
    return Control.open({
      file: this.file,
      description: await twoGuests(),
      newBoard: false,
      clock: () => {
        this.#now += 1000;
        return this.#now;
      },
      program: "test",
      ...options,
    });
  }

  /** Opens the host, does something, and closes it. */
  async run<T>(
    work: (control: Control) => T | Promise<T>,
    options: Partial<ControlOptions> = {},
  ): Promise<T> {
    const control = whole(await this.open(options));
    try {
      return await work(control);
    } finally {
      await control.close();
    }
  }

  /** Keeps a copy of the log, with the files beside it or without. */
  copy(name: string, parts: readonly (typeof PARTS)[number][] = PARTS): string {
    const to = join(this.folder, `${name}.db`);
    for (const part of parts) {
      if (existsSync(this.file + part)) copyFileSync(this.file + part, to + part);
    }
    return to;
  }

  beside(part: ".audit-key" | ".audit-checkpoint"): string {
    return readFileSync(this.file + part, "utf8");
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Asks a host for some commands, each on its own behalf. */
export async function ask(control: Control, ...commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    await control.submit(command, { actor: "otto", source: "cli", reason: "because", request: null });
  }
}

/** So many agent resets, as many of them in one transaction as come together. */
export async function resets(control: Control, count: number): Promise<void> {
  const command: Command = { kind: "agent.reset", agentId: 2, permissions: true };
  const requester = { actor: "otto", source: "cli", reason: "because", request: null } as const;
  await Promise.all(Array.from({ length: count }, () => control.submit(command, requester)));
}

/** Changes a log as somebody with the file could: whatever stands in the way is taken away, and put back. */
export function tamper(file: string, change: (db: Sqlite.Database) => void): void {
  const db = new Sqlite(file);
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  change(db);
  for (const { sql } of triggers) db.exec(sql);
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
}
