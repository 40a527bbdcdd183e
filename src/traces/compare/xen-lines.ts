import { isProblem, type Problem } from "#base/problem.ts";
import type { ManagementResult } from "#machine/commands/results.ts";
import type { Played, PlayedHost } from "./played-host.ts";
import type { Tallies } from "./tally.ts";
import { type Came, type Said, saysErrno, XenAnswers } from "./xen-answers.ts";
import { bootSides } from "./xen-boot.ts";

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
  readonly #answers: XenAnswers;

  constructor(host: PlayedHost, tallies: Tallies, done: (played: Played, cause: Said) => void) {
    this.#host = host;
    this.#tallies = tallies;
    this.#done = done;
    this.#answers = new XenAnswers(host.boot, (said, came) => this.#tell(said, came));
  }

  take(said: Said): void {
    if (!this.#answers.take(said)) this.#tell(said, this.#play(said));
  }

  /** There is nothing more to come. */
  end(): void {
    this.#answers.end();
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
      seq,
      line: observed.line,
      request: observed.text,
      ...came,
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
    if (reset?.type === "agent.reset") this.#answers.freed(reset.data.errno);
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
}

function refusal({ errno, detail }: Problem): string {
  return errno === null ? detail : `${errno}: ${detail}`;
}

function hexPage(page: number): string {
  return `0x${page.toString(16)}`;
}
