import { createServer, type Server } from "#api/server.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { ExportView } from "#config/export/view.ts";
import type { Control } from "#control/control.ts";
import { Machine } from "#machine/machine.ts";
import { agentHoldings } from "#machine/views/agent.ts";
import { exportView } from "#machine/views/export.ts";
import { channelHealth, type HostView, hostView } from "#machine/views/host.ts";
import { namesAt } from "#machine/views/names.ts";
import { sha256 } from "#replay/hash.ts";
import { rebuildTo } from "#replay/rebuild.ts";
import { openForReading } from "#store/database.ts";
import { rangeOfPack } from "#store/packs.ts";
import { type Body, bodyOf, type Query, queryText, type Source } from "../client.ts";
import { VERSION } from "../version.ts";

/** A server in this very process, which need not listen. */
export class ServerSource implements Source {
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
  }

  async get(path: string, query: Query = {}): Promise<Body | Problem> {
    const { statusCode, body } = await this.#get(path, query);
    return (
      bodyOf(statusCode, body) ?? problem("internal-error", { what: `the answer to ${path} is not JSON` })
    );
  }

  async bytes(path: string, query: Query = {}): Promise<Uint8Array | Problem> {
    const { statusCode, body, rawPayload } = await this.#get(path, query);
    if (statusCode < 400) return rawPayload;
    const refusal = bodyOf(statusCode, body);
    return isProblem(refusal)
      ? refusal
      : problem("internal-error", { what: `${path} answered ${statusCode}` });
  }

  #get(path: string, query: Query) {
    return this.#server.app.inject({
      method: "GET",
      url: path + queryText(query),
      headers: { authorization: `Bearer ${this.#server.ownToken}` },
    });
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}

/** Paths that are answered from events and states alone, which is what a pack has. */
const OF_A_PACK = /^\/v1\/(?:host|events|state|bisect)(?:$|\/)|\/export\//;

/** A part of a log that somebody shared: its tables are empty, for what they are filled from began before it. */
class PackSource extends ServerSource {
  readonly #file: string;

  constructor(server: Server, file: string) {
    super(server);
    this.#file = file;
  }

  override async get(path: string, query: Query = {}): Promise<Body | Problem> {
    if (OF_A_PACK.test(path)) return await super.get(path, query);
    const why =
      "it is a pack, a part of a log without its tables; scmictl state, log, diff, bisect and debug read it";
    return problem("log-not-a-log", { file: this.#file, why });
  }
}

/** Opens a log to read it, beside its server or without one. It answers as its server would, through the very same routes. */
export async function openLogSource(file: string): Promise<Source | Problem> {
  const machine = rebuilt(file);
  if (isProblem(machine)) return machine;
  const isPack = isPackFile(file);
  if (isProblem(isPack)) return isPack;
  const control = new RecordedHost(file, machine) as unknown as Control;
  const server = await createServer({ control, program: VERSION, logLevel: "silent" });
  if (isProblem(server)) return server;
  return isPack ? new PackSource(server, file) : new ServerSource(server);
}

function isPackFile(file: string): boolean | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  const range = rangeOfPack(db);
  db.close();
  return range !== null;
}

/** The machine as it was after the log's last event. */
export function rebuilt(file: string): Machine | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const machine = new Machine(sha256);
    const fault = rebuildTo(machine, db, file);
    if (fault !== null) return fault;
    if (machine.seq > 0) return machine;
    return problem("log-not-a-log", { file, why: "it has no host yet" });
  } finally {
    db.close();
  }
}

/** What control is to the reading routes, without a writer: nothing is ever asked of it. */
class RecordedHost implements Pick<Control, keyof Control> {
  readonly file: string;
  readonly audit = null;
  readonly #machine: Machine;

  constructor(file: string, machine: Machine) {
    this.file = file;
    this.#machine = machine;
  }

  writeFault(): null {
    return null;
  }

  get headSeq(): number {
    return this.#machine.seq;
  }

  get stateHash(): string {
    return toHex(this.#machine.digest());
  }

  get hasHost(): boolean {
    return this.#machine.state.configuration() !== undefined;
  }

  host(): HostView {
    return hostView(this.#machine.state) as HostView;
  }

  exportView(): ExportView {
    return exportView(this.#machine.state) as ExportView;
  }

  channelHealth(agentId: number) {
    return channelHealth(this.#machine.state, agentId);
  }

  namesAt(seq: number) {
    return namesAt(this.#machine.state, seq);
  }

  agentHoldings(agentId: number) {
    return agentHoldings(this.#machine.state, agentId);
  }

  /** Nothing is committed here. */
  onCommitted(): () => void {
    return () => undefined;
  }

  submit(): never {
    throw new Error("bug: a log file is only read");
  }

  recall(): never {
    throw new Error("bug: a log file is only read");
  }

  exclusively(): never {
    throw new Error("bug: a log file is only read");
  }

  close(): never {
    throw new Error("bug: a log file is only read");
  }
}
