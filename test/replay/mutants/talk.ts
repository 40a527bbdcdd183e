import { toHex } from "#base/hex.ts";
import type { HostDescription, ProtocolName } from "#config/board/board.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { MachineState } from "#machine/state/state.ts";
import type { Command as ScmiCommand } from "#scmi/protocol.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import type { Random } from "../../support/random.ts";
import { randomCommand } from "../../support/random-commands.ts";
import { randomMessage, tellingMessage } from "../../support/random-messages.ts";

/** A toolstack creates a domain. */
export function create(name: string, agentId: number, ...dtdev: string[]): Command {
  const sci = { type: "scmi_smc_multiagent", agentId };
  return { kind: "domain.create", request: { name, sci, dtdev, passthrough: null, uuid: null } };
}

/** A command of a guest that talks to the firmware, or now and then anybody's. */
export function talk(random: Random, state: MachineState, host: HostDescription): Command {
  const { channel: channels, domain: domains } = state.mediator;
  const free = channels.ids().filter((index) => channels.at(index).owner === null);
  if (free.length > 0 && random.chance(40)) {
    const { agentId } = channels.at(random.pick(free));
    return create(`guest-${agentId}`, agentId);
  }
  const domids = domains.ids().filter((domid) => channelOf(state, domid) !== undefined);
  const domain = domids.length === 0 ? 0 : random.pick(domids);
  const funcId = channelOf(state, domain)?.funcId;
  if (funcId === undefined || random.chance(8)) return randomCommand(random, state, [host]);
  const { protocols } = host.board.firmware;
  const listed = PROTOCOLS.filter(({ name }) => name === "base" || protocols.includes(name as ProtocolName));
  const commands = commandsOf(random.pick(listed));
  const own = commands.filter(({ name }) => !/^(PROTOCOL|NEGOTIATE)_/.test(name));
  const changing = own.filter(({ name }) => /SET|NOTIFY|CONFIG|REQUEST/.test(name));
  const command = random.pick(random.chance(70) ? changing : random.chance(70) ? own : commands);
  const telling = random.chance(45) ? tellingMessage(random, listed) : null;
  const x = [BigInt(funcId), ...Array.from({ length: 7 }, () => (random.chance(5) ? random.u64() : 0n))];
  return { kind: "smc", domain, x, shmem: telling ?? randomMessage(random, command) };
}

function channelOf(state: MachineState, domid: number) {
  const { channel, state: life } = state.mediator.domain.at(domid);
  return channel === null || life !== "running" ? undefined : state.mediator.channel.get(channel);
}

/** A guest sends a message, by SCMI's name of it, and the words of its payload. */
export function ask(domain: string, message: string, ...words: readonly number[]): Command {
  const command = PROTOCOLS.flatMap(commandsOf).find(({ name }) => name === message) as ScmiCommand;
  const payload = toHex(new Uint8Array(Uint32Array.from(words).buffer));
  return { kind: "scmi", domain, call: { protocol: command.protocolId, message: command.id, payload } };
}
