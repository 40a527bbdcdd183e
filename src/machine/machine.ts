import type { JournalMark } from "#base/cells.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { FirmwareConfig, HostDescription } from "#config/board/board.ts";
import type { BootCause, MachineEvent } from "#events/types.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import type { FirmwareMemory } from "#firmware/ring.ts";
import { ring } from "#firmware/server.ts";
import type { Doorbell } from "#mediator/context.ts";
import { memcpyToIo } from "#scmi/device-memory.ts";
import { boot, endDomains } from "./boot.ts";
import type { Command, Stamp } from "./commands/commands.ts";
import type { Outcome } from "./commands/results.ts";
import { configure } from "./configuration.ts";
import { type CommandContext, type Deciding, deciding } from "./context.ts";
import { evolve, powerOnFirmware } from "./evolve.ts";
import { isObservation, NO_RULES, observationEvent } from "./observation.ts";
import { decide } from "./rules/rules.ts";
import { Digest, type Hash } from "./state/digest.ts";
import { ScratchMemory } from "./state/memory.ts";
import { MachineState } from "./state/state.ts";

/** What a command came to, and the events that say so, in order. */
export interface Decision {
  readonly outcome: Outcome;
  readonly events: readonly MachineEvent[];
}

/** A point to go back to while nothing is committed. */
export interface Checkpoint {
  readonly mark: JournalMark;
  readonly seq: number;
  readonly digest: Uint8Array;
}

/** Where a simulation's faults come from; the live machine has none. */
export interface FaultSource {
  pick(config: FirmwareConfig, memory: FirmwareMemory, x: readonly bigint[]): Fault | undefined;
}

/**
 * One host: state, the rules that decide commands, and evolve. Pure: time and ids enter with a command's stamp, the hash
 * function with the constructor.
 */
export class Machine {
  readonly state: MachineState = new MachineState();
  readonly hash: Hash;
  #seq = 0;
  #events: MachineEvent[] = [];
  /** The context of the last command, to be used again. */
  #deciding: CommandContext | undefined;
  readonly #digest: Digest;
  readonly #scratch: ScratchMemory;
  readonly #faults: FaultSource | null;
  readonly #answers: boolean;

  /**
   * @param answers whether somebody reads what commands come to; only their events count where nobody does, as in verify
   */
  constructor(hash: Hash, faults: FaultSource | null = null, answers = true) {
    this.hash = hash;
    this.#answers = answers;
    this.#digest = new Digest(hash);
    this.#scratch = new ScratchMemory(this.state.memory);
    this.#faults = faults;
  }

  /** Seq of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** Version of the rules that the host is decided by; without a host nothing is. */
  get ruleVersion(): number {
    return this.state.host.get(0)?.ruleVersion ?? NO_RULES;
  }

  /** The state digest after the last command, 32 bytes. */
  digest(): Uint8Array {
    return this.#digest.bytes();
  }

  /** Whether the 32 bytes at `at` are the state digest. */
  hasDigest(bytes: Uint8Array, at: number): boolean {
    return this.#digest.equals(bytes, at);
  }

  /** Decides and applies one command. A refusal that nobody records has no events and changes nothing. */
  execute(command: Command, stamp: Stamp): Decision {
    const mark = this.#begin();
    const outcome =
      command.kind === "host.configure"
        ? this.#configure(command, stamp, "cold")
        : this.#decide(command, stamp);
    return this.#end(mark, outcome);
  }

  /** Configures the host without booting it: the firmware is at power-on, Xen has not started. For simulations. */
  configureOnly(description: HostDescription, stamp: Stamp): Decision {
    const mark = this.#begin();
    const outcome = this.#configure({ description }, stamp, null);
    if (!isProblem(outcome.result)) powerOnFirmware(this.state);
    return this.#end(mark, outcome);
  }

  #decide(command: Exclude<Command, { kind: "host.configure" }>, stamp: Stamp): Outcome {
    if (isObservation(command)) {
      return { result: { seq: this.#record(observationEvent(command)) }, errno: null };
    }
    const context = this.#context(stamp);
    return context === undefined ? refused(problem("host-not-booted", {})) : decide(context, command);
  }

  #configure(
    { description, ruleVersion }: Omit<Extract<Command, { kind: "host.configure" }>, "kind">,
    stamp: Stamp,
    cause: BootCause | null,
  ): Outcome {
    const configured = configure(description, this.hash, ruleVersion);
    if (isProblem(configured)) return refused(configured);
    const firstSeq = this.#seq + 1;
    const before = this.#context(stamp);
    if (before !== undefined) endDomains(before);
    this.#record({ type: "host.configured", domid: null, agentId: null, data: configured });
    const context = this.#context(stamp);
    if (cause === null || context === undefined) {
      return { result: { epoch: 0, firstSeq, lastSeq: this.#seq }, errno: null };
    }
    return boot(context, cause, firstSeq);
  }

  /** Applies a recorded event: replay. The command's end is {@link endCommand}. */
  apply(event: MachineEvent): void {
    this.#seq = event.seq;
    evolve(this.state, event, this.hash);
  }

  /** Closes a replayed command: the digest follows what its events changed since `mark`. */
  endCommand(mark: JournalMark): void {
    this.#digest.follow(this.state.journal, mark, this.state.memory);
    this.state.memory.beginCommand();
  }

  checkpoint(): Checkpoint {
    return { mark: this.state.journal.mark(), seq: this.#seq, digest: this.digest() };
  }

  /** Takes everything since a checkpoint back. */
  rollback({ mark, seq, digest }: Checkpoint): void {
    this.state.undo(mark);
    this.#seq = seq;
    this.#digest.load(digest);
  }

  /** What happened is durable: it will not be taken back, so the journal may forget it. */
  settle(): void {
    this.state.journal.clear();
  }

  /** Takes over a state that was loaded past the journal (a snapshot), with its place in the log and its digest. */
  resume(seq: number, digest: Uint8Array): void {
    this.#seq = seq;
    this.#digest.load(digest);
    this.state.journal.clear();
    this.state.memory.beginCommand();
  }

  /** A simulation rings an agent's doorbell at the firmware itself, below the mediator: no log knows of it, so it takes no seq. */
  ringBelow(funcId: number, shmem: number, written: Uint8Array | null): readonly bigint[] {
    const mark = this.#begin();
    const seq = this.#seq;
    const xOut = this.#ring({
      origin: "below",
      domid: null,
      agentId: null,
      shmem,
      writes: written === null ? [] : [{ offset: 0, bytes: written }],
      x: [BigInt(funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    });
    this.#seq = seq;
    this.endCommand(mark);
    return xOut;
  }

  /** A simulation returns the firmware to its power-on state. */
  resetFirmware(): void {
    const mark = this.#begin();
    powerOnFirmware(this.state);
    this.endCommand(mark);
  }

  #begin(): JournalMark {
    this.#events = [];
    this.state.memory.beginCommand();
    return this.state.journal.mark();
  }

  #end(mark: JournalMark, outcome: Outcome): Decision {
    this.endCommand(mark);
    return { outcome, events: this.#events };
  }

  #context(stamp: Stamp): Deciding | undefined {
    const configuration = this.state.configuration();
    if (configuration === undefined) return undefined;
    if (this.#deciding?.host === configuration) {
      this.#deciding.stamp = stamp;
    } else {
      this.#deciding = deciding(this.state, configuration, stamp, this.hash, {
        answers: this.#answers,
        record: (event) => this.#record(event),
        lastSeq: () => this.#seq,
        ring: (doorbell) => this.#ring(doorbell),
        scratch: () => {
          this.#scratch.reset();
          return this.#scratch;
        },
      });
    }
    return this.#deciding;
  }

  #record(event: Omit<MachineEvent, "seq" | "epoch">): number {
    const seq = this.#seq + 1;
    const before = this.state.host.get(0)?.epoch ?? 0;
    const epoch = event.type === "host.booted" ? before + 1 : before;
    const { type, domid, agentId, data } = event;
    const whole = { type, seq, epoch, domid, agentId, data } as MachineEvent;
    this.#events.push(whole);
    this.apply(whole);
    return seq;
  }

  /** Rings on scratch memory, records what came of it; evolve then does it to the real pages. */
  #ring(
    doorbell: Omit<Doorbell, "origin"> & { readonly origin: "domain" | "xen" | "below" },
  ): readonly bigint[] {
    const { origin, domid, agentId, shmem, writes, x, rung: registers = x } = doorbell;
    const config = (this.state.configuration() as { board: { firmware: FirmwareConfig } }).board.firmware;
    this.#scratch.reset();
    const page = this.#scratch.window(shmem);
    for (const { offset, bytes } of writes) memcpyToIo(page, offset, bytes);
    const fault = this.#faults?.pick(config, this.#scratch, registers);
    const rung = ring(config, this.state.firmware, this.#scratch, registers, fault);
    const { xOut, request, response, effects } = rung;
    const raised = rung.notifications.length === 0 ? {} : { notifications: rung.notifications };
    this.#record({
      type: "smc.forwarded",
      domid,
      agentId,
      data: { origin, shmem, writes, x, caller: rung.agentId, request, xOut, response, effects, ...raised },
    });
    return xOut;
  }
}

function refused(result: Problem): Outcome {
  return { result, errno: result.errno };
}
