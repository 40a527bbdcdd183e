import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { timeText } from "#base/time.ts";
import { eventLine } from "#events/event-line.ts";
import { eventJson } from "#events/logged.ts";
import { findings } from "#machine/checks/findings.ts";
import { brokenInvariants } from "#machine/checks/invariants.ts";
import { digestOf } from "#machine/state/digest.ts";
import { stateView } from "#machine/state/snapshot.ts";
import { namesAt } from "#machine/views/names.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { compileExpression } from "../expression/compile.ts";
import { sha256 } from "../hash.ts";
import { COMMAND_NAMES, COMMANDS, type CommandName, commandNamed, helpText } from "./commands.ts";
import { completions } from "./completions.ts";
import { quoted } from "./quoted.ts";
import { breakpoint, type Vocabulary, watchpoint } from "./stops.ts";
import { type Hit, type Stop, Travel } from "./travel.ts";
import { changesOf, changesText, fieldsText, tablesText } from "./words.ts";

/** What a command came to: for a person, and for a script. */
export interface Answer {
  readonly text: string;
  readonly json: { readonly [field: string]: unknown };
}

/** Events that one command may go over by count. */
const COUNT_MAX = 1_000_000_000;

/**
 * A debugging session over a log, without input and output: one command a line. It begins before the first event. The log is only
 * read; where it grows meanwhile, the new events are there too.
 */
export class DebugSession {
  readonly #db: Database;
  readonly #reader: LogReader;
  readonly #travel: Travel;
  readonly #words: Vocabulary;
  #stops: readonly Stop[] = [];
  #lastId = 0;
  #hasQuit = false;

  /** @param kept events that can be taken back at once at the least; some thousands when left out */
  constructor(db: Database, words: Vocabulary, kept?: number) {
    this.#db = db;
    this.#reader = new LogReader(db);
    this.#travel = new Travel(db, kept);
    this.#words = words;
  }

  /** Seq of the last event that has happened; 0: none has. */
  get at(): number {
    return this.#travel.timeline.at;
  }

  /** The state digest of this moment, counted afresh, 64 hex digits. */
  get stateHash(): string {
    return toHex(digestOf(this.#travel.timeline.state, sha256));
  }

  /** The first moment that there is: 0, or that before a pack's range. */
  get begin(): number {
    return this.#travel.timeline.begin;
  }

  get hasQuit(): boolean {
    return this.#hasQuit;
  }

  /**
   * Obeys one command.
   *
   * @returns `debug-command-unknown`, `debug-argument-invalid`, `expression-invalid`, `position-out-of-range`; or `log-damaged` where
   *   an event on the way cannot be read
   */
  command(line: string): Answer | Problem {
    const [, name = "", rest = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
    const command = commandNamed(name);
    if (command === undefined) {
      const found = name === "" ? "an empty line" : quoted(name);
      return problem("debug-command-unknown", { found, allowed: COMMAND_NAMES });
    }
    const takesNothing = COMMANDS.find(({ names }) => names.at(-1) === command)?.takes === "";
    if (takesNothing && rest !== "") return invalid(command, quoted(rest), "nothing");
    return this.#obey(command, rest);
  }

  /** What the last word of a line could go on to, and that word: as readline wants it. */
  complete(line: string): [string[], string] {
    return completions(line, this.#travel.timeline.state, this.#words);
  }

  #obey(command: CommandName, rest: string): Answer | Problem {
    switch (command) {
      case "step":
      case "back":
        return this.#count(command, rest);
      case "continue":
        return this.#moved(this.#travel.onward(this.#stops, this.#reader.headSeq()));
      case "reverse-continue":
        return this.#moved(this.#travel.backward(this.#stops));
      case "goto":
        return this.#goto(rest);
      case "break":
        return this.#add(breakpoint(rest, this.#words));
      case "watch":
        return rest === ""
          ? invalid(command, "nothing", "a path or an expression")
          : this.#add(watchpoint(rest));
      case "breaks":
        return this.#listed();
      case "delete":
        return this.#delete(rest);
      case "print":
        return this.#print(rest);
      case "event":
        return this.#event();
      case "diff":
        return this.#diff();
      case "state":
        return this.#state();
      case "where":
        return this.#where();
      case "help":
        return { text: helpText(), json: { commands: COMMANDS } };
      case "quit":
        this.#hasQuit = true;
        return { text: "", json: { at: this.at } };
    }
  }

  #count(command: "step" | "back", rest: string): Answer | Problem {
    const count = rest === "" ? 1 : wholeNumber(rest);
    if (count === null || count === 0 || count > COUNT_MAX) {
      return invalid(command, quoted(rest), `a number of events, from 1 to ${COUNT_MAX}`);
    }
    const headSeq = this.#reader.headSeq();
    const to =
      command === "step" ? Math.min(headSeq, this.at + count) : Math.max(this.begin, this.at - count);
    return this.#moved(this.#travel.timeline.goto(to) ?? []);
  }

  #goto(rest: string): Answer | Problem {
    const headSeq = this.#reader.headSeq();
    const seq = wholeNumber(rest);
    if (seq !== null) {
      if (seq > headSeq) return problem("position-out-of-range", { position: seq, headSeq });
      return this.#moved(this.#travel.timeline.goto(seq) ?? []);
    }
    const timeUs = this.#words.timeUs(rest);
    if (timeUs !== null) return this.#moved(this.#travel.timeline.goto(this.#reader.seqAt(timeUs)) ?? []);
    const allowed = `a seq from ${this.begin} to ${headSeq}, or a time with its zone, such as 2026-11-20T23:49:28.000001Z`;
    return invalid("goto", rest === "" ? "nothing" : quoted(rest), allowed);
  }

  /** Where a move ended: the last event that happened, and what stopped there. */
  #moved(hits: readonly Hit[] | Problem): Answer | Problem {
    if (isProblem(hits)) return hits;
    const event = this.#lastEvent();
    if (isProblem(event)) return event;
    const told = hits.map(({ id, kind, text, before, after }) =>
      kind === "break" ? `  break ${id}: ${text}` : `  watch ${id}: ${text} was ${before}, is ${after}`,
    );
    const headSeq = this.#reader.headSeq();
    const lines = [event === null ? this.#beginning() : eventLine(event), ...told];
    if (hits.length === 0 && this.at === headSeq && headSeq > 0) lines.push("  the log ends here");
    return { text: lines.join("\n"), json: { at: this.at, event, hits } };
  }

  #beginning(): string {
    const { begin } = this;
    const headSeq = this.#reader.headSeq();
    if (begin === 0) return `before the first of ${headSeq} events`;
    return `before event ${begin + 1}, the first of this pack, which goes to ${headSeq}`;
  }

  #lastEvent(): { readonly [field: string]: Json | undefined } | null | Problem {
    if (this.at === this.begin) return null;
    const event = this.#reader.event(this.at);
    if (event === undefined || isDamaged(event)) {
      const why = `event ${this.at}: ${event === undefined ? "it is missing" : event.fault}`;
      return problem("log-damaged", { file: this.#db.name, why });
    }
    return eventJson(event, namesAt(this.#travel.timeline.state, event.seq)) as {
      readonly [field: string]: Json;
    };
  }

  #add(stop: ReturnType<typeof breakpoint> | ReturnType<typeof watchpoint>): Answer | Problem {
    if (isProblem(stop)) return stop;
    this.#lastId += 1;
    const added = { id: this.#lastId, ...stop };
    this.#stops = [...this.#stops, added];
    return { text: stopText(added), json: { stop: stopJson(added) } };
  }

  #listed(): Answer {
    const text = this.#stops.length === 0 ? "nothing stops" : this.#stops.map(stopText).join("\n");
    return { text, json: { stops: this.#stops.map(stopJson) } };
  }

  #delete(rest: string): Answer | Problem {
    const id = wholeNumber(rest);
    const isKnown = rest === "" || this.#stops.some((stop) => stop.id === id);
    if (!isKnown) {
      const ids = this.#stops.map((stop) => stop.id).join(", ");
      return invalid(
        "delete",
        quoted(rest),
        ids === "" ? "nothing: there is none" : `nothing, or one of ${ids}`,
      );
    }
    this.#stops = rest === "" ? [] : this.#stops.filter((stop) => stop.id !== id);
    return this.#listed();
  }

  #print(rest: string): Answer | Problem {
    const { state } = this.#travel.timeline;
    if (rest.startsWith("/")) return printed(rest, pointed(stateView(state), rest));
    const expression = compileExpression(rest);
    return isProblem(expression) ? expression : printed(rest, expression.value(state) as Json);
  }

  #event(): Answer | Problem {
    const event = this.#lastEvent();
    if (isProblem(event)) return event;
    if (event === null) return { text: "nothing has happened yet", json: { at: this.at, event: null } };
    const fields = fieldsText(event["data"] as { readonly [field: string]: Json });
    return { text: `${eventLine(event)}\n${fields}`, json: { at: this.at, event } };
  }

  #diff(): Answer | Problem {
    const last = this.#travel.timeline.last();
    if (isProblem(last)) return last;
    if (last === null) return { text: "nothing has happened yet", json: { at: this.at, changes: [] } };
    const changes = changesOf(last, this.#travel.timeline.state);
    return { text: changesText(changes), json: { at: this.at, changes } };
  }

  #state(): Answer {
    const { at, stateHash } = this;
    const { state } = this.#travel.timeline;
    const text = [`after event ${at}, digest ${stateHash}`, tablesText(state)]
      .filter((line) => line !== "")
      .join("\n");
    return { text, json: { at, stateHash, state: stateView(state) } };
  }

  #where(): Answer | Problem {
    const { at } = this;
    const headSeq = this.#reader.headSeq();
    const { state } = this.#travel.timeline;
    const row = this.#reader.row(at);
    const command = row === undefined ? undefined : this.#reader.command(row.command_id);
    const found = findings(state);
    const broken = brokenInvariants(state);
    const lines = [at === this.begin ? this.#beginning() : `after event ${at} of ${headSeq}`];
    if (row !== undefined) lines.push(`time ${timeText(row.time)}, boot ${row.epoch}`);
    if (command !== undefined) {
      const { id, kind, firstSeq, lastSeq, actor } = command;
      lines.push(`command ${id}, ${kind} by ${actor}: events ${firstSeq} to ${lastSeq}`);
    }
    for (const { kind, message } of found) lines.push(`finding ${kind}: ${message}`);
    for (const { invariant, message } of broken) lines.push(`violation ${invariant}: ${message}`);
    const commandId = command?.id ?? null;
    return { text: lines.join("\n"), json: { at, headSeq, commandId, findings: found, violations: broken } };
  }
}

function printed(text: string, value: Json): Answer {
  // In a fixed order, and a copy: what the state gives is live.
  const copy: unknown = JSON.parse(canonicalJson(value));
  return { text: JSON.stringify(copy, null, 2), json: { expression: text, value: copy } };
}

/** What a JSON pointer points at; null: it is not there. */
function pointed(state: Json, pointer: string): Json {
  let place: Json | undefined = state;
  for (const part of pointer.slice(1).split("/")) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (name === "" && pointer === "/") return state;
    if (typeof place !== "object" || place === null || !Object.hasOwn(place, name)) return null;
    place = (place as { readonly [key: string]: Json })[name];
  }
  return place ?? null;
}

function stopText({ id, kind, text }: Stop): string {
  return `${kind} ${id}: ${text}`;
}

function stopJson({ id, kind, text }: Stop): { readonly [field: string]: unknown } {
  return { id, kind, text };
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function invalid(command: string, found: string, allowed: string): Problem {
  return problem("debug-argument-invalid", { command, found, allowed });
}
