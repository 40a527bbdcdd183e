import type { FastifyRequest } from "fastify";
import { isProblem, type Problem } from "#base/problem.ts";
import type { Control, Requester } from "#control/control.ts";
import type { Command } from "#control/requests.ts";
import { pathOf } from "../path.ts";
import { requesterOf } from "../requester.ts";
import { callerRefusal } from "./authenticate.ts";
import { Refusals } from "./refusals.ts";
import type { TokenStore } from "./token-store.ts";

/** A question that was recorded is not recorded again for so long: whoever watches a list asks every second. */
const SAME_QUESTION_MS = 3_600_000;
/** Questions that are remembered; the oldest are forgotten first. */
const QUESTIONS_MAX = 10_000;
/** Where an answer begins and how long it is: no part of the question. */
const PLACE = new Set(["after", "limit"]);

/**
 * Who reads what is kept for the audit, and who is refused: both are events, as far as there are tokens to know anybody by.
 * Recording cannot be used to fill the log: a question counts once an hour, and a flood of refusals shares events.
 */
export class Audience {
  readonly #control: Control;
  readonly #tokens: TokenStore;
  readonly #now: () => number;
  readonly #asked = new Map<string, number>();
  readonly #refusals: Refusals;

  /** @param now UTC, milliseconds */
  constructor(control: Control, tokens: TokenStore, now: () => number) {
    this.#control = control;
    this.#tokens = tokens;
    this.#now = now;
    this.#refusals = new Refusals((data) => this.#record({ kind: "request.refused", ...data }, SERVER), now);
  }

  /** Records that an auditor reads, before it is answered. Returns why it could not be recorded, or null. */
  async reads(request: FastifyRequest): Promise<Problem | null> {
    const { caller } = request;
    // A log of what was observed on a real machine stays as it was imported.
    if (caller?.role !== "auditor" || !this.#control.hasHost) return null;
    const path = pathOf(request);
    const query = questionOf(request.url);
    const question = `${caller.name}\n${path}\n${query}`;
    const now = this.#now();
    if (now - (this.#asked.get(question) ?? Number.NEGATIVE_INFINITY) < SAME_QUESTION_MS) return null;
    const seq = await this.#record({ kind: "audit.read", path, query }, requesterOf(request, null));
    if (isProblem(seq)) return seq;
    this.#asked.delete(question);
    this.#asked.set(question, now);
    const [oldest] = this.#asked.keys();
    if (this.#asked.size > QUESTIONS_MAX && oldest !== undefined) this.#asked.delete(oldest);
    return null;
  }

  /** Records a refusal that no event tells of yet. Returns the event's seq, or null: it is counted, and told of later. */
  async refused(request: FastifyRequest, { code }: Problem): Promise<number | null> {
    if (!this.#tokens.areNeeded || !this.#control.hasHost) return null;
    const { method, ip, caller } = request;
    const row = { code, method, path: pathOf(request), actor: caller?.name ?? null, address: ip };
    if (!this.#refusals.hasRoom(row)) return null;
    const requester = { ...requesterOf(request, null), actor: caller?.name ?? "anonymous" };
    const requests = [{ ...row, count: 1 }];
    const seq = await this.#record({ kind: "request.refused", requests, others: 0 }, requester);
    return isProblem(seq) ? null : seq;
  }

  /** Why an answer that goes on for long may not go on, or null: its caller's token was revoked meanwhile, or expired. */
  refusalNow(request: FastifyRequest): Problem | null {
    return callerRefusal(request, this.#tokens);
  }

  /** Tells of what was only counted so far. */
  async close(): Promise<void> {
    await this.#refusals.tell();
  }

  async #record(command: Command, requester: Requester): Promise<number | Problem> {
    const { outcome } = await this.#control.submit(command, requester);
    return isProblem(outcome.result) ? outcome.result : (outcome.result as { readonly seq: number }).seq;
  }
}

const SERVER: Requester = { actor: "system", source: "rest", reason: null, request: null };

/** What a query asks, in one form. */
function questionOf(url: string): string {
  const query = new URLSearchParams(url.slice(url.indexOf("?") + 1 || url.length));
  const asked = [...query]
    .filter(([name]) => !PLACE.has(name))
    .sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return new URLSearchParams(asked).toString().slice(0, 1000);
}
