import { isProblem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { encodeRequest } from "#scmi/codec.ts";
import { packHeader } from "#scmi/header.ts";
import { findCommand } from "#scmi/registry.ts";
import { SHMEM } from "#scmi/shmem.ts";

/** Guests of the example board, each with the function id of its agent. */
const DOMD = { domain: "DomD", funcId: 0x8200_0004n } as const;
const DOMU = { domain: "DomU", funcId: 0x8200_0005n } as const;

/** How long DomU lives: it is restarted, and its neighbour's permissions change, once in so many commands. */
const LIFETIME_COMMANDS = 500;

/** What the drivers of two guests ask, and how often in a hundred messages: reads, writes, and what the firmware denies. */
const MESSAGES = [
  { share: 30, of: DOMD, message: smc(DOMD, "clock", "CLOCK_RATE_GET", { clockId: 104 }) },
  { share: 8, of: DOMD, message: smc(DOMD, "power", "POWER_STATE_GET", { domainId: 24 }) },
  { share: 6, of: DOMD, message: smc(DOMD, "power", "POWER_STATE_SET", powerState(0x0000_0000)) },
  { share: 6, of: DOMD, message: smc(DOMD, "power", "POWER_STATE_SET", powerState(0x4000_0000)) },
  { share: 7, of: DOMD, message: smc(DOMD, "clock", "CLOCK_CONFIG_SET", { clockId: 104, attributes: 1 }) },
  { share: 7, of: DOMD, message: smc(DOMD, "clock", "CLOCK_CONFIG_SET", { clockId: 104, attributes: 0 }) },
  { share: 4, of: DOMD, message: smc(DOMD, "reset", "RESET", { domainId: 19, flags: 1, resetState: 0 }) },
  { share: 20, of: DOMU, message: smc(DOMU, "clock", "CLOCK_RATE_GET", { clockId: 107 }) },
  { share: 5, of: DOMU, message: smc(DOMU, "reset", "RESET", { domainId: 22, flags: 1, resetState: 0 }) },
  { share: 4, of: DOMU, message: smc(DOMU, "power", "POWER_STATE_SET", powerState(0)) },
  { share: 3, of: DOMU, message: foreign(DOMU) },
];

/** The guest that the traffic is of beside the board's own DomD. */
const CREATE_DOMU: Command = {
  kind: "domain.create",
  request: {
    name: DOMU.domain,
    sci: { type: "scmi_smc_multiagent", agentId: 3 },
    dtdev: ["/soc/can@e6660000", "/soc/i2c@e6508000"],
    passthrough: true,
    uuid: null,
  },
};

/**
 * Commands as a board with two guests sees them in a day, the same ones every time: mostly messages of drivers, and now and then a
 * guest that is created anew, a device that changes hands and an agent that is reset.
 */
export function mixedTraffic(): () => Command {
  const deck = MESSAGES.flatMap(({ share, message }) => Array<Command>(share).fill(message));
  let random = 1;
  let number = 0;
  return () => {
    const place = number % LIFETIME_COMMANDS;
    number += 1;
    switch (place) {
      case 0:
        return CREATE_DOMU;
      case 100:
        return { kind: "device.assign", domain: DOMU.domain, path: "/soc/mmc@ee140000" };
      case 200:
        return { kind: "permission.set", agentId: 4, deviceId: 3, allowed: true };
      case 300:
        return { kind: "permission.set", agentId: 4, deviceId: 3, allowed: false };
      case 400:
        return { kind: "agent.reset", agentId: 5, permissions: true };
      case LIFETIME_COMMANDS - 1:
        return { kind: "domain.destroy", domain: DOMU.domain };
      default:
        // Numerical Recipes' generator: its high bits are good enough to shuffle with.
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
        return deck[Math.floor((random / 0x1_0000_0000) * deck.length)] as Command;
    }
  };
}

type Guest = typeof DOMD | typeof DOMU;

function powerState(state: number) {
  return { flags: 0, domainId: 24, powerState: state };
}

/** A message in the guest's own page, and its doorbell. */
function smc(
  guest: Guest,
  protocol: string,
  name: string,
  params: { readonly [field: string]: number },
): Command {
  const command = findCommand(protocol, name);
  if (isProblem(command)) throw new Error(command.detail);
  const payload = encodeRequest(command, params);
  if (isProblem(payload)) throw new Error(payload.detail);
  const shmem = new Uint8Array(SHMEM.PAYLOAD + payload.length);
  const view = new DataView(shmem.buffer);
  view.setUint32(SHMEM.LENGTH, 4 + payload.length, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, packHeader(command.protocolId, command.id), true);
  shmem.set(payload, SHMEM.PAYLOAD);
  return { kind: "smc", domain: guest.domain, x: [guest.funcId, 0n, 0n, 0n, 0n, 0n, 0n, 0n], shmem };
}

/** A doorbell that is another's: Xen refuses it. */
function foreign({ domain }: Guest): Command {
  return { kind: "smc", domain, x: [DOMD.funcId, 0n, 0n, 0n, 0n, 0n, 0n, 0n], shmem: null };
}
