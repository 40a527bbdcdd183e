import { isProblem, type Problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";

/** When the machine in memory begins: 2026-01-01T00:00:00Z in microseconds, as simulations do. */
const BEGIN_US = 1_767_225_600_000_000;

/** What a command came to. */
export interface Played {
  /** The result or the refusal, as the machine gives it. */
  readonly result: unknown;
  readonly events: readonly MachineEvent[];
}

/** A host in memory that plays what was observed on a real one. */
export class PlayedHost {
  /** The events of its boot. */
  readonly boot: readonly MachineEvent[];
  readonly #machine: Machine;
  readonly #domains = new Map<number, number | Problem>();
  #commandId = 0;

  private constructor(machine: Machine, description: HostDescription) {
    this.#machine = machine;
    this.boot = this.execute({ kind: "host.configure", description }).events;
  }

  /** Boots a host and creates its guests; or the first refusal. */
  static of(description: HostDescription, xlcfgs: readonly string[]): PlayedHost | Problem {
    const host = new PlayedHost(new Machine(sha256), description);
    for (const xlcfg of xlcfgs) {
      const { result } = host.execute({ kind: "domain.create", request: { xlcfg } });
      if (isProblem(result)) return result;
    }
    return host;
  }

  get state() {
    return this.#machine.state;
  }

  execute(command: Command): Played {
    this.#commandId += 1;
    const stamp = { commandId: this.#commandId, timeUs: BEGIN_US + this.#commandId };
    const { outcome, events } = this.#machine.execute(command, stamp);
    this.#machine.settle();
    return { result: outcome.result, events };
  }

  /** The domain that holds an agent, made without devices where there is none. */
  domainOf(agentId: number): number | Problem {
    const holder = this.holderOf(agentId);
    if (holder !== null) return holder;
    const before = this.#domains.get(agentId);
    if (isProblem(before)) return before;
    const made = this.createDomain(agentId);
    this.#domains.set(agentId, made);
    return made;
  }

  /** The live domain that holds an agent, or null. */
  holderOf(agentId: number): number | null {
    const { channel, domain } = this.state.mediator;
    for (const row of channel.keys()) {
      const { agentId: found, owner } = channel.at(Number(row));
      if (found === agentId && owner !== null && domain.get(owner) !== undefined) return owner;
    }
    return null;
  }

  /** Creates a domain for an agent, null: without any. Its domid, or Xen's refusal. */
  createDomain(agentId: number | null): number | Problem {
    this.#commandId += 1;
    const name = `${agentId === null ? "guest" : `agent-${agentId}`}-${this.#commandId}`;
    const request = { name, sci: this.#sciOf(agentId), dtdev: [], passthrough: null, uuid: null };
    const { result } = this.execute({ kind: "domain.create", request });
    return isProblem(result) ? result : (result as { readonly domid: number }).domid;
  }

  get isSingleAgent(): boolean {
    return this.state.configuration()?.board.xen.mediator === "single-agent";
  }

  #sciOf(agentId: number | null): { readonly type: string; readonly agentId: number } {
    if (agentId === null) return { type: "none", agentId: 0 };
    return this.isSingleAgent ? { type: "scmi_smc", agentId: 0 } : { type: "scmi_smc_multiagent", agentId };
  }
}
