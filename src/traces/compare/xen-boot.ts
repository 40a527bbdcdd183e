import type { MachineEvent, MultiAgentProbed } from "#events/types.ts";
import type { PlayedHost } from "./played-host.ts";

/** The two sides of something that Xen said, in words; alike where the words are. */
export interface Sides {
  readonly board: string;
  readonly model: string;
}

type Fields = Readonly<Record<string, number | string>>;

/** Steps of the probe (`mediator-reference.md` §2.2) at which Xen says a thing. */
const STEPS: Readonly<Record<string, readonly number[]>> = {
  "acpi-refused": [2],
  "smccc-too-old": [3],
  "smc-id-missing": [4],
  "page-node-invalid": [6, 7, 14],
  "page-not-aligned": [8, 14],
  "container-missing": [14],
  "cells-invalid": [14],
  "agents-missing": [14],
  "agents-invalid": [14],
  "agent-page-missing": [14],
  "agent-page-unreadable": [14],
  "agent-channel-failed": [14],
  "mediator-already-there": [15],
};

/** Compares what Xen said of its boot with how the model booted; null: the message is of no boot. */
export function bootSides(host: PlayedHost, message: string, fields: Fields): Sides | null {
  const steps = STEPS[message];
  if (steps !== undefined) return failureSides(host.boot, message, steps);
  switch (message) {
    case "agent-count": {
      const probed = probedIn(host.boot);
      const model = probed === null ? howProbed(host.boot) : `${probed.reportedAgents} agents`;
      return { board: `${fields["agents"]} agents`, model };
    }
    case "agent-listed":
      return listedSides(host.boot, fields);
    case "page-mapped": {
      const page = hex(fields["page"]);
      const pages = probedIn(host.boot)?.channels.map(({ shmem }) => hex(shmem)) ?? [];
      return {
        board: `page ${page}`,
        model: pages.includes(page) ? `page ${page}` : `pages ${pages.join(", ")}`,
      };
    }
    case "agent-named": {
      const { agentId, agent } = fields;
      const agents = host.state.configuration()?.board.firmware.agents ?? [];
      const name = agents.find(({ id }) => id === agentId)?.name;
      const board = `agent ${agentId} is ${JSON.stringify(String(agent).trim())}`;
      if (name === undefined) return { board, model: `there is no agent ${agentId}` };
      return { board, model: `agent ${agentId} is ${JSON.stringify(name.slice(0, NAME_CHARACTERS))}` };
    }
    case "dom0-agent-invalid":
    case "domain-type-invalid": {
      const refusal = host.boot.find(({ type }) => type === "domain.creation-refused");
      if (refusal?.type === "domain.creation-refused" && refusal.data.panic) {
        return { board: "a domain is refused at boot", model: "a domain is refused at boot" };
      }
      return { board: "a domain is refused at boot", model: "every domain is made" };
    }
    default:
      return null;
  }
}

/** Characters of a name that SCMI has room for. */
const NAME_CHARACTERS = 15;

function failureSides(boot: readonly MachineEvent[], message: string, steps: readonly number[]): Sides {
  const failed = boot.some(({ type, data }) => type === "mediator.probe-failed" && steps.includes(data.step));
  const board = `the probe fails: ${message}`;
  return { board, model: failed ? board : howProbed(boot) };
}

function listedSides(boot: readonly MachineEvent[], { agentId, funcId, page }: Fields): Sides {
  const text = (id: unknown, rest: string) => (isAgent(id) ? `agent ${id} ${rest}` : rest);
  const board = text(agentId, `SMC ${hex(funcId)} page ${hex(page)}`);
  const channels = probedIn(boot)?.channels;
  if (channels === undefined) return { board, model: howProbed(boot) };
  const like = channels.find((channel) =>
    isAgent(agentId) ? channel.agentId === agentId : channel.funcId === funcId,
  );
  if (like === undefined) return { board, model: "no such channel" };
  return {
    board,
    model: text(isAgent(agentId) ? like.agentId : null, `SMC ${hex(like.funcId)} page ${hex(like.shmem)}`),
  };
}

/** Whether a number names an agent; Xen prints -1 while it does not know. */
function isAgent(id: unknown): id is number {
  return typeof id === "number" && id >= 0 && id < 255;
}

function probedIn(boot: readonly MachineEvent[]): MultiAgentProbed | null {
  for (const { type, data } of boot) {
    if (type === "mediator.probed" && data.mode === "multi-agent") return data;
  }
  return null;
}

function howProbed(boot: readonly MachineEvent[]): string {
  for (const { type, data } of boot) {
    if (type === "mediator.probe-failed") return `the probe fails in step ${data.step}: ${data.message}`;
    if (type === "mediator.probed") return `the ${data.mode} mediator probes`;
  }
  return "no mediator probes";
}

function hex(value: number | string | undefined): string {
  return typeof value === "number" ? `0x${value.toString(16)}` : String(value);
}
