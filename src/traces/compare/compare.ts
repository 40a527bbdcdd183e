import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { ScmiObserved, TraceImported, XenObserved } from "#events/observed.ts";
import { observedAnswer, observedSent, type Told } from "#events/observed-text.ts";
import type { MachineEvent } from "#events/types.ts";
import type { ScmiResult } from "#machine/commands/results.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { DelayedResponses } from "./delayed.ts";
import { compareAnswers, compareDelayed, STATUS_DIGITS, type Verdict } from "./difference.ts";
import { Notifications, type Place } from "./notifications.ts";
import { PlayedHost } from "./played-host.ts";
import { type DifferenceGroup, Tallies, type Tally } from "./tally.ts";
import { XenLines } from "./xen-lines.ts";

/** An event of what was observed. */
type ObservedEvent = Pick<
  MachineEvent<"trace.imported" | "scmi.observed" | "xen.observed">,
  "type" | "seq" | "agentId" | "data"
>;

/** What came of comparing. */
export interface Comparison {
  /** Requests that were played. */
  readonly played: number;
  readonly same: number;
  readonly different: number;
  /** Played, but the trace has no answer to compare with. */
  readonly unanswered: number;
  readonly delayed: Tally;
  readonly notifications: Tally;
  /** Lines of Xen's. */
  readonly xen: Tally;
  /** What could not be played, by reason. */
  readonly notPlayed: Readonly<Record<string, number>>;
  /** What the traces themselves say they lack, by name: what follows a gap may differ because of it. */
  readonly gaps: Readonly<Record<string, number>>;
  /** In the order of their first. */
  readonly groups: readonly DifferenceGroup[];
}

export interface CompareOptions {
  /** The agent of traces that do not say whose they are. */
  readonly agentId: number | null;
  /** Guests that are created first, in order: xl.cfg texts. */
  readonly xlcfgs: readonly string[];
}

/** Counts of a trace that tell of gaps in it. */
const GAPS = ["lost", "damaged", "cut-line", "without-request"] as const;

/**
 * Plays what was observed on a real machine through mediator and model, in memory, and compares what comes of it: answers, delayed
 * responses, notifications, and what Xen said. An agent that no domain holds gets one of its own, without devices.
 */
export class Comparer {
  readonly #host: PlayedHost;
  readonly #agentId: number | null;
  readonly #tallies = new Tallies();
  readonly #delayed: DelayedResponses;
  readonly #notifications: Notifications;
  readonly #xen: XenLines;
  readonly #agents = new Set<number>();
  readonly #gaps = new Map<string, number>();
  /** What is being played. */
  #cause: Place = { seq: 0, line: 1, request: () => "" };
  #unanswered = 0;

  private constructor(host: PlayedHost, agentId: number | null) {
    this.#host = host;
    this.#agentId = agentId;
    this.#notifications = new Notifications(this.#tallies);
    this.#delayed = new DelayedResponses(host, ({ events }) => this.#raised(events));
    this.#xen = new XenLines(host, this.#tallies, ({ events }, { seq, observed }) => {
      this.#cause = { seq, line: observed.line, request: () => observed.text };
      this.#raised(events);
    });
  }

  /** Boots a host in memory and creates its guests; or the first refusal. */
  static of(description: HostDescription, { agentId, xlcfgs }: CompareOptions): Comparer | Problem {
    const host = PlayedHost.of(description, xlcfgs);
    return isProblem(host) ? host : new Comparer(host, agentId);
  }

  /** What was observed next. */
  take(event: ObservedEvent): void {
    switch (event.type) {
      case "trace.imported":
        this.#begin(event.data as TraceImported);
        return;
      case "scmi.observed":
        this.#message(event.seq, event.agentId, event.data as ScmiObserved);
        return;
      case "xen.observed":
        this.#xen.take({ seq: event.seq, observed: event.data as XenObserved });
        return;
    }
  }

  /** Nothing more comes. */
  result(): Comparison {
    this.#xen.end();
    this.#notifications.end((agentId) => this.#agents.has(agentId));
    const pending = this.#delayed.unanswered();
    for (let i = 0; i < pending; i += 1) {
      this.#tallies.notPlayed("the end of an asynchronous command: its delayed response is not in the trace");
    }
    const { same, different } = this.#tallies.tally("requests");
    return {
      played: same + different + this.#unanswered,
      same,
      different,
      unanswered: this.#unanswered,
      delayed: this.#tallies.tally("delayed"),
      notifications: this.#tallies.tally("notifications"),
      xen: this.#tallies.tally("xen"),
      notPlayed: this.#tallies.reasons(),
      gaps: Object.fromEntries(this.#gaps),
      groups: this.#tallies.groups(),
    };
  }

  #begin({ counts }: TraceImported): void {
    for (const name of GAPS) {
      const count = counts[name] ?? 0;
      if (count > 0) this.#gaps.set(name, (this.#gaps.get(name) ?? 0) + count);
    }
  }

  #message(seq: number, told: number | null, observed: ScmiObserved): void {
    const agentId = told ?? this.#agentId;
    const reason = agentId === null ? "nobody said whose it is" : this.#play(seq, agentId, observed);
    if (reason !== null) this.#tallies.notPlayed(reason);
  }

  /** Why something could not be played, or null: it was, or is counted otherwise. */
  #play(seq: number, agentId: number, observed: ScmiObserved): string | null {
    switch (observed.kind) {
      case "exchange":
        return this.#request(seq, agentId, observed);
      case "delayed":
        return this.#delayedResponse(seq, agentId, observed);
      case "notification":
        this.#notifications.observed(agentId, seq, observed);
        return null;
      case "rejected":
        return "a message that Linux did not take";
    }
  }

  #request(seq: number, agentId: number, observed: ScmiObserved): string | null {
    const { outcome, request, line, protocolId: protocol, messageId: message } = observed;
    if (request === null) return "its request is not in the trace";
    if (outcome === "not-sent") return "it was never sent";
    const domain = this.#host.domainOf(agentId);
    if (isProblem(domain)) return `agent ${agentId} has no domain: ${domain.detail}`;
    this.#cause = { seq, line, request: () => observedAnswer(observed).request };
    const call = { protocol, message, payload: request };
    const ask = () => this.#host.execute({ kind: "scmi", domain, call });
    let { result, events } = ask();
    const isFull = !isProblem(result) && (result as ScmiResult).statusCode === SCMI_STATUS.BUSY;
    if (isFull && observed.status === SCMI_STATUS.SUCCESS && this.#delayed.makeRoom(agentId, protocol)) {
      ({ result, events } = ask());
    }
    if (isProblem(result)) return `agent ${agentId}: ${result.detail}`;
    this.#agents.add(agentId);
    this.#raised(events);
    this.#delayed.played(agentId, observed, events);

    const { statusCode: status, payload } = result as ScmiResult;
    const verdict = compareAnswers(observed, { status, payload });
    this.#count("requests", verdict, () => {
      const response = status === null ? null : payload.slice(STATUS_DIGITS);
      const model = observedAnswer({ ...observed, outcome: "answered", status, response });
      const bytes = [observed.response ?? "", response ?? ""] as const;
      return { seq, agentId, line, ...boardAnswer(observed), model: model.answer, bytes };
    });
    return null;
  }

  #delayedResponse(seq: number, agentId: number, observed: ScmiObserved): string | null {
    const { line } = observed;
    this.#cause = { seq, line, request: () => observedSent(observed).answer };
    const found = this.#delayed.answer(agentId, observed);
    if (found === "unknown") return "a delayed response to a command that was not played";
    const answer = found === "at-once" ? { status: null, payload: "" } : found;
    const verdict: Verdict =
      found === "at-once"
        ? { same: false, cause: "the model does it at once" }
        : compareDelayed(observed, answer);
    if (verdict === "unanswered") return "a delayed response's payload is not in the trace";
    this.#count("delayed", verdict, () => {
      const { status, payload } = answer;
      const response = payload.slice(STATUS_DIGITS);
      const model =
        status === null ? "no delayed response" : observedSent({ ...observed, status, response }).answer;
      const bytes = [observed.response ?? "", response] as const;
      return { seq, agentId, line, ...observedSent(observed), model, bytes };
    });
    return null;
  }

  #raised(events: readonly MachineEvent[]): void {
    this.#notifications.raised(events, this.#cause);
  }

  /** @param tell puts a difference into words */
  #count(kind: "requests" | "delayed", verdict: Verdict, tell: () => Answers): void {
    if (verdict === "unanswered") {
      this.#unanswered += 1;
      return;
    }
    if (verdict.same) {
      this.#tallies.same(kind);
      return;
    }
    const { answer, bytes, model, ...rest } = tell();
    // Words leave out what is of little weight: then the bytes tell answers apart.
    const [ours, theirs] = bytes.map((payload) => `${answer}, payload ${payload}`) as [string, string];
    const sides = answer === model ? { board: ours, model: theirs } : { board: answer, model };
    this.#tallies.differs(kind, { ...rest, ...sides, cause: verdict.cause });
  }
}

/** What both answered, in words and in bytes. */
type Answers = Told & {
  readonly seq: number;
  readonly agentId: number;
  readonly line: number;
  readonly model: string;
  /** In hex, without the status. */
  readonly bytes: readonly [board: string, model: string];
};

/** A request with the board's answer, or with what its Linux made of an answer that the trace does not have. */
function boardAnswer(observed: ScmiObserved): Told {
  const told = observedAnswer(observed);
  return observed.response === null ? { ...told, answer: `errno ${observed.errno}` } : told;
}
