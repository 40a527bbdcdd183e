import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { ScmiObserved } from "#events/observed.ts";
import { observedAnswer, type Told } from "#events/observed-text.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { ScmiResult } from "#machine/commands/results.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import { compareAnswers, STATUS_DIGITS } from "./difference.ts";

/** A request as the log has it. */
export interface ObservedRequest {
  readonly seq: number;
  readonly agentId: number | null;
  readonly observed: ScmiObserved;
}

/** Answers that differ in the same way. */
export interface DifferenceGroup {
  readonly agentId: number;
  readonly message: string;
  /** In what the answers differ. */
  readonly cause: string;
  readonly count: number;
  /** The first of them. */
  readonly first: {
    /** Seq of the observation, and its line in the trace. */
    readonly seq: number;
    readonly line: number;
    readonly request: string;
    readonly board: string;
    readonly model: string;
  };
}

/** What came of comparing. */
export interface Comparison {
  /** Requests that were played. */
  readonly played: number;
  readonly same: number;
  readonly different: number;
  /** Played, but the trace has no answer to compare with. */
  readonly unanswered: number;
  /** Requests that could not be played, by reason. */
  readonly notPlayed: Readonly<Record<string, number>>;
  /** In the order of their first. */
  readonly groups: readonly DifferenceGroup[];
}

export interface CompareOptions {
  /** The agent of traces that do not say whose they are. */
  readonly agentId: number | null;
  /** Guests that are created first, in order: xl.cfg texts. */
  readonly xlcfgs: readonly string[];
}

/** When the machine in memory begins: 2026-01-01T00:00:00Z in microseconds, as simulations do. */
const BEGIN_US = 1_767_225_600_000_000;

/**
 * Plays the requests of a real machine's agents through mediator and model, in memory, and compares the answers. An agent that no
 * domain holds gets one of its own, without devices.
 */
export class Comparer {
  readonly #machine = new Machine(sha256);
  readonly #agentId: number | null;
  readonly #domains = new Map<number, number | Problem>();
  readonly #notPlayed = new Map<string, number>();
  readonly #groups = new Map<string, DifferenceGroup>();
  #commandId = 0;
  #played = 0;
  #same = 0;
  #unanswered = 0;

  private constructor(agentId: number | null) {
    this.#agentId = agentId;
  }

  /** Boots a host in memory and creates its guests; or the first refusal. */
  static of(description: HostDescription, { agentId, xlcfgs }: CompareOptions): Comparer | Problem {
    const comparer = new Comparer(agentId);
    const commands: Command[] = [
      { kind: "host.configure", description },
      ...xlcfgs.map((xlcfg) => ({ kind: "domain.create", request: { xlcfg } }) as const),
    ];
    for (const command of commands) {
      const result = comparer.#execute(command);
      if (isProblem(result)) return result;
    }
    return comparer;
  }

  take(request: ObservedRequest): void {
    const reason = this.#play(request);
    if (reason !== null) this.#notPlayed.set(reason, (this.#notPlayed.get(reason) ?? 0) + 1);
  }

  /** Why a request could not be played, or null: it was, and its answers are compared. */
  #play({ seq, agentId: told, observed }: ObservedRequest): string | null {
    const { kind, outcome, request, line, protocolId: protocol, messageId: message } = observed;
    if (kind !== "exchange") return `the firmware sent it by itself (${kind})`;
    if (request === null) return "its request is not in the trace";
    if (outcome === "not-sent") return "it was never sent";
    const agentId = told ?? this.#agentId;
    if (agentId === null) return "nobody said whose it is";
    const domid = this.#domainOf(agentId);
    if (isProblem(domid)) return `agent ${agentId} has no domain: ${domid.detail}`;

    const played = this.#execute({
      kind: "scmi",
      domain: domid,
      call: { protocol, message, payload: request },
    });
    if (isProblem(played)) return `agent ${agentId}: ${played.detail}`;
    const { statusCode: status, payload } = played as ScmiResult;
    this.#played += 1;
    const verdict = compareAnswers(observed, { status, payload });
    if (verdict === "unanswered") this.#unanswered += 1;
    else if (verdict.same) this.#same += 1;
    else {
      const response = status === null ? null : payload.slice(STATUS_DIGITS);
      const model = observedAnswer({ ...observed, outcome: "answered", status, response });
      this.#add({
        seq,
        agentId,
        line,
        cause: verdict.cause,
        board: boardAnswer(observed),
        model: model.answer,
      });
    }
    return null;
  }

  result(): Comparison {
    const groups = [...this.#groups.values()];
    return {
      played: this.#played,
      same: this.#same,
      different: groups.reduce((sum, { count }) => sum + count, 0),
      unanswered: this.#unanswered,
      notPlayed: Object.fromEntries(this.#notPlayed),
      groups,
    };
  }

  #add(found: {
    readonly seq: number;
    readonly agentId: number;
    readonly line: number;
    readonly cause: string;
    readonly board: Told;
    readonly model: string;
  }): void {
    const { seq, agentId, line, cause, board, model } = found;
    const key = `${agentId} ${board.message} ${cause}`;
    const before = this.#groups.get(key);
    const first = before?.first ?? { seq, line, request: board.request, board: board.answer, model };
    this.#groups.set(key, { agentId, message: board.message, cause, count: (before?.count ?? 0) + 1, first });
  }

  /** The domain that holds an agent, made where there is none. */
  #domainOf(agentId: number): number | Problem {
    const known = this.#domains.get(agentId);
    if (known !== undefined) return known;
    const domid = this.#holderOf(agentId) ?? this.#create(agentId);
    this.#domains.set(agentId, domid);
    return domid;
  }

  #holderOf(agentId: number): number | null {
    const { channel, domain } = this.#machine.state.mediator;
    for (const row of channel.keys()) {
      const { agentId: found, owner } = channel.at(Number(row));
      if (found === agentId && owner !== null && domain.get(owner) !== undefined) return owner;
    }
    return null;
  }

  #create(agentId: number): number | Problem {
    const isSingle = this.#machine.state.configuration()?.board.xen.mediator === "single-agent";
    const sci = isSingle ? { type: "scmi_smc", agentId: 0 } : { type: "scmi_smc_multiagent", agentId };
    const request = { name: `agent-${agentId}`, sci, dtdev: [], passthrough: null, uuid: null };
    const created = this.#execute({ kind: "domain.create", request });
    return isProblem(created) ? created : (created as { readonly domid: number }).domid;
  }

  #execute(command: Command): unknown {
    this.#commandId += 1;
    const stamp = { commandId: this.#commandId, timeUs: BEGIN_US + this.#commandId };
    const { outcome } = this.#machine.execute(command, stamp);
    this.#machine.settle();
    return outcome.result;
  }
}

/** A request with the board's answer, or with what its Linux made of an answer that the trace does not have. */
function boardAnswer(observed: ScmiObserved): Told {
  const told = observedAnswer(observed);
  return observed.response === null ? { ...told, answer: `errno ${observed.errno}` } : told;
}
