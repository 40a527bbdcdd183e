import { toHex } from "#base/hex.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { Command, DomainRef } from "#machine/commands/commands.ts";
import type { MachineState } from "#machine/state/state.ts";
import { packHeader } from "#scmi/header.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { SHMEM } from "#scmi/shmem.ts";
import type { Random } from "./random.ts";

/** Boards that a random host may be given anew. */
export type Boards = readonly HostDescription[];

/** A command that somebody might give at this moment, likely or not: of every kind, sensible, wrong and nonsense. */
export function randomCommand(random: Random, state: MachineState, boards: Boards): Command {
  return random.weighted<Command>([
    [50, () => smc(random, state)],
    [16, () => scmi(random, state)],
    [9, () => create(random, state)],
    [5, () => ({ kind: "domain.destroy", domain: someDomain(random, state) })],
    [3, () => ({ kind: "domain.restart", domain: someDomain(random, state) })],
    [
      3,
      () => ({
        kind: "domain.shutdown",
        domain: someDomain(random, state),
        reason: random.pick(["poweroff", "reboot", "crash"] as const),
      }),
    ],
    [6, () => ({ kind: "device.assign", domain: someDomain(random, state), path: somePath(random, state) })],
    [3, () => ({ kind: "agent.reset", agentId: someAgent(random), permissions: random.chance(70) })],
    [
      4,
      () => ({
        kind: "permission.set",
        agentId: someAgent(random),
        deviceId: random.below(5),
        allowed: random.chance(60),
      }),
    ],
    [4, () => ({ kind: "p2a.acknowledge", domain: someDomain(random, state) })],
    [
      4,
      () => ({
        kind: "firmware.complete",
        agentId: random.chance(70) ? null : someAgent(random),
        protocol: random.chance(70) ? null : random.pick(["clock", "power", 0x16, "nothing"]),
      }),
    ],
    [
      2,
      () => ({
        kind: "sensor.set",
        sensorId: random.below(2),
        readings: Array.from({ length: 1 + random.below(2) }, () => random.below(100) - 50),
      }),
    ],
    [1, () => ({ kind: "host.reboot", cause: random.pick(["cold", "reboot", "crash"] as const) })],
    [random.chance(30) ? 1 : 0, () => ({ kind: "host.configure", description: random.pick(boards) })],
  ]);
}

function smc(random: Random, state: MachineState): Command {
  const domids = state.mediator.domain.ids();
  const domain = random.chance(95) && domids.length > 0 ? random.pick(domids) : someDomain(random, state);
  const held = typeof domain === "number" ? (state.mediator.domain.get(domain)?.channel ?? null) : null;
  const own = held === null ? undefined : state.mediator.channel.get(held)?.funcId;
  const funcId = random.weighted<number>([
    [85, () => own ?? 0x8200_0002],
    [8, () => 0x8200_0002 + random.below(6)],
    [7, () => random.u32()],
  ]);
  const high = random.chance(5) ? random.u64() & 0xffff_ffff_0000_0000n : 0n;
  const x = [high | BigInt(funcId)];
  while (x.length < 8) x.push(random.chance(15) ? random.u64() : 0n);
  return { kind: "smc", domain, x, shmem: page(random) };
}

/** What a guest leaves in its page: a message of some protocol, one with wrong words, or anything. */
function page(random: Random): Uint8Array | null {
  return random.weighted<Uint8Array | null>([
    [4, () => null],
    [40, () => sensible(random)],
    [30, () => message(random)],
    [12, () => spoilt(random, message(random))],
    [8, () => random.bytes(random.below(200))],
    [1, () => random.bytes(4096)],
  ]);
}

/** What an agent of the small boards would ask, so that the firmware's state moves. */
function sensible(random: Random): Uint8Array {
  const bit = random.below(2);
  const [protocolId, id, ...words] = random.pick<readonly [number, number, ...number[]]>([
    [0x10, 0x9, random.below(5), random.below(4), bit],
    [0x10, 0xb, random.below(5), bit],
    [0x11, 0x4, bit, random.below(2), random.pick([0, 0x4000_0000])],
    [0x11, 0x5, random.below(2)],
    [0x14, 0x5, 0, 0, random.pick([1_843_200, 24_000_000]), 0],
    [0x14, 0x5, 0, 1, random.pick([100_000_000, 400_000_000]), 0],
    [0x14, 0x6, random.below(3)],
    [0x14, 0x7, random.below(3), bit],
    [0x14, 0x7, random.below(3), bit, 0],
    [0x16, 0x4, 0, random.pick([1, 4, 5, 8]), 0],
    // What boards with platform-to-agent pages answer by themselves, now or later.
    [0x10, 0x8, bit],
    [0x11, 0x6, random.below(2), 1],
    [0x14, 0x9, random.below(2), random.chance(80) ? 1 : 0],
    [0x14, 0xa, random.below(2), 1],
    [0x16, 0x5, 0, 1],
    [0x14, 0x5, random.pick([1, 3]), 0, random.pick([1_843_200, 24_000_000]), 0],
    [0x11, 0x4, 1, random.below(2), random.pick([0, 0x4000_0000])],
    [0x15, 0x4, 0, 1],
    [0x15, 0x5, 0, random.below(4) | (bit << 4), random.below(50), 0],
    [0x15, 0x6, 0, bit],
    [0x15, 0xb, 0, 1],
  ]);
  return pageWith(packHeader(protocolId, id), words);
}

function pageWith(header: number, words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(SHMEM.PAYLOAD + 4 * words.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(SHMEM.LENGTH, 4 + 4 * words.length, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, header, true);
  for (const [i, word] of words.entries()) view.setUint32(SHMEM.PAYLOAD + 4 * i, word, true);
  return bytes;
}

/** A message of the protocols' tables, its words left to chance. */
function message(random: Random): Uint8Array {
  const command = random.pick(commandsOf(random.pick(PROTOCOLS)));
  const layout = random.pick(command.requestLayouts);
  const count = random.chance(90) ? Math.ceil(layout.size / 4) : random.below(8);
  const token = random.chance(20) ? random.below(1024) : 0;
  const header = packHeader(command.protocolId, command.id, token);
  return pageWith(
    header,
    Array.from({ length: count }, () => word(random)),
  );
}

function spoilt(random: Random, bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint32(
    random.pick([0, 4, 8, 12, 16, 20, 24]),
    random.chance(50) ? random.below(8) : random.u32(),
    true,
  );
  return bytes;
}

/** A word that means something to some message. */
function word(random: Random): number {
  return random.weighted([
    [50, () => random.below(4)],
    [10, () => random.pick([24_000_000, 1_843_200, 100_000_000, 400_000_000, 1_000_000_000])],
    [10, () => random.pick([0x4000_0000, 0x8000_0000, 0xffff_ffff, 0x8000_0001])],
    [10, () => random.u32()],
  ]);
}

function scmi(random: Random, state: MachineState): Command {
  const domain = someDomain(random, state);
  const table = random.pick(PROTOCOLS);
  const command = random.pick(commandsOf(table));
  if (random.chance(15)) {
    const payload = toHex(random.bytes(random.below(40)));
    return {
      kind: "scmi",
      domain,
      call: { protocol: random.below(256), message: random.below(256), payload },
    };
  }
  const entries = command.requestLayouts[0]?.entries ?? [];
  const params = Object.fromEntries(
    entries.flatMap(({ name, field }) => {
      if (field.kind === "name") return [];
      return random.chance(95) ? [[name, word(random)]] : [];
    }),
  );
  const all = random.chance(20) ? ({ all: true } as const) : {};
  return { kind: "scmi", domain, call: { protocol: table.name, message: command.name, params, ...all } };
}

function create(random: Random, state: MachineState): Command {
  const name = random.pick(["red", "blue", "green", "drv"]);
  const agentId = random.weighted([
    [80, () => 2 + random.below(2)],
    [20, () => random.pick([0, 1, 4, 255])],
  ]);
  const type = random.weighted([
    [75, () => "scmi_smc_multiagent"],
    [15, () => "none"],
    [5, () => "scmi_smc"],
  ]);
  const dtdev = Array.from({ length: random.below(3) }, () => somePath(random, state));
  if (random.chance(60)) {
    const uuid = random.chance(80) ? null : "11111111-2222-3333-4444-555555555555";
    const passthrough = random.chance(80) ? null : random.chance(50);
    return { kind: "domain.create", request: { name, sci: { type, agentId }, dtdev, passthrough, uuid } };
  }
  const action = (): string =>
    random.pick(["destroy", "restart", "rename-restart", "preserve", "coredump-restart", "soft-reset"]);
  const lines = [
    `name = "${name}"`,
    `arm_sci = "type=${type},agent_id=${agentId}"`,
    `dtdev = [ ${dtdev.map((path) => `"${path}"`).join(", ")} ]`,
    `on_poweroff = "${action()}"`,
    `on_reboot = "${action()}"`,
    `on_crash = "${action()}"`,
    ...(random.chance(10) ? ["nonsense = = 1"] : []),
  ];
  return { kind: "domain.create", request: { xlcfg: `${lines.join("\n")}\n` } };
}

function someDomain(random: Random, state: MachineState): DomainRef {
  const domids = state.mediator.domain.ids();
  return random.weighted<DomainRef>([
    [80, () => (domids.length === 0 ? 1 : random.pick(domids))],
    [10, () => random.below(40)],
    [10, () => random.pick(["red", "blue", "green", "drv", "Domain-0", "nobody"])],
  ]);
}

function somePath(random: Random, state: MachineState): string {
  const nodes = state.configuration()?.tree.nodes ?? [];
  return random.weighted([
    [
      80,
      () => random.pick(["/soc/gpu@20000000", "/soc/i2c@10001000", "/soc/clocked@2000", "/soc/both@4000"]),
    ],
    [15, () => (nodes.length === 0 ? "/" : random.pick(nodes).path)],
    [5, () => "/soc/nothing"],
  ]);
}

function someAgent(random: Random): number {
  return random.weighted([
    [90, () => random.below(5)],
    [10, () => random.pick([255, 0xffff_ffff])],
  ]);
}
