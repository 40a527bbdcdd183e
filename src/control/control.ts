import { AuditLog } from "#audit/audit-log.ts";
import { answerHash } from "#audit/entry/entry.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { ExportView } from "#config/export/view.ts";
import { loggedEvent, type Names, type RequestOrigin, type Source } from "#events/logged.ts";
import { violations } from "#machine/checks/invariants.ts";
import { commandInput } from "#machine/commands/codec.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Outcome } from "#machine/commands/results.ts";
import { configure, loadConfiguration } from "#machine/configuration.ts";
import { Machine } from "#machine/machine.ts";
import { RULE_VERSION } from "#machine/rule-version.ts";
import { type AgentHoldings, agentHoldings } from "#machine/views/agent.ts";
import { exportView } from "#machine/views/export.ts";
import { type ChannelHealth, channelHealth, type HostView, hostView } from "#machine/views/host.ts";
import { namesAt } from "#machine/views/names.ts";
import { openProjections } from "#projections/catalogue.ts";
import { sha256 } from "#replay/hash.ts";
import { checkDigest, rebuildTo } from "#replay/rebuild.ts";
import { type Database, openForWriting } from "#store/database.ts";
import { IdempotencyStore, type StoredAnswer } from "#store/idempotency.ts";
import { lockForWriting, type WriterLock } from "#store/lock.ts";
import { LogReader } from "#store/log-reader.ts";
import { LogWriter } from "#store/log-writer.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";

/** A log that could not be written is tried no more often. */
const PROBE_MS = 1000;
/** Commands that share one transaction at the most. */
const BATCH_COMMANDS_MAX = 256;

/** Who asks, and how. */
export interface Requester {
  readonly actor: string;
  readonly source: Source;
  readonly reason: string | null;
  /** The request that asks; null: it came by no network. */
  readonly request: RequestOrigin | null;
}

/** What came of a command; its answer left only when its events were durable. */
export interface Submitted {
  readonly outcome: Outcome;
  readonly commandId: number | null;
}

/** A write that may be repeated: its key, what it asked for, and how its answer is put into words. */
export interface Repeatable {
  readonly key: string;
  /** Hash of the request: the same key with another one is refused. */
  readonly bodyHash: Uint8Array;
  readonly render: (outcome: Outcome) => { readonly status: number; readonly answer: string };
}

export interface ControlOptions {
  /** Path of the log. */
  readonly file: string;
  /** What the host is configured from; null: what the log says, which must not be empty. */
  readonly description: HostDescription | null;
  /** The log is one of what was observed elsewhere: it has no host, and gets none. */
  readonly withoutHost?: boolean;
  /** Take a changed board: configure the host anew and boot it. */
  readonly newBoard: boolean;
  /** Now, UTC, microseconds. */
  readonly clock: () => number;
  /** Version of this program. */
  readonly program: string;
  /** Go on under a new audit key where the log's own is lost. */
  readonly newAuditKey?: boolean;
  /** Keep no audit tree: for the bench, to tell what it costs. */
  readonly withoutAudit?: boolean;
  /** Check the invariants after every command, and stop at the first violation. */
  readonly checkInvariants?: boolean;
}

interface Waiting {
  readonly command: Command;
  readonly requester: Requester;
  readonly repeatable: Repeatable | null;
  readonly resolve: (submitted: Submitted) => void;
}

/**
 * The single writer of one host: decides commands one after the other, makes them durable, answers. Commands that wait together
 * share a transaction; a batch that fails is taken back and tried one command at a time.
 */
export class Control {
  /** The audit tree over the log; null where it is left out. */
  readonly audit: AuditLog | null;
  readonly #db: Database;
  readonly #lock: WriterLock;
  readonly #machine: Machine;
  readonly #writer: LogWriter;
  readonly #projections: ReturnType<typeof openProjections>;
  readonly #idempotency: IdempotencyStore;
  readonly #snapshots: SnapshotKeeper;
  readonly #options: ControlOptions;
  readonly #begin;
  readonly #commit;
  readonly #rollback;
  #waiting: Waiting[] = [];
  readonly #inFlight = new Set<string>();
  readonly #listeners = new Set<(headSeq: number) => void>();
  #scheduled = false;
  #closing = false;
  #lastCommand: number;
  #lastTimeUs: number;
  #digest: Uint8Array;
  #writeFault: string | null = null;
  #probedMs = Number.NEGATIVE_INFINITY;
  /** What the last batch that failed is refused with: a bug of ours is not the disk's fault, nor SQLite's. */
  #refusal: Problem = problem("log-unwritable", { why: "unknown" });

  private constructor(
    db: Database,
    lock: WriterLock,
    machine: Machine,
    audit: AuditLog | null,
    options: ControlOptions,
  ) {
    this.#db = db;
    this.#lock = lock;
    this.#machine = machine;
    this.audit = audit;
    this.#options = options;
    this.#writer = new LogWriter(db, audit?.leaves);
    this.#projections = openProjections(db);
    this.#idempotency = new IdempotencyStore(db);
    this.#snapshots = new SnapshotKeeper(db);
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
    const reader = new LogReader(db);
    this.#lastCommand = reader.headCommand();
    this.#lastTimeUs = reader.headTimeUs();
    this.#digest = machine.digest();
  }

  /** Opens a log, or makes it: takes the writer's lock, rebuilds the state, and boots the host at a first start. */
  static async open(options: ControlOptions): Promise<Control | Problem> {
    const lock = lockForWriting(options.file);
    if (isProblem(lock)) return lock;
    const control = await Control.#recover(options, lock);
    if (isProblem(control)) lock.release();
    return control;
  }

  static async #recover(options: ControlOptions, lock: WriterLock): Promise<Control | Problem> {
    const db = openForWriting(options.file);
    if (isProblem(db)) return db;
    const machine = new Machine(sha256);
    const fault = rebuildTo(machine, db, options.file) ?? checkDigest(machine, db, options.file);
    const audit = fault ?? Control.#openAudit(db, machine, options);
    const control = isProblem(audit)
      ? audit
      : await new Control(db, lock, machine, audit, options).#configureHost();
    if (isProblem(control)) {
      if (!isProblem(audit)) audit?.abandon();
      db.close();
    }
    return control;
  }

  static #openAudit(db: Database, machine: Machine, options: ControlOptions): AuditLog | null | Problem {
    if (options.withoutAudit === true) return null;
    const { file, description, newAuditKey = false } = options;
    const name = machine.state.configuration()?.board.name ?? description?.board.name ?? "";
    return AuditLog.open(db, { file, name, newKey: newAuditKey });
  }

  /** Whether the log begins with a trace of a real machine. */
  #isObserved(): boolean {
    const [first] = new LogReader(this.#db).events(0, 1);
    return first !== undefined && "type" in first && first.type === "trace.imported";
  }

  async #configureHost(): Promise<Control | Problem> {
    const { description, newBoard, file, withoutHost } = this.#options;
    const current = this.#machine.state.configuration();
    if (withoutHost === true) return this;
    if (description !== null && current === undefined && this.headSeq > 0) {
      const why = "it holds what was observed on a real machine; a host needs a log of its own";
      return problem("log-not-a-log", { file, why });
    }
    if (description === null) {
      return current === undefined && !this.#isObserved()
        ? problem("log-not-a-log", {
            file: this.#options.file,
            why: "it has no host yet; a first start needs a board",
          })
        : this;
    }
    // The board in force goes on by its rules; a new one, be it the same again, gets the newest.
    const configured = configure(description, sha256, newBoard ? RULE_VERSION : current?.rules);
    if (isProblem(configured)) return configured;
    const given = loadConfiguration(configured, sha256).digest;
    if (current?.digest === given) return this;
    if (current !== undefined && !newBoard) {
      return problem("board-changed", { recorded: current.digest.slice(0, 12), given: given.slice(0, 12) });
    }
    const requester = { actor: "system", source: "boot", reason: null, request: null } as const;
    const { outcome } = await this.submit({ kind: "host.configure", description }, requester);
    return isProblem(outcome.result) ? outcome.result : this;
  }

  /** Decides a command. Resolves when what it recorded is durable; never rejects. */
  submit(command: Command, requester: Requester, repeatable: Repeatable | null = null): Promise<Submitted> {
    return new Promise((resolve) => {
      if (this.#closing) {
        resolve(notSubmitted(problem("shutting-down", {})));
        return;
      }
      if (repeatable !== null) this.#inFlight.add(inFlightKey(requester.actor, repeatable.key));
      this.#waiting.push({ command, requester, repeatable, resolve });
      this.#schedule();
    });
  }

  /**
   * What an Idempotency-Key already stands for: the stored answer, a refusal (the key is another request's, or that request is
   * still under way), or null: it is new.
   */
  recall(actor: string, key: string, bodyHash: Uint8Array): StoredAnswer | Problem | null {
    if (this.#inFlight.has(inFlightKey(actor, key))) return problem("idempotency-in-flight", { key });
    const stored = this.#idempotency.find(actor, key);
    if (stored === undefined) return null;
    return toHex(stored.bodyHash) === toHex(bodyHash) ? stored : problem("idempotency-key-reused", { key });
  }

  /** Seq of the last durable event. */
  get headSeq(): number {
    return this.#machine.seq;
  }

  /** Digest of the durable state, 64 hex digits. */
  get stateHash(): string {
    return toHex(this.#digest);
  }

  /**
   * Why the log cannot be written, or null: it can. After a write that failed it is tried again, no more often than once a second: on
   * a host where nobody asks for anything, nothing else would find out that the disk has room again.
   */
  writeFault(): string | null {
    const nowMs = performance.now();
    if (this.#writeFault === null || this.#db.inTransaction || nowMs - this.#probedMs < PROBE_MS) {
      return this.#writeFault;
    }
    this.#probedMs = nowMs;
    try {
      this.#db.transaction(() => touch(this.#db)).immediate();
      this.#writeFault = null;
    } catch (error) {
      this.#writeFault = (error as Error).message;
    }
    return this.#writeFault;
  }

  /** The path of the log. */
  get file(): string {
    return this.#options.file;
  }

  /** Whether there is a host: a log of what was observed elsewhere has none, and nothing can be asked of it. */
  get hasHost(): boolean {
    return this.#machine.state.configuration() !== undefined;
  }

  /** The host; there has to be one. */
  host(): HostView {
    return hostView(this.#machine.state) as HostView;
  }

  /** The machine as exports need it. */
  exportView(): ExportView {
    return exportView(this.#machine.state) as ExportView;
  }

  channelHealth(agentId: number): ChannelHealth {
    return channelHealth(this.#machine.state, agentId);
  }

  /** What the board knows of the ids in an event's messages; nothing where the event is of an earlier board. */
  namesAt(seq: number): Names {
    return namesAt(this.#machine.state, seq);
  }

  agentHoldings(agentId: number): AgentHoldings {
    return agentHoldings(this.#machine.state, agentId);
  }

  /** Calls back after every commit, with the new head. Returns how to stop it. */
  onCommitted(listener: (headSeq: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The writer's own connection, for work that must not run beside a commit (rebuilding projections, backup). */
  exclusively<T>(work: (db: Database) => T): T {
    return work(this.#db);
  }

  /** Finishes what waits, keeps a snapshot, empties the WAL into the file and lets go of the log. */
  async close(): Promise<void> {
    this.#closing = true;
    while (this.#waiting.length > 0 || this.#scheduled) await new Promise((resolve) => setImmediate(resolve));
    try {
      if (this.#snapshots.isBehind(this.headSeq))
        this.#db.transaction(() => this.#keepSnapshot()).immediate();
      this.audit?.close();
      this.#db.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk keeps the WAL as it is: nothing acknowledged is lost, the next start reads it.
    }
    this.#db.close();
    this.#lock.release();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const batch = this.#waiting.splice(0, BATCH_COMMANDS_MAX);
      if (this.#waiting.length > 0) this.#schedule();
      this.#process(batch);
    });
  }

  #process(batch: readonly Waiting[]): void {
    const submitted = this.#tryBatch(batch);
    if (submitted === null) {
      for (const waiting of batch) this.#processAlone(waiting);
    } else {
      for (const [i, waiting] of batch.entries()) this.#answer(waiting, submitted[i] as Submitted);
    }
    this.audit?.committed(this.headSeq);
    for (const listener of this.#listeners) listener(this.headSeq);
  }

  #processAlone(waiting: Waiting): void {
    const submitted = this.#tryBatch([waiting]);
    this.#answer(waiting, submitted?.[0] ?? notSubmitted(this.#refusal));
  }

  #answer({ requester, repeatable, resolve }: Waiting, submitted: Submitted): void {
    if (repeatable !== null) this.#inFlight.delete(inFlightKey(requester.actor, repeatable.key));
    resolve(submitted);
  }

  /** One transaction for all of them; null: nothing of it happened. */
  #tryBatch(batch: readonly Waiting[]): Submitted[] | null {
    const checkpoint = this.#machine.checkpoint();
    const { commandId, timeUs } = { commandId: this.#lastCommand, timeUs: this.#lastTimeUs };
    try {
      this.#begin.run();
      const submitted = batch.map((waiting) => this.#perform(waiting));
      this.#projections.flush();
      if (this.#snapshots.isDue(this.headSeq)) this.#keepSnapshot();
      this.#commit.run();
      this.#machine.settle();
      this.#digest = this.#machine.digest();
      this.#writeFault = null;
      return submitted;
    } catch (error) {
      this.#failed(error as Error);
      if (this.#db.inTransaction) this.#rollback.run();
      this.#machine.rollback(checkpoint);
      this.#projections.discard();
      this.#writer.forget();
      this.#lastCommand = commandId;
      this.#lastTimeUs = timeUs;
      this.#snapshots.reread();
      return null;
    }
  }

  /** The log is unwritable where the disk or SQLite says so. A bug of ours is a command's own misfortune. */
  #failed(error: Error & { readonly code?: string }): void {
    const why = error.message;
    const isOurs = !error.code?.startsWith("SQLITE_");
    this.#refusal = isOurs ? problem("internal-error", { what: why }) : problem("log-unwritable", { why });
    if (isOurs) return;
    this.#writeFault = why;
    this.#probedMs = performance.now();
  }

  /** Decides one command and appends what it recorded. */
  #perform({ command, requester, repeatable }: Waiting): Submitted {
    const timeUs = Math.max(this.#options.clock(), this.#lastTimeUs);
    const commandId = this.#lastCommand + 1;
    const { outcome, events } = this.#machine.execute(command, { commandId, timeUs });
    if (events.length === 0) return { outcome, commandId: null };
    this.#lastCommand = commandId;
    this.#lastTimeUs = timeUs;
    const { actor, source, reason, request } = requester;
    const envelope = { timeUs, commandId, actor, source, reason, request, program: this.#options.program };
    const kept =
      repeatable === null ? null : { bodyHash: repeatable.bodyHash, ...repeatable.render(outcome) };
    this.#writer.append({
      envelope,
      kind: command.kind,
      input: commandInput(command),
      events,
      digest: this.#machine.digest(),
      ruleVersion: this.#machine.ruleVersion,
      ...(kept === null ? {} : { answerHash: answerHash({ actor, key: repeatable?.key ?? "", ...kept }) }),
    });
    for (const event of events) this.#projections.apply(loggedEvent(event, envelope));
    if (repeatable !== null && kept !== null) this.#idempotency.add(actor, repeatable.key, commandId, kept);
    if (this.#options.checkInvariants === true) this.#assertInvariants();
    return { outcome, commandId };
  }

  #assertInvariants(): void {
    const found = violations(this.#machine.state);
    if (found.length > 0) throw new Error(`bug: ${found.join("; ")}`);
  }

  #keepSnapshot(): void {
    this.#snapshots.keep(this.#machine, this.#lastCommand);
  }
}

/** Writes a page of a log, and changes nothing of it: its schema's version is what it was. */
function touch(db: Database): void {
  db.pragma(`user_version = ${db.pragma("user_version", { simple: true })}`);
}

function notSubmitted(result: Problem): Submitted {
  return { outcome: { result, errno: result.errno }, commandId: null };
}

function inFlightKey(actor: string, key: string): string {
  return `${actor}\n${key}`;
}
