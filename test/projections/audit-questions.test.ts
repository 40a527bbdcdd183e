import { expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { defaultAllowed } from "#firmware/access/permissions.ts";
import { denials } from "#projections/queries/audit/denials.ts";
import { exposures } from "#projections/queries/audit/exposure.ts";
import { permissionsDiff } from "#projections/queries/audit/permissions-diff.ts";
import { permissionUse } from "#projections/queries/audit/use.ts";
import { whoHas } from "#projections/queries/audit/who.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { runs } from "../support/runs.ts";
import { talking } from "../support/talking.ts";
import { twoGuests } from "../support/two-guests.ts";

const SEEDS = runs(20, 200);
const COMMANDS = runs(150, 500);
const QUESTIONS = runs(500, 1000);

/** What somebody with nothing but the events, and all the time of the world, finds out about one moment. */
class BruteForce {
  readonly #events: readonly LoggedEvent[];

  readonly #log: LogReader;

  constructor(log: LogReader) {
    this.#log = log;
    this.#events = log.events(0, 1_000_000).flatMap((event) => (isDamaged(event) ? [] : [event]));
  }

  get head(): number {
    return this.#events.length;
  }

  /** The board that ruled the boot of a moment, or null: before the first boot. */
  firmwareAt(seq: number): FirmwareConfig | null {
    let configured: FirmwareConfig | null = null;
    let ruling: FirmwareConfig | null = null;
    for (const event of this.#events) {
      if (event.seq > seq) break;
      if (event.type === "host.configured") configured = event.data.board.firmware;
      if (event.type === "host.booted") ruling = configured;
    }
    return ruling;
  }

  isAllowed(agentId: number, deviceId: number, seq: number): boolean {
    const firmware = this.firmwareAt(seq);
    if (firmware === null) return false;
    let allowed: boolean | undefined;
    for (const event of this.#events) {
      if (event.seq > seq) break;
      if (event.type === "host.booted") allowed = undefined;
      if (event.type !== "smc.forwarded") continue;
      for (const { table, row, column, value } of event.data.effects) {
        if (table === "permission" && row === agentId && Number(column) === deviceId) {
          allowed = value as boolean | undefined;
        }
      }
    }
    if (allowed !== undefined) return allowed;
    return isListed(firmware, agentId, deviceId) && defaultAllowed(firmware, agentId, deviceId);
  }

  /** The domid that held an agent, or null. */
  holder(agentId: number, seq: number): number | null {
    let domid: number | null = null;
    for (const event of this.#events) {
      if (event.seq > seq) break;
      if (event.type === "host.booted") domid = null;
      if (event.type === "domain.created" && event.data.agent === agentId) ({ domid } = event);
      if (event.type === "domain.destroyed" && event.domid === domid) domid = null;
    }
    return domid;
  }

  /** Seqs at which an agent was answered DENIED. */
  denied(agentId: number, seq: number): number[] {
    return this.#answered(agentId, seq, -3).map((event) => event.seq);
  }

  /** Seqs at which an agent did something with a device's resources. */
  used(agentId: number, deviceId: number, seq: number): number[] {
    return this.#answered(agentId, seq, 0).flatMap((event) => {
      const { header, payload } = event.data.request as { header: number; payload: Uint8Array };
      const use = USES.find(([protocol, message]) => (header & 0x3ffff) === ((protocol << 10) | message));
      if (use === undefined) return [];
      const [, , offset, kind] = use;
      if (payload.length < offset + 4) return [];
      const resource = viewOf(payload).getUint32(offset, true);
      const device = this.#configuredAt(event.seq)?.devices.find(({ id }) => id === deviceId);
      return device?.[kind].includes(resource) === true ? [event.seq] : [];
    });
  }

  /** Whether an agent should have a device: by default, or because it was granted and not wanted back. */
  isWanted(agentId: number, deviceId: number, seq: number): boolean {
    let wanted: boolean | undefined;
    for (const event of this.#events) {
      if (event.seq > seq) break;
      const { kind, input } = this.#log.command(event.commandId) ?? { kind: "", input: null };
      const asked = JSON.parse(input ?? "{}") as {
        agentId?: number;
        deviceId?: number;
        allowed?: boolean;
        permissions?: boolean;
      };
      const isPair = asked.agentId === agentId && asked.deviceId === deviceId;
      if (event.type === "host.booted") wanted = undefined;
      else if (event.type === "smc.refused" && event.data.origin === "xen" && kind === "permission.set") {
        if (isPair && asked.allowed === false) wanted = false;
      } else if (event.type === "smc.forwarded" && event.data.origin === "xen") {
        const { request, response, xOut } = event.data;
        if (request?.header !== 0x4009) continue;
        const payload = viewOf(request.payload);
        if (payload.getUint32(0, true) !== agentId || payload.getUint32(4, true) !== deviceId) continue;
        const isGrant = (payload.getUint32(8, true) & 1) === 1;
        const isDone =
          xOut[0] === 0n &&
          response !== null &&
          (response.channelStatus & 3) === 1 &&
          response.payload.length >= 4 &&
          viewOf(response.payload).getInt32(0, true) === 0;
        if (!isGrant) wanted = false;
        else if (isDone) wanted = true;
      } else if (event.agentId === agentId) {
        if (event.type === "agent.reset" && (event.data.cause !== "request" || asked.permissions === true)) {
          wanted = undefined;
        }
        if (event.type === "domain.destroyed") wanted = undefined;
        if (event.type === "domain.destroy-refused" && event.data.dying) wanted = undefined;
      }
    }
    const firmware = this.firmwareAt(seq);
    if (wanted !== undefined || firmware === null) return wanted ?? false;
    return isListed(firmware, agentId, deviceId) && defaultAllowed(firmware, agentId, deviceId);
  }

  #configuredAt(seq: number): FirmwareConfig | null {
    const configured = this.#events.findLast((event) => event.seq <= seq && event.type === "host.configured");
    return configured?.type === "host.configured" ? configured.data.board.firmware : null;
  }

  #answered(agentId: number, seq: number, status: number): Extract<LoggedEvent, { type: "smc.forwarded" }>[] {
    return this.#events.flatMap((event) => {
      if (event.type !== "smc.forwarded" || event.seq > seq) return [];
      const { request, response, xOut, caller } = event.data;
      if ((event.agentId ?? caller) !== agentId || request === null || response === null || xOut[0] !== 0n)
        return [];
      if ((response.channelStatus & 3) !== 1 || response.payload.length < 4) return [];
      return viewOf(response.payload).getInt32(0, true) === status ? [event] : [];
    });
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isListed({ agents, devices }: FirmwareConfig, agentId: number, deviceId: number): boolean {
  return agents.some(({ id }) => id === agentId) && devices.some(({ id }) => id === deviceId);
}

/** Messages that do something with a resource: protocol, message, the byte where its id is, and how devices list it. */
const USES = [
  [0x11, 0x4, 4, "powerDomains"],
  [0x13, 0x5, 0, "performanceDomains"],
  [0x13, 0x7, 0, "performanceDomains"],
  [0x14, 0x5, 4, "clocks"],
  [0x14, 0x7, 0, "clocks"],
  [0x14, 0xd, 0, "clocks"],
  [0x15, 0x5, 0, "sensors"],
  [0x15, 0x6, 0, "sensors"],
  [0x15, 0xa, 0, "sensors"],
  [0x16, 0x4, 0, "resets"],
  [0x17, 0x5, 0, "voltageDomains"],
  [0x17, 0x7, 0, "voltageDomains"],
  [0x18, 0x5, 0, "powerCaps"],
  [0x18, 0x7, 0, "powerCaps"],
] as const;

test("the answers are those of a fold over all events, at any moment, whatever happened", {
  timeout: 300_000,
}, async () => {
  const hosts = await Promise.all([
    twoGuests(),
    talking(),
    twoGuests({ profile: "ref" }),
    twoGuests({
      supports: {
        discoverAgent: true,
        setDevicePermissions: true,
        setProtocolPermissions: false,
        resetAgentConfiguration: false,
      },
    }),
    twoGuests({}, { version: "v8" }),
  ]);
  let asked = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = new Random(seed);
    const recording = new Recording(hosts[seed % hosts.length] as (typeof hosts)[0], { projected: true });
    for (let i = 0; i < COMMANDS; i += 1) {
      recording.do(randomCommand(random, recording.machine.state, hosts));
      if (random.chance(10)) recording.project();
    }
    recording.project();
    const { db } = recording;
    const brute = new BruteForce(new LogReader(db));
    for (let i = 0; i < QUESTIONS / 5; i += 1) {
      const seq = random.below(brute.head + 1);
      const agentId = random.below(4);
      const deviceId = random.below(5);
      const allowed = brute.isAllowed(agentId, deviceId, seq);
      const place = `seed ${seed}, agent ${agentId}, device ${deviceId}, event ${seq}`;

      const holders = whoHas(db, deviceId, seq);
      const firmware = brute.firmwareAt(seq);
      const isPair = firmware !== null && isListed(firmware, agentId, deviceId);
      const one = holders.find((holder) => holder.agentId === agentId);
      expect(one !== undefined, place).toBe(
        allowed && firmware?.agents.some(({ id }) => id === agentId) === true,
      );
      if (one !== undefined) expect(one.domid, place).toBe(brute.holder(agentId, seq));

      const then = random.below(brute.head + 1);
      const difference = permissionsDiff(db, seq, then).find(
        (diff) => diff.agentId === agentId && diff.deviceId === deviceId,
      );
      const later = brute.isAllowed(agentId, deviceId, then);
      expect([difference?.before ?? later, difference?.after ?? allowed], place).toEqual([allowed, later]);

      const listed = denials(db, { agentId, fromSeq: 1, toSeq: seq, limit: 100_000 }).items;
      expect(
        listed.map((denial) => denial.seq),
        place,
      ).toEqual(brute.denied(agentId, seq));

      const use = permissionUse(db, seq, { limit: 1, onlyAgent: agentId, onlyDevice: deviceId }).items[0];
      if (isPair && (use !== undefined || allowed)) {
        const used = brute.used(agentId, deviceId, seq);
        expect(use, place).toMatchObject({
          allowed,
          uses: used.length,
          firstUse: used[0] ?? null,
          lastUse: used.at(-1) ?? null,
        });
      }
      asked += 5;

      const open = exposures(db, { at: seq, agentId, deviceId, open: true, limit: 10 }).items;
      expect(open.length === 1, place).toBe(allowed && !brute.isWanted(agentId, deviceId, seq));
    }
    db.close();
  }
  expect(asked).toBeGreaterThanOrEqual(10_000);
});
