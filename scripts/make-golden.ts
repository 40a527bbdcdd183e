import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Control } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import { rebuildTo } from "#replay/rebuild.ts";
import { openForReading } from "#store/database.ts";
import packageJson from "../package.json" with { type: "json" };
import { bspTree, hostOf } from "../test/support/generations.ts";
import { goldenLines } from "../test/support/golden.ts";
import { Random } from "../test/support/random.ts";
import { randomCommand } from "../test/support/random-commands.ts";
import { hostWith } from "../test/support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../test/support/single-agent.ts";

/**
 * Writes the golden logs of this version: what a server recorded, and what every later version has to decide again without a
 * divergence. A version's logs are made once, when it is released, and never again.
 *
 *   node --conditions=scmi-source --import tsx scripts/make-golden.ts
 */

const RANDOM_COMMANDS = 120;
const REQUESTER = { actor: "golden", source: "cli", reason: "golden", request: null } as const;

async function example(board: string, profile?: "ref" | "v32"): Promise<HostDescription> {
  const host = await loadHost(`examples/${board}/board.yaml`);
  if (isProblem(host)) throw new Error(host.detail);
  if (profile === undefined) return host;
  return { ...host, board: { ...host.board, firmware: { ...host.board.firmware, profile } } };
}

/** With ACPI the mediator's probe fails. */
function withAcpi(host: HostDescription): HostDescription {
  return { ...host, board: { ...host.board, xen: { ...host.board.xen, acpi: true } } };
}

/** One command of each kind at least, some of them refused. */
function script(description: HostDescription): Command[] {
  const type = description.board.xen.mediator === "single-agent" ? "scmi_smc" : "scmi_smc_multiagent";
  const guest = (name: string, agentId: number, ...dtdev: string[]): Command => ({
    kind: "domain.create",
    request: {
      name,
      sci: { type, agentId },
      dtdev,
      passthrough: null,
      uuid: null,
    },
  });
  const clock = { protocol: "clock", message: "CLOCK_CONFIG_SET", params: { clockId: 0, attributes: 1 } };
  const xlcfg = [
    'name = "green"',
    `arm_sci = "type=${type},agent_id=3"`,
    'on_reboot = "rename-restart"',
    'on_crash = "preserve"',
    "",
  ].join("\n");
  return [
    guest("red", 2, "/soc/gpu@20000000"),
    guest("blue", 2),
    guest("blue", 3),
    { kind: "device.assign", domain: "blue", path: "/soc/i2c@10001000" },
    { kind: "device.assign", domain: "blue", path: "/soc/nothing" },
    { kind: "scmi", domain: "red", call: clock },
    { kind: "scmi", domain: 0, call: { protocol: 0x10, message: 1, payload: "" } },
    { kind: "smc", domain: 1, x: [0x8200_0004n, 1n, 2n, 3n, 4n, 5n, 6n, 2n ** 64n - 1n], shmem: null },
    {
      kind: "smc",
      domain: 1,
      x: [0x8200_0005n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
      shmem: new Uint8Array(64).fill(1),
    },
    { kind: "permission.set", agentId: 3, deviceId: 1, allowed: true },
    { kind: "permission.set", agentId: 99, deviceId: 1, allowed: true },
    { kind: "agent.reset", agentId: 3, permissions: false },
    { kind: "domain.restart", domain: "red" },
    { kind: "domain.shutdown", domain: "red", reason: "poweroff" },
    { kind: "domain.destroy", domain: "blue" },
    { kind: "domain.destroy", domain: 0 },
    { kind: "domain.destroy", domain: 4711 },
    { kind: "domain.create", request: { xlcfg } },
    { kind: "domain.create", request: { xlcfg: "name = = 1\n" } },
    { kind: "domain.shutdown", domain: "green", reason: "reboot" },
    { kind: "domain.shutdown", domain: "green", reason: "crash" },
    { kind: "host.reboot", cause: "crash" },
    { kind: "host.configure", description },
  ];
}

async function record(name: string, description: HostDescription, seed: number): Promise<void> {
  const target = `test/golden/${packageJson.version}-${name}.jsonl`;
  if (existsSync(target)) {
    console.log(`${target} is there already`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "golden-"));
  try {
    const file = join(folder, "golden.db");
    let now = 1_795_132_800_000_000;
    const clock = (): number => {
      now += 1_000_000;
      return now;
    };
    const program = packageJson.version;
    const control = await Control.open({ file, description, newBoard: false, clock, program });
    if (isProblem(control)) throw new Error(control.detail);
    const random = new Random(seed);
    const chosen = function* () {
      yield* script(description);
      for (let i = 0; i < RANDOM_COMMANDS; i += 1) {
        yield randomCommand(random, stateNow(file).state, [description]);
      }
    };
    // A board is recorded whole: a large one once is enough.
    const isLarge = JSON.stringify(description.board).length > 10_000;
    for (const command of chosen()) {
      if (command.kind !== "host.configure" || !isLarge) await control.submit(command, REQUESTER);
    }
    await control.close();
    const db = openForReading(file);
    if (isProblem(db)) throw new Error(db.detail);
    writeFileSync(target, `${goldenLines(db).join("\n")}\n`);
    db.close();
    console.log(`wrote ${target}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The machine as the log has it now: what random commands are aimed at. */
function stateNow(file: string): Machine {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const machine = new Machine(sha256);
  const fault = rebuildTo(machine, db, file);
  db.close();
  if (fault !== null) throw new Error(fault.detail);
  return machine;
}

await record("two-guests-v32", await example("two-guests"), 1);
await record("two-guests-ref", await example("two-guests", "ref"), 2);
await record("rcar-v4h", await example("rcar-v4h"), 3);
await record("no-mediator", withAcpi(await example("two-guests")), 4);
// 0.1.0 did not know these.
if (packageJson.version !== "0.1.0") {
  await record("single-agent", hostWith(singleAgent(PASSTHROUGH)), 5);
  await record("dom0less", await example("dom0less"), 6);
  await record("bsp", hostWith(hostOf(bspTree(), { version: "bsp" }, 0)), 7);
}
