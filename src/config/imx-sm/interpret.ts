import { counted, NoteGroups } from "../draft/notes.ts";
import { type OpenAgent, readAgent } from "./agent-line.ts";
import { type Command, commandOf, noteUntold } from "./commands.ts";
import type { ImxConfig, LogicalMachine, Peripheral, StartCommand } from "./config.ts";
import { Defines } from "./defines.ts";
import { isHardware, noteHardware } from "./hardware.ts";
import { isLevel, levelFor, refuseLevel } from "./levels.ts";
import { isListed, LEVEL_WORDS, PREFIXES, type ResourceName, resourceOf, resourcesOf } from "./resources.ts";
import { placeOf, type SourceIssue, type SourceLine } from "./source.ts";
import { definitionIn, keyValue, type Word, wholeOf, wordsOf } from "./words.ts";

/** Issues after which reading ends: nobody reads more. */
const ISSUES_MAX = 50;
/** Resources, and definitions that group them: a real SoC has some hundred. */
const NAMES_MAX = 10_000;
/** Bare words of lines that say something to the tool, but nothing of SCMI. */
const FLAGS: ReadonlySet<string> = new Set(["test", "nodbg"]);
/** Settings of resource lines that are read or noted elsewhere. */
const SETTINGS: ReadonlySet<string> = new Set(["start", "stop", "msel"]);

/**
 * Reads the lines of a configuration: logical machines, agents and what they may do, start commands. What the tool itself refuses is
 * an issue; what a board file has no words for is a note.
 *
 * @param name the top-level file, for what is about all of it
 */
export function interpret(
  lines: readonly SourceLine[],
  name: string,
): {
  readonly config: ImxConfig;
  readonly issues: readonly SourceIssue[];
} {
  const interpreter = new Interpreter();
  for (const line of lines) {
    interpreter.line(line);
    if (interpreter.issues.length >= ISSUES_MAX) break;
  }
  return { config: interpreter.finish(name), issues: interpreter.issues };
}

class Interpreter {
  readonly issues: SourceIssue[] = [];
  readonly #defines = new Defines();
  readonly #notes = new NoteGroups();
  readonly #machines: LogicalMachine[] = [];
  readonly #agents: OpenAgent[] = [];
  readonly #resources = new Map<string, ResourceName>();
  readonly #peripherals = new Map<string, Peripheral & { agents: number[] }>();
  readonly #starts: StartCommand[] = [];
  #soc: string | null = null;
  #board: string | null = null;
  #name: string | null = null;
  /** What lines are of, for people. */
  #section = "the file's head";
  #agent: OpenAgent | null = null;

  line(line: SourceLine): void {
    const definition = definitionIn(line.text);
    if (definition !== null) {
      this.#defines.define(definition.name, definition.value);
      return;
    }
    const where = placeOf(line);
    // Names of mixes are names, not what is defined under them.
    const expanded = /^MIX\b/.test(line.text) ? { text: line.text } : this.#defines.expand(line.text);
    if ("refusal" in expanded) {
      this.#refuse(where, expanded.refusal);
      return;
    }
    const words = wordsOf(expanded.text);
    const command = commandOf(words);
    if (command === null) this.#resourceLine(words, line.text, where);
    else this.#command(command, where);
  }

  finish(file: string): ImxConfig {
    if (this.#agents.length === 0 && this.issues.length === 0) {
      this.#refuse(file, "there is no SCMI_AGENT, and so nothing that a board file could say");
    }
    const byId = new Map(this.#agents.map((agent) => [agent.id, agent]));
    for (const { duplicate, where, id, levels } of this.#agents) {
      if (duplicate === null) continue;
      if (!byId.has(duplicate)) this.#refuse(where, `dup=${duplicate} names no agent of this configuration`);
      if (levels.size > 0 && duplicate !== id) {
        const message = `agent ${id} has the levels of agent ${duplicate}: the ${levels.size} of its own count for nothing, as for the tool`;
        this.#notes.say(where, message);
      }
    }
    return {
      soc: this.#soc,
      board: this.#board,
      name: this.#name,
      machines: this.#machines,
      agents: this.#agents.map((agent) => ({
        ...agent,
        levels: (agent.duplicate === null ? agent : (byId.get(agent.duplicate) ?? agent)).levels,
      })),
      resources: [...this.#resources.values()],
      peripherals: [...this.#peripherals.values()].map(({ agents, ...peripheral }) => ({
        ...peripheral,
        agents: this.#agents.flatMap(({ id, duplicate }) => (agents.includes(duplicate ?? id) ? [id] : [])),
      })),
      starts: this.#starts,
      notes: this.#notes.all(),
    };
  }

  #command(command: Command, where: string): void {
    const { name, number, words } = command;
    switch (name) {
      case "MAKE":
        this.#soc = keyValue(words, "soc") ?? this.#soc;
        this.#board = keyValue(words, "board") ?? this.#board;
        break;
      case "DOX":
        this.#name = keyValue(words, "name") ?? this.#name;
        break;
      case "DOM":
        this.#section = `DOM${number} ${keyValue(words, "name") ?? ""}`.trimEnd();
        break;
      case "LM":
        this.#machine(number ?? 0, words, where);
        break;
      case "SCMI_AGENT":
        this.#scmiAgent(number ?? 0, words, where);
        break;
      case "MAILBOX":
        this.#mailbox(words, where);
        break;
      case "CHANNEL":
        this.#channel(words, where);
        break;
    }
    noteUntold(this.#notes, command, this.#section, where);
  }

  #machine(id: number, words: readonly Word[], where: string): void {
    if (id !== this.#machines.length) {
      this.#refuse(
        where,
        `found LM${id}, allowed is LM${this.#machines.length}: machines are numbered from 0, in order`,
      );
      return;
    }
    const name = keyValue(words, "name") ?? `LM${id}`;
    if ((id === 0) !== (name === "SM")) {
      this.#notes.say(
        where,
        "the tool wants LM0 to be named SM, and no other: it refuses this configuration",
      );
    }
    this.#section = `LM${id} ${name}`;
    this.#agent = null;
    this.#machines.push({
      id,
      name,
      isScmi: keyValue(words, "rpc") === "scmi",
      boot: wholeOf(keyValue(words, "boot")) ?? 0,
      isDefault: words.some(({ name: word, value }) => word === "default" && value === null),
      where,
    });
  }

  #scmiAgent(id: number, words: readonly Word[], where: string): void {
    const agent = readAgent(id, words, where, this.#machines.at(-1), this.#agents.length);
    if (typeof agent === "string") {
      this.#refuse(where, agent);
      return;
    }
    this.#section = `agent ${id} ${agent.name}`;
    this.#agent = agent;
    this.#agents.push(agent);
  }

  #mailbox(words: readonly Word[], where: string): void {
    const address = keyValue(words, "sma");
    if (this.#agent === null) {
      this.#notes.say(where, "MAILBOX belongs to no agent");
    } else if (address !== null) {
      const read = wholeOf(address);
      if (read === null) this.#refuse(where, `sma=${address} is no address`);
      else this.#agent.sharedMemory = read === 0 ? null : read;
    }
  }

  #channel(words: readonly Word[], where: string): void {
    const type = keyValue(words, "type")?.toLowerCase();
    if (this.#agent === null) this.#notes.say(where, "CHANNEL belongs to no agent");
    else if (type === "p2a_notify" || type === "p2a") this.#agent.isNotified = true;
    else if (type === "p2a_priority") {
      this.#notes.say(
        where,
        `${this.#section}: a board file has no second channel for notifications of priority`,
      );
    } else if (type !== "a2p") {
      this.#notes.say(where, `${this.#section}: a channel of type ${type ?? "unknown"} is left out`);
    }
  }

  #resourceLine(words: readonly Word[], written: string, where: string): void {
    const resources = resourcesOf(words);
    for (const resource of resources) this.#resources.set(resource.full, resource);
    if (this.#resources.size + this.#peripherals.size > NAMES_MAX) {
      this.#refuse(where, `there are over ${NAMES_MAX} resources and groups of them up to here`);
      return;
    }
    this.#unknownWords(words, where);
    const refusal = words.filter(isLevel).flatMap((word) => refuseLevel(word) ?? [])[0];
    if (refusal !== undefined) {
      this.#refuse(where, refusal);
      return;
    }
    noteHardware(this.#notes, words, this.#section, where);
    this.#startsAndStops(words, resources, where);
    if (this.#agent !== null) this.#levels(this.#agent, words, resources, written, where);
  }

  #levels(
    agent: OpenAgent,
    words: readonly Word[],
    resources: readonly ResourceName[],
    written: string,
    where: string,
  ): void {
    const given = new Set<string>();
    const levels = new Map(PREFIXES.map((prefix) => [prefix, LEVEL_WORDS[levelFor(words, prefix) ?? ""]]));
    for (const { prefix, short, full } of resources) {
      const level = levels.get(prefix);
      if (level === undefined) continue;
      // A later line takes the place of an earlier one in what counts, not only in the value.
      agent.levels.delete(full);
      agent.levels.set(full, { prefix, short, level, where });
      if (level !== "NONE") given.add(full);
    }
    for (const [name] of written.matchAll(/\w+/g)) {
      if (this.#defines.has(name)) this.#peripheral(name, agent.id, given);
    }
  }

  /** A definition of a line that groups resources is a device, which its agents have. */
  #peripheral(name: string, agentId: number, given: ReadonlySet<string>): void {
    const expanded = this.#defines.expand(name);
    if ("refusal" in expanded) return;
    const listed = resourcesOf(wordsOf(expanded.text)).filter(({ prefix }) => isListed(prefix));
    if (!listed.some(({ full }) => given.has(full))) return;
    const known = this.#peripherals.get(name);
    if (known === undefined) this.#peripherals.set(name, { name, resources: listed, agents: [agentId] });
    else if (!known.agents.includes(agentId)) known.agents.push(agentId);
  }

  #startsAndStops(words: readonly Word[], resources: readonly ResourceName[], where: string): void {
    const start = keyValue(words, "start");
    const stop = keyValue(words, "stop");
    const [resource] = resources;
    if (resource === undefined || (start === null && stop === null)) return;
    const mode = wholeOf(keyValue(words, "msel")) ?? 0;
    if (mode !== 0) {
      this.#notes.add(`mode ${mode}`, `${resource.full} msel=${mode}`, where, (count) => {
        return `${counted(count, "start or stop command")} of mode ${mode} left out: the model boots as mode 0 does`;
      });
      return;
    }
    if (stop !== null) {
      this.#notes.add("stop", `${resource.full} stop=${stop}`, where, (count) => {
        return `${counted(count, "stop command")} left out: the model shuts no logical machine down`;
      });
    }
    if (start === null) return;
    const [order = null, ...args] = start.split("|").map(wholeOf);
    const machine = this.#machines.at(-1);
    if (order === null || args.includes(null) || machine === undefined) {
      this.#notes.say(where, `start=${start} cannot be read`);
      return;
    }
    this.#starts.push({ machine: machine.id, resource, order, args: args as number[], where });
  }

  #unknownWords(words: readonly Word[], where: string): void {
    const left: string[] = [];
    for (const [index, word] of words.entries()) {
      const { name, value } = word;
      if (index === 0 && (name === "SYS" || name === "FUSA")) continue;
      if (resourceOf(word) !== null || isLevel(word) || isHardware(word)) continue;
      if (value !== null && SETTINGS.has(name)) continue;
      if (value === null && FLAGS.has(name)) {
        this.#notes.add("tests", words[0]?.name ?? "", where, (count) => {
          return `${counted(count, "line asks", "lines ask")} for unit tests (${name}): a board file says nothing of them`;
        });
      } else if (name === "reaction" || name === "lm") {
        this.#notes.add("faults", `${words[0]?.name ?? ""} ${name}=${value ?? ""}`, where, (count) => {
          return `${counted(count, "reaction")} to faults left out: the model has no faults of the SoC`;
        });
      } else if (value !== null) left.push(`${name}=${value}`);
      else {
        const message = `${name} is neither a resource nor a definition: the tool passes over it in silence`;
        this.#notes.say(where, message);
      }
    }
    if (left.length > 0)
      this.#notes.say(where, `${this.#section}: ${left.join(", ")} left out: the model has no words for it`);
  }

  #refuse(where: string, message: string): void {
    this.issues.push({ where, message });
  }
}
