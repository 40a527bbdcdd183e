import type { Assumptions } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { FUNC_ID_BASE, type ImxChoices, PAGE_BYTES, SHMEM_BASE } from "./choices.ts";
import type { ImxAgent, ImxConfig } from "./config.ts";

/** An agent as the board file lists it. */
export type BoardAgent = {
  readonly id: number;
  readonly name: string;
  readonly funcId: number;
  readonly shmem: number;
  readonly p2a?: number;
};

const NO_DOORBELL = "the configuration's doorbells are mailboxes, the model's are SMCs (--func-id-base)";
const NO_PAGE = "the configuration has no page for it (--shmem-base)";

/** The agents with their channels: function ids in a row, pages as the file has them or in a row. */
export function boardAgents(
  { agents }: ImxConfig,
  choices: ImxChoices,
  assumptions: Assumptions,
  notes: NoteGroups,
): BoardAgent[] {
  const pages = new Pages(agents, choices.shmemBase ?? SHMEM_BASE, notes);
  const own = agents.map((agent) => pages.given(agent) ?? assumed(agent, "shmem"));
  return agents.map((agent, index) => {
    const { id, name } = agent;
    const funcId = (choices.funcIdBase ?? FUNC_ID_BASE) + id;
    if (choices.funcIdBase === null) assumptions.take("firmware.agents[].funcId", funcId, NO_DOORBELL, id);
    const shmem = own[index] as number;
    return { id, name, funcId, shmem, ...(agent.isNotified ? { p2a: assumed(agent, "p2a") } : {}) };
  });

  function assumed({ id }: ImxAgent, field: "shmem" | "p2a"): number {
    const page = pages.next();
    if (choices.shmemBase === null) assumptions.take(`firmware.agents[].${field}`, page, NO_PAGE, id);
    return page;
  }
}

/** Pages that agents have, and those that are free. */
class Pages {
  readonly #given = new Map<number, number>();
  readonly #taken = new Set<number>();
  #next: number;

  constructor(agents: readonly ImxAgent[], base: number, notes: NoteGroups) {
    this.#next = base;
    for (const { id, name, sharedMemory, where } of agents) {
      if (sharedMemory === null) continue;
      if (sharedMemory % PAGE_BYTES === 0 && !this.#taken.has(sharedMemory)) {
        this.#taken.add(sharedMemory);
        this.#given.set(id, sharedMemory);
        continue;
      }
      const hex = `0x${sharedMemory.toString(16)}`;
      const why = this.#taken.has(sharedMemory) ? "an agent has it already" : "it is no multiple of 0x1000";
      notes.say(where, `agent ${id} ${name}: its memory at ${hex} cannot be its page, for ${why}`);
    }
  }

  given({ id }: ImxAgent): number | null {
    return this.#given.get(id) ?? null;
  }

  next(): number {
    while (this.#taken.has(this.#next)) this.#next += PAGE_BYTES;
    this.#taken.add(this.#next);
    return this.#next;
  }
}
