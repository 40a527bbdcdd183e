import { leafMaker } from "#audit/entry/leaf-maker.ts";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { commandInput } from "#machine/commands/codec.ts";
import type { Command } from "#machine/commands/commands.ts";
import { type Decision, type FaultSource, Machine } from "#machine/machine.ts";
import { RULE_VERSION } from "#machine/rule-version.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { openProjections } from "#projections/catalogue.ts";
import { sha256 } from "#replay/hash.ts";
import { rebuildTo } from "#replay/rebuild.ts";
import { type VerifyOptions, type VerifyReport, verify } from "#replay/verify.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { LogWriter } from "#store/log-writer.ts";
import { writeSnapshot } from "#store/snapshots.ts";

/** The time before the first command; the first is a microsecond later. */
export const RECORDING_BEGINS_US = 1_795_132_800_000_000;

export interface RecordingOptions {
  readonly db?: Database;
  readonly faults?: FaultSource;
  /** Version of the program that it says decided. Default: `test`. */
  readonly program?: string;
  /** Fill the projections too. */
  readonly projected?: boolean;
}

/** A machine whose commands go into a log, as control does it but for transactions. */
export class Recording {
  readonly db: Database;
  readonly machine: Machine;
  readonly #writer: LogWriter;
  readonly #projections: ReturnType<typeof openProjections> | null;
  readonly #program: string;
  #commandId = 0;
  /** What configuring the host came to. */
  readonly configured: Decision;

  constructor(
    description: HostDescription,
    { db, faults, projected, program = "test" }: RecordingOptions = {},
  ) {
    this.db = db ?? openInMemory();
    this.#program = program;
    this.machine = new Machine(sha256, faults ?? null);
    this.#projections = projected === true ? openProjections(this.db) : null;
    this.#writer = new LogWriter(this.db, leafMaker());
    this.configured = this.do({ kind: "host.configure", description });
  }

  get commands(): number {
    return this.#commandId;
  }

  /** Decides a command and appends what it recorded, at a microsecond of its own. */
  do(command: Command): Decision {
    const commandId = this.#commandId + 1;
    const timeUs = RECORDING_BEGINS_US + commandId;
    const decision = this.machine.execute(command, { commandId, timeUs });
    if (decision.events.length === 0) return decision;
    this.#commandId = commandId;
    const envelope = {
      timeUs,
      commandId,
      actor: "test",
      source: "cli",
      reason: null,
      request: null,
      program: this.#program,
    } as const;
    this.#writer.append({
      envelope,
      kind: command.kind,
      input: commandInput(command),
      events: decision.events,
      digest: this.machine.digest(),
      ruleVersion: RULE_VERSION,
    });
    for (const event of decision.events) this.#projections?.apply({ ...event, ...envelope });
    this.machine.settle();
    return decision;
  }

  /** Brings the projections up to the log. */
  project(): void {
    this.db.transaction(() => this.#projections?.flush())();
  }

  keepSnapshot(): void {
    writeSnapshot(this.db, {
      seq: this.machine.seq,
      commandId: this.#commandId,
      digest: this.machine.digest(),
      state: saveState(this.machine.state),
    });
  }

  verify(options: VerifyOptions = {}): VerifyReport {
    const report = verify(this.db, options);
    if (isProblem(report)) throw new Error(report.detail);
    return report;
  }

  /** A machine rebuilt from the log. */
  rebuilt(seq?: number): Machine {
    const machine = new Machine(sha256);
    const fault = rebuildTo(machine, this.db, "test.db", seq);
    if (fault !== null) throw new Error(fault.detail);
    return machine;
  }

  /** Changes the log behind its back, as somebody with the file could. */
  alter(sql: string, ...params: unknown[]): void {
    const triggers = this.db
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
      )
      .all();
    for (const { name } of triggers) this.db.exec(`DROP TRIGGER ${name}`);
    const { changes } = this.db.prepare(sql).run(...params);
    for (const trigger of triggers) this.db.exec(trigger.sql);
    if (changes === 0) throw new Error(`nothing altered by ${sql}`);
  }
}
