import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem, refusedRequest } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { ExportView } from "#config/export/view.ts";
import { eventJson } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import { configure, loadConfiguration } from "#machine/configuration.ts";
import { FaultList } from "#machine/fault-list.ts";
import { Machine } from "#machine/machine.ts";
import { channelTable, permissionPairs } from "#machine/state/channel-table.ts";
import { exportView } from "#machine/views/export.ts";
import { namesAt } from "#machine/views/names.ts";
import { pageView, registersView } from "#machine/views/views.ts";
import type { Expression } from "#replay/expression/compile.ts";
import { sha256 } from "#replay/hash.ts";
import { rebuildTo } from "#replay/rebuild.ts";
import { endOfCommand } from "#replay/whatif/plan.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { outsidePack } from "#store/packs.ts";
import type { ScriptLine } from "./lines.ts";
import { readScriptLine, type ScriptAction } from "./script-commands.ts";

/** When simulations begin, so that all of them tell the same times: 2026-01-01T00:00:00Z in microseconds. */
const BEGIN_US = 1_767_225_600_000_000;

/** What came of a line, before it is put into JSON. */
interface Answer {
  readonly result: unknown;
  readonly errno: string | null;
  readonly events: readonly Json[];
}

/**
 * A machine in memory that a script drives, a line at a time. It writes nothing, and depends on nothing but what it was made from
 * and the lines: time starts fixed (or where the log was forked) and goes on by a microsecond a command.
 */
export class Simulation {
  readonly #faults = new FaultList();
  readonly #machine = new Machine(sha256, this.#faults);
  readonly #program: string;
  #commandId = 0;
  #timeUs = BEGIN_US;
  #isAsExpected = true;

  private constructor(program: string) {
    this.#program = program;
  }

  /**
   * A host of its own.
   *
   * @param start `booted`, or `power-on`: the firmware is up and Xen has not booted
   * @param program version of this program, for the events
   */
  static of(
    description: HostDescription,
    start: "booted" | "power-on",
    program: string,
  ): Simulation | Problem {
    const simulation = new Simulation(program);
    const machine = simulation.#machine;
    const stamp = { commandId: 1, timeUs: BEGIN_US };
    const { outcome } =
      start === "booted"
        ? machine.execute({ kind: "host.configure", description }, stamp)
        : machine.configureOnly(description, stamp);
    if (isProblem(outcome.result)) return outcome.result;
    machine.settle();
    simulation.#commandId = 1;
    return simulation;
  }

  /**
   * A copy of a recorded host as it was after an event, at the end of the event's command.
   *
   * @param at a seq; null: the log's head
   */
  static fork(db: Database, file: string, at: number | null, program: string): Simulation | Problem {
    const reader = new LogReader(db);
    const headSeq = reader.headSeq();
    const seq = at ?? headSeq;
    const outside = outsidePack(db, seq);
    if (outside !== null) return outside;
    if (seq < 1 || seq > headSeq) return problem("seq-not-found", { seq, headSeq });
    const end = endOfCommand(reader, seq);
    const command = end && reader.command(end.commandId);
    if (end === undefined || command === undefined) {
      return problem("log-damaged", { file, why: `the command of event ${seq} is missing` });
    }
    const simulation = new Simulation(program);
    const fault = rebuildTo(simulation.#machine, db, file, command.lastSeq);
    if (fault !== null) return fault;
    if (toHex(simulation.#machine.digest()) !== toHex(command.digest)) {
      const why = `the state after command ${command.id} is not the one that was recorded`;
      return problem("log-damaged", { file, why });
    }
    simulation.#commandId = command.id;
    simulation.#timeUs = end.timeUs;
    return simulation;
  }

  /** Whether everything held so far that the script expected. */
  get isAsExpected(): boolean {
    return this.#isAsExpected;
  }

  /** Whether this machine was configured from a description, as far as what counts goes. */
  isOf(description: HostDescription): boolean {
    const configured = configure(description, sha256, this.#machine.state.configuration()?.rules);
    if (isProblem(configured)) return false;
    return loadConfiguration(configured, sha256).digest === this.#machine.state.configuration()?.digest;
  }

  /** The machine as exports need it. */
  exportView(): ExportView {
    return exportView(this.#machine.state) as ExportView;
  }

  /** Answers one line of the script with one line of JSON; null for a blank one. Never throws for what a line says. */
  answer(line: ScriptLine): string | null {
    if (line === null) return this.#render(refusal(refusedRequest("the line is longer than 16 MiB")));
    if (line.trim() === "") return null;
    const action = readScriptLine(line);
    return this.#render(isProblem(action) ? refusal(action) : this.#perform(action));
  }

  #perform(action: ScriptAction): Answer {
    const checkpoint = this.#machine.checkpoint();
    try {
      const answer = this.#act(action);
      this.#machine.settle();
      return answer;
    } catch (error) {
      this.#machine.rollback(checkpoint);
      return refusal(problem("internal-error", { what: (error as Error).message }));
    }
  }

  #act(action: ScriptAction): Answer {
    switch (action.kind) {
      case "command":
        return this.#execute(action.command, action.reason);
      case "firmware.ring":
        return this.#ring(action.agentId, action.shmem);
      case "firmware.reset":
        this.#machine.resetFirmware();
        return done({});
      case "firmware.fault":
        this.#faults.add(action.fault, action.times);
        return done({});
      case "firmware.clear-faults":
        this.#faults.clear();
        return done({});
      case "expect":
        return this.#expect(action.expression);
    }
  }

  #execute(command: Command, reason: string | null): Answer {
    const commandId = this.#commandId + 1;
    const timeUs = this.#timeUs + 1;
    const { outcome, events } = this.#machine.execute(command, { commandId, timeUs });
    this.#timeUs = timeUs;
    // As in a log, a command that recorded nothing leaves no gap in the ids.
    if (events.length > 0) this.#commandId = commandId;
    const shown = events.map((event: MachineEvent) =>
      eventJson(
        {
          ...event,
          timeUs,
          commandId,
          actor: "simulate",
          source: "cli",
          reason,
          request: null,
          program: this.#program,
        },
        namesAt(this.#machine.state, event.seq),
      ),
    );
    return { ...outcome, events: shown };
  }

  #expect(expression: Expression | Problem): Answer {
    const holds = !isProblem(expression) && expression.holds(this.#machine.state);
    this.#isAsExpected &&= holds;
    if (holds) return done({ holds });
    return refusal(
      isProblem(expression) ? expression : problem("expectation-failed", { expression: expression.text }),
    );
  }

  #ring(agentId: number, written: Uint8Array | null): Answer {
    const { state } = this.#machine;
    const agents = state.configuration()?.board.firmware.agents ?? [];
    const agent = agents.find(({ id }) => id === agentId);
    if (agent === undefined) return refusal(problem("agent-not-found", { agentId }));
    const x = this.#machine.ringBelow(agent.funcId, agent.shmem, written);
    return done({ x: registersView(x), shmem: pageView(state.memory.window(agent.shmem)) });
  }

  #render({ result, errno, events }: Answer): string {
    const what = isProblem(result) ? { ok: false, problem: result } : { ok: true, result };
    const { state } = this.#machine;
    return JSON.stringify({
      ...what,
      errno,
      events,
      channels: channelTable(state),
      permissions: permissionPairs(state),
    });
  }
}

function done(result: object): Answer {
  return { result, errno: null, events: [] };
}

function refusal(result: Problem): Answer {
  return { result, errno: result.errno, events: [] };
}
