import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import type { ScmiObserved } from "#events/observed.ts";
import type { MachineEvent } from "#events/types.ts";
import { MESSAGE_TYPE, unpackHeader } from "#scmi/header.ts";
import type { ModelAnswer } from "./difference.ts";
import type { Played, PlayedHost } from "./played-host.ts";

/** A command that the model took to do later. */
interface Deferred {
  /** What the trace calls it by. */
  readonly key: string;
  /** Its delayed response, when the model has done it; `status` null: it sends none. */
  answer: ModelAnswer | null;
}

/** What the model has to say to a delayed response of the board's. */
export type DelayedAnswer =
  /** Its delayed response; `status` null: it sends none. */
  | ModelAnswer
  /** It did the command at once. */
  | "at-once"
  /** The command itself was not played. */
  | "unknown";

/**
 * Commands that the model took asynchronously. One is done when the trace has its delayed response; the model does them in the order in
 * which it took them, so those before it are done with it.
 */
export class DelayedResponses {
  readonly #host: PlayedHost;
  readonly #done: (played: Played) => void;
  /** By agent and protocol, the oldest first. */
  readonly #deferred = new Map<string, Deferred[]>();
  /** Commands that were played, by what the trace calls them by. */
  readonly #played = new Set<string>();

  /** @param done is told of each command that is carried out, for what it raises */
  constructor(host: PlayedHost, done: (played: Played) => void) {
    this.#host = host;
    this.#done = done;
  }

  /** A command was played. */
  played(agentId: number, observed: ScmiObserved, events: readonly MachineEvent[]): void {
    const key = keyOf(agentId, observed);
    this.#played.add(key);
    const queue = this.#queueOf(agentId, observed.protocolId);
    const again = queue.findIndex((deferred) => deferred.key === key && deferred.answer !== null);
    if (again !== -1) queue.splice(again, 1);
    if (isDeferred(events)) queue.push({ key, answer: null });
  }

  /** What the model has for a delayed response of the board's: carries the command out where it is still to be done. */
  answer(agentId: number, observed: ScmiObserved): DelayedAnswer {
    const key = keyOf(agentId, observed);
    const queue = this.#queueOf(agentId, observed.protocolId);
    const deferred = queue.find((each) => each.key === key);
    if (deferred === undefined) return this.#played.has(key) ? "at-once" : "unknown";
    for (const each of queue) {
      if (deferred.answer !== null) break;
      if (each.answer === null) each.answer = this.#complete(agentId, observed.protocolId);
    }
    queue.splice(queue.indexOf(deferred), 1);
    return deferred.answer ?? NONE;
  }

  /**
   * Carries out the command that waits longest, where one does: for a model that has no room for another, because the trace lost the end
   * of those before.
   */
  makeRoom(agentId: number, protocolId: number): boolean {
    const oldest = this.#queueOf(agentId, protocolId).find(({ answer }) => answer === null);
    if (oldest === undefined) return false;
    oldest.answer = this.#complete(agentId, protocolId);
    return true;
  }

  /** Commands that the model took asynchronously, and whose delayed response the trace does not have. */
  unanswered(): number {
    return [...this.#deferred.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  #complete(agentId: number, protocol: number): ModelAnswer {
    const played = this.#host.execute({ kind: "firmware.complete", agentId, protocol });
    if (isProblem(played.result)) return NONE;
    this.#done(played);
    for (const { type, data } of played.events) {
      if (type !== "scmi.completed") continue;
      const sent = data.sent.find(
        ({ header }) => unpackHeader(header).messageType === MESSAGE_TYPE.DELAYED_RESPONSE,
      );
      if (sent !== undefined) return { status: data.status, payload: toHex(sent.payload) };
    }
    return NONE;
  }

  #queueOf(agentId: number, protocolId: number): Deferred[] {
    const key = `${agentId} ${protocolId}`;
    const queue = this.#deferred.get(key) ?? [];
    this.#deferred.set(key, queue);
    return queue;
  }
}

const NONE: ModelAnswer = { status: null, payload: "" };

function keyOf(agentId: number, { trace, protocolId, messageId, token }: ScmiObserved): string {
  return `${trace} ${agentId} ${protocolId} ${messageId} ${token}`;
}

/** Whether a command was put off: the firmware keeps it. */
function isDeferred(events: readonly MachineEvent[]): boolean {
  return events.some(
    ({ type, data }) =>
      type === "smc.forwarded" &&
      data.effects.some(
        ({ table, column, value }) => table === "pending" && column === "header" && value !== undefined,
      ),
  );
}
