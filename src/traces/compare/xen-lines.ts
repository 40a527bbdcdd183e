import { isProblem, type Problem } from "#base/problem.ts";
import type { XenObserved } from "#events/observed.ts";
import type { MachineEvent } from "#events/types.ts";
import type { ManagementResult } from "#machine/commands/results.ts";
import { BASE } from "#scmi/protocols/base.ts";
import type { Played, PlayedHost } from "./played-host.ts";
import type { Tallies } from "./tally.ts";
import { bootSides, type Sides } from "./xen-boot.ts";

const { BASE_DISCOVER_AGENT, BASE_RESET_AGENT_CONFIGURATION, PROTOCOL_ATTRIBUTES } = BASE.commands;

/** Messages that say too little to be played, and why. */
const SAYS_TOO_LITTLE: Readonly<Record<string, string>> = {
  "type-refused": "the line does not say which type, or whose",
  "page-access-failed": "the line does not say whose page",
  "message-sent": "its payload is not printed; where its answer is, that is compared",
  "request-too-long": "the line does not say which message",
  "answer-invalid": "the line does not say which message",
  "answer-room-invalid": "the line does not say which message",
  "answer-too-long": "the line does not say which message",
  other: "nobody here knows what it means",
};

const TOLD_AGAIN = "the next line says it again";
const NO_PAYLOAD = "its payload is not printed";

/** A line, and where it stands. */
interface Said {
  readonly seq: number;
  readonly observed: XenObserved;
}

/** What comes of a line: the two sides to compare, or why it cannot be played. */
type Came = Sides | string;

/**
 * Plays what Xen said on its console: makes, frees and refuses domains as it says, sends the permission message that it says failed, and
 * compares what comes of it. Of the boot, and of Xen's own messages, it is compared what the model did by itself.
 */
export class XenLines {
  readonly #host: PlayedHost;
  readonly #tallies: Tallies;
  readonly #done: (played: Played, cause: Said) => void;
  /** The board's domids, and the model's. */
  readonly #domains = new Map<number, number>([[0, 0]]);
  /** Domains that the board freed, and the model did. */
  readonly #freed = new Set<number>();
  /** Answers that the line behind them may say again. */
  #held: Said[] = [];
  /** Errno of the reset that the last freeing sent; undefined: nothing was freed last. */
  #reset: string | null | undefined;
  /** Errnos of the messages that the model's Xen sent at boot, by message, in order. */
  readonly #bootAnswers: Map<number, (string | null)[]>;

  constructor(host: PlayedHost, tallies: Tallies, done: (played: Played, cause: Said) => void) {
    this.#host = host;
    this.#tallies = tallies;
    this.#done = done;
    this.#bootAnswers = answersIn(host.boot);
  }

  take(said: Said): void {
    const { message, fields } = said.observed;
    if (message === "error-received" || message === "message-answered") {
      // An error is told before the answer that has it.
      if (message === "message-answered") this.#settle(saysErrno(fields));
      this.#held.push(said);
      return;
    }
    this.#settle(message === "assignment-failed" ? saysErrno(fields) : null);
    this.#tell(said, this.#play(said));
  }

  /** There is nothing more to come. */
  end(): void {
    this.#settle(null);
  }

  /** Answers that were held: what the next line says again is not compared twice. */
  #settle(again: string | null): void {
    const held = this.#held;
    this.#held = [];
    for (const said of held) {
      const errno = saysErrno(said.observed.fields);
      this.#tell(said, again !== null && errno === again ? TOLD_AGAIN : this.#answer(said.observed));
    }
  }

  #tell({ seq, observed }: Said, came: Came): void {
    if (typeof came === "string") {
      this.#tallies.notPlayed(`Xen's line ${observed.message}: ${came}`);
      return;
    }
    if (came.board === came.model) {
      this.#tallies.same("xen");
      return;
    }
    const agentId = observed.fields["agentId"];
    this.#tallies.differs("xen", {
      agentId: typeof agentId === "number" ? agentId : null,
      message: `Xen's line ${observed.message}`,
      cause: `board ${came.board}, model ${came.model}`,
      ...{ seq, line: observed.line, request: observed.text, ...came },
    });
  }

  #play(said: Said): Came {
    const { message, fields } = said.observed;
    const reason = SAYS_TOO_LITTLE[message];
    if (reason !== undefined) return reason;
    const [domid, agentId] = [Number(fields["domid"]), Number(fields["agentId"])];
    switch (message) {
      case "channel-acquired":
        return this.#acquired(domid, agentId, Number(fields["page"]));
      case "channel-not-acquired":
        return this.#notAcquired(agentId, saysErrno(fields));
      case "domain-initialised":
        return this.#initialised(domid);
      case "domain-freed":
      case "domain-destroyed":
        return this.#freedDomain(said, domid);
      case "assignment-failed":
        return this.#assignmentFailed(said, agentId, Number(fields["deviceId"]), saysErrno(fields));
      case "access-unprivileged":
        return this.#unprivileged(domid);
      case "no-management-channel": {
        const { driver } = this.#host.state.mediator;
        const hasOne = driver.get(0)?.registered === true && !this.#host.isSingleAgent;
        const board = "Xen has no channel of its own";
        return { board, model: hasOne ? "Xen has its own channel" : board };
      }
      default:
        return bootSides(this.#host, message, fields) ?? (SAYS_TOO_LITTLE["other"] as string);
    }
  }

  /** A domain got its channel. */
  #acquired(domid: number, agentId: number, page: number): Came {
    const board = `domain has agent ${agentId} at ${hexPage(page)}`;
    const holder = this.#host.holderOf(agentId);
    const isOthers =
      holder !== null &&
      [...this.#domains].some(([, own]) => own === holder && holder !== this.#domains.get(domid));
    if (domid === 0 && holder !== 0) {
      return { board, model: holder === null ? "dom0 has no such agent" : "another domain has it" };
    }
    const own = holder !== null && !isOthers ? holder : this.#host.createDomain(agentId);
    if (isProblem(own)) return { board, model: refusal(own) };
    this.#domains.set(domid, own);
    this.#freed.delete(domid);
    return { board, model: `domain has agent ${agentId} at ${hexPage(this.#pageOf(own))}` };
  }

  #pageOf(domid: number): number {
    const { domain, channel } = this.#host.state.mediator;
    const index = domain.get(domid)?.channel ?? null;
    return index === null ? 0 : channel.at(index).shmem;
  }

  #notAcquired(agentId: number, errno: string): Came {
    const made = this.#host.createDomain(agentId);
    if (isProblem(made)) return { board: errno, model: made.errno ?? made.code };
    this.#host.execute({ kind: "domain.destroy", domain: made });
    return { board: errno, model: "the domain gets its channel" };
  }

  /** The single-agent mediator took a domain on. */
  #initialised(domid: number): Came {
    const board = "the domain owns SCMI";
    if (!this.#host.isSingleAgent) return "the model's mediator is not the single-agent one";
    const { domain } = this.#host.state.mediator;
    const owner = domain.ids().find((id) => domain.at(id).channel !== null);
    if (domid === 0) return { board, model: owner === 0 ? board : "dom0 does not own SCMI" };
    const own = owner !== undefined && owner !== 0 ? owner : this.#host.createDomain(0);
    if (isProblem(own)) return { board, model: refusal(own) };
    this.#domains.set(domid, own);
    return { board, model: board };
  }

  #freedDomain(said: Said, domid: number): Came {
    const own = this.#domains.get(domid);
    if (domid === 0) return "dom0 goes with the host";
    if (own === undefined) {
      return this.#freed.has(domid)
        ? "the model's domain is gone already"
        : "no line before says which agent the domain had";
    }
    const played = this.#host.execute({ kind: "domain.destroy", domain: own });
    this.#done(played, said);
    const reset = played.events.find(({ type }) => type === "agent.reset");
    if (reset?.type === "agent.reset") this.#reset = reset.data.errno;
    const board = "the domain is freed";
    if (isProblem(played.result)) return { board, model: refusal(played.result) };
    this.#domains.delete(domid);
    this.#freed.add(domid);
    return { board, model: board };
  }

  /** The message that gives a device failed: it is sent again on the model's own channel. */
  #assignmentFailed(said: Said, agentId: number, deviceId: number, errno: string): Came {
    const played = this.#host.execute({ kind: "permission.set", agentId, deviceId, allowed: true });
    this.#done(played, said);
    if (isProblem(played.result)) return refusal(played.result);
    const model = (played.result as ManagementResult).errno;
    if (model !== null) return { board: errno, model };
    // The board's agent did not get it.
    this.#host.execute({ kind: "permission.set", agentId, deviceId, allowed: false });
    return { board: errno, model: "SUCCESS" };
  }

  /** A domain that does not own SCMI rang the single-agent mediator's doorbell. */
  #unprivileged(domid: number): Came {
    const funcId = this.#host.state.mediator.channel.get(0)?.funcId;
    if (!this.#host.isSingleAgent || funcId === undefined)
      return "the model's mediator is not the single-agent one";
    const domain = this.#domains.get(domid) ?? this.#host.createDomain(null);
    if (isProblem(domain)) return `there is no domain to play it: ${domain.detail}`;
    this.#domains.set(domid, domain);
    const x = [BigInt(funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n];
    const { events } = this.#host.execute({ kind: "smc", domain, x, shmem: null });
    const refused = events.find(({ type }) => type === "smc.refused");
    const reason = refused?.type === "smc.refused" ? refused.data.reason : "forwarded";
    return { board: "unprivileged", model: reason };
  }

  /** What Xen was answered to a message of its own. */
  #answer({ message: name, fields }: XenObserved): Came {
    const board = saysErrno(fields);
    const message = Number(fields["message"]);
    if (
      name === "message-answered" &&
      (message === BASE_DISCOVER_AGENT.id || message === PROTOCOL_ATTRIBUTES.id)
    ) {
      const model = this.#bootAnswers.get(message)?.shift();
      return model === undefined
        ? "the model's Xen sent it less often"
        : { board, model: model ?? "SUCCESS" };
    }
    // The reset is what freeing a domain sends.
    const isReset = name === "error-received" || message === BASE_RESET_AGENT_CONFIGURATION.id;
    const reset = this.#reset;
    if (!isReset) return NO_PAYLOAD;
    if (reset === undefined) {
      return name === "error-received"
        ? "the line does not say of which message, and none before it is known"
        : NO_PAYLOAD;
    }
    this.#reset = undefined;
    return { board, model: reset ?? "SUCCESS" };
  }
}

/** An errno as it is compared. */
function saysErrno({ errno }: XenObserved["fields"]): string {
  return errno === 0 || errno === undefined ? "SUCCESS" : String(errno);
}

function refusal({ errno, detail }: Problem): string {
  return errno === null ? detail : `${errno}: ${detail}`;
}

function hexPage(page: number): string {
  return `0x${page.toString(16)}`;
}

/** Errnos of Xen's own messages in a boot: of one that failed the errno is that of the outcome behind it. */
function answersIn(boot: readonly MachineEvent[]): Map<number, (string | null)[]> {
  const answers = new Map<number, (string | null)[]>();
  for (const [at, { type, data }] of boot.entries()) {
    if (type !== "smc.forwarded" || data.origin !== "xen" || data.request === null) continue;
    const message = data.request.header & 0xff;
    const isSuccess = data.response?.payload.slice(0, 4).every((byte) => byte === 0) === true;
    const errno = isSuccess ? null : errnoBehind(boot.slice(at + 1));
    answers.set(message, [...(answers.get(message) ?? []), errno]);
  }
  return answers;
}

function errnoBehind(events: readonly MachineEvent[]): string {
  for (const { data } of events) if ("errno" in data && typeof data.errno === "string") return data.errno;
  return "an error";
}
