import { Journal } from "#base/cells.ts";
import { isProblem } from "#base/problem.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import { applyEffects } from "#firmware/apply.ts";
import type { Fault } from "#firmware/faults/faults.ts";
import { powerOn } from "#firmware/power-on.ts";
import type { RingOutcome } from "#firmware/ring.ts";
import { ring } from "#firmware/server.ts";
import { createFirmwareState } from "#firmware/state.ts";
import { packHeader } from "#scmi/header.ts";
import type { Command } from "#scmi/protocol.ts";
import { findCommand } from "#scmi/registry.ts";
import { SHMEM } from "#scmi/shmem.ts";
import { statusName } from "#scmi/status.ts";
import { RecordingMemory, type RecordingPage } from "./pages.ts";

/** What an agent writes into its page before it rings; words left out are those of a well-behaved agent. */
export interface Message {
  readonly status?: number;
  readonly length?: number;
  readonly header: number;
  readonly payload: readonly number[];
}

/** The firmware of a board, powered on, with its pages: effects of a ring are applied at once. */
export class TestFirmware {
  readonly config: FirmwareConfig;
  readonly state = createFirmwareState(new Journal());
  readonly memory = new RecordingMemory();
  #seq = 0;

  constructor(config: FirmwareConfig) {
    this.config = config;
    powerOn(config, this.state, this.memory);
  }

  page(agentId: number): RecordingPage {
    return this.memory.window(this.#agent(agentId).shmem);
  }

  /** Rings an agent's doorbell with whatever lies in its page. */
  ring(agentId: number, fault?: Fault): RingOutcome {
    return this.smc([BigInt(this.#agent(agentId).funcId)], fault);
  }

  smc(x: readonly bigint[], fault?: Fault): RingOutcome {
    const outcome = ring(this.config, this.state, this.memory, x, fault);
    this.#seq += 1;
    applyEffects(this.state, outcome.effects, this.#seq);
    return outcome;
  }

  write(agentId: number, { status = 0, payload, length = 4 + 4 * payload.length, header }: Message): void {
    const view = new DataView(this.page(agentId).bytes.buffer);
    view.setUint32(SHMEM.CHANNEL_STATUS, status, true);
    view.setUint32(SHMEM.LENGTH, length, true);
    view.setUint32(SHMEM.MESSAGE_HEADER, header, true);
    payload.forEach((word, i) => {
      view.setUint32(SHMEM.PAYLOAD + 4 * i, word, true);
    });
  }

  /** Writes a message and rings. */
  send(agentId: number, message: Message, fault?: Fault): RingOutcome {
    this.write(agentId, message);
    return this.ring(agentId, fault);
  }

  /** Sends a command by its names and answers the words of the reply, the status first. */
  call(agentId: number, protocol: string, message: string, ...payload: number[]): number[] {
    const { protocolId, id } = command(protocol, message);
    const { response } = this.send(agentId, { header: packHeader(protocolId, id), payload });
    return words(response?.payload ?? new Uint8Array(0));
  }

  /** Sends a message by its ids, whether or not a table has it, and answers the name of the reply's status. */
  statusOfId(agentId: number, protocolId: number, messageId: number, ...payload: number[]): string {
    const { response } = this.send(agentId, { header: packHeader(protocolId, messageId), payload });
    return statusName((words(response?.payload ?? new Uint8Array(0))[0] ?? 0) | 0);
  }

  /** Sends a command and answers the name of the reply's status; an error's reply must be that status alone. */
  status(agentId: number, protocol: string, message: string, ...payload: number[]): string {
    const [status, ...rest] = this.call(agentId, protocol, message, ...payload);
    const name = statusName((status ?? 0) | 0);
    return name === "SUCCESS" || rest.length === 0 ? name : `${name} with ${rest.length} words more`;
  }

  #agent(agentId: number): FirmwareConfig["agents"][number] {
    const agent = this.config.agents.find(({ id }) => id === agentId);
    if (agent === undefined) throw new Error(`the board has no agent ${agentId}`);
    return agent;
  }
}

function command(protocol: string, message: string): Command {
  const found = findCommand(protocol, message);
  if (isProblem(found)) throw new Error(found.detail);
  return found;
}

/** Little-endian words of a payload. */
export function words(payload: Uint8Array): number[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}
