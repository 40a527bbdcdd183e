import type { LoggedEvent } from "#events/logged.ts";
import { unpackHeader } from "#scmi/header.ts";
import { isDefaultSql } from "./default-access.ts";
import { mayChangePermissions, permissionChanges } from "./permission-changes.ts";
import { type EventOf, guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";
import { answeredStatus, wordAt } from "./use/answer.ts";

/** Why the firmware allows what it should not. */
export const EXPOSURE_CAUSES = [
  "reset-unsupported",
  "reset-refused",
  "reset-kept",
  "revoke-refused",
  "channel-stuck",
  "granted-along",
  "granted-by-agent",
  "domain-gone",
] as const;
export type ExposureCause = (typeof EXPOSURE_CAUSES)[number];

const BASE = 0x10;
const BASE_SET_DEVICE_PERMISSIONS = 0x9;
const SUCCESS = 0;

/**
 * Where the firmware allows more than it should. What it should is the board's defaults, and what Xen or an administrator granted
 * and has not wanted back: a revocation, a reset or the end of a domain is such a wish, whatever became of its message.
 *
 * It reads the tables of `permission_history`, which therefore comes first in the catalogue.
 */
export const exposures: Projection = {
  name: "exposures",
  version: 1,
  tables: ["permission_policy", "exposures"],
  open(db, table) {
    const policy = table("permission_policy");
    const name = table("exposures");
    const setPolicy = db.prepare<[number, number, number]>(
      `INSERT OR REPLACE INTO ${policy} (agent_id, device_id, allowed) VALUES (?, ?, ?)`,
    );
    const forgetPolicy = db.prepare<[number]>(`DELETE FROM ${policy} WHERE agent_id = ?`);
    const forgetAllPolicy = db.prepare<[]>(`DELETE FROM ${policy}`);
    /** Pairs that are not at their default now, or should not be. */
    const devicesOf = db
      .prepare<[{ agentId: number }], number>(`
        SELECT device_id FROM ${policy} WHERE agent_id = @agentId
        UNION SELECT device_id FROM ${table("permission_history")} WHERE agent_id = @agentId AND to_seq IS NULL
        ORDER BY device_id
      `)
      .pluck();
    const defaultSql = isDefaultSql(table, {
      board: `(SELECT configured_seq FROM ${table("permission_rules")} ORDER BY from_seq DESC LIMIT 1)`,
      agent: "@agentId",
      device: "@deviceId",
    });
    const states = db.prepare<[Pair], { isAllowed: number; isWanted: number }>(`
      SELECT
        coalesce(
          (SELECT allowed FROM ${table("permission_history")}
           WHERE agent_id = @agentId AND device_id = @deviceId AND to_seq IS NULL),
          ${defaultSql}) AS isAllowed,
        coalesce(
          (SELECT allowed FROM ${policy} WHERE agent_id = @agentId AND device_id = @deviceId),
          ${defaultSql}) AS isWanted
    `);
    const holderOf = db
      .prepare<[number], number>(`SELECT domid FROM ${table("permission_holders")} WHERE agent_id = ?`)
      .pluck();
    const open = db
      .prepare<[number, number], number>(
        `SELECT from_seq FROM ${name} WHERE agent_id = ? AND device_id = ? AND to_seq IS NULL`,
      )
      .pluck();
    const begin = db.prepare(`
      INSERT OR IGNORE INTO ${name} (agent_id, device_id, from_seq, from_time, domid, cause) VALUES (?, ?, ?, ?, ?, ?)
    `);
    const end = db.prepare(
      `UPDATE ${name} SET to_seq = ?, to_time = ? WHERE agent_id = ? AND device_id = ? AND to_seq IS NULL`,
    );
    const endAll = db.prepare(`UPDATE ${name} SET to_seq = ?, to_time = ? WHERE to_seq IS NULL`);
    const commandOf = db.prepare<[number], { kind: string; input: string | null }>(
      "SELECT kind, input FROM commands WHERE id = ?",
    );

    /** Begins or ends the pair's exposure, as what is and what should be have become. */
    function judge(pair: Pair, at: Moment, cause: ExposureCause): void {
      const { agentId, deviceId } = pair;
      const { isAllowed, isWanted } = states.get(pair) ?? { isAllowed: 0, isWanted: 0 };
      const isExposed = isAllowed === 1 && isWanted === 0;
      const isOpen = open.get(agentId, deviceId) !== undefined;
      if (isExposed && !isOpen) {
        begin.run(agentId, deviceId, at.seq, at.timeUs, at.domid ?? holderOf.get(agentId) ?? null, cause);
      } else if (!isExposed && isOpen) {
        end.run(at.seq, at.timeUs, agentId, deviceId);
      }
    }

    /** Nothing that was granted to an agent is wanted any more. */
    function withdraw(agentId: number, at: Moment, cause: ExposureCause): void {
      const devices = devicesOf.all({ agentId });
      forgetPolicy.run(agentId);
      for (const deviceId of devices) judge({ agentId, deviceId }, at, cause);
    }

    function forwarded(event: EventOf<"smc.forwarded">): void {
      const { data } = event;
      const isXens = data.origin === "xen";
      const named = isXens ? namedPair(data) : null;
      if (named !== null) {
        const { allowed, ...pair } = named;
        const isDone = answeredStatus(data) === SUCCESS;
        // A grant that was refused changes nothing; a revocation that was refused is wanted all the same.
        if (isDone || !allowed) setPolicy.run(pair.agentId, pair.deviceId, allowed ? 1 : 0);
        judge(pair, { ...event, domid: null }, "revoke-refused");
      }
      for (const { agentId, deviceId } of permissionChanges(data)) {
        judge(
          { agentId, deviceId },
          { ...event, domid: null },
          isXens ? "granted-along" : "granted-by-agent",
        );
      }
    }

    /** Xen's channel was busy: what it would have said is in the command. */
    function refused(event: EventOf<"smc.refused">): void {
      if (event.data.origin !== "xen") return;
      const { kind, input } = commandOf.get(event.commandId) ?? {};
      if (kind !== "permission.set" || input == null) return;
      const { agentId, deviceId, allowed } = JSON.parse(input) as Pair & { readonly allowed: boolean };
      if (allowed) return;
      setPolicy.run(agentId, deviceId, 0);
      judge({ agentId, deviceId }, { ...event, domid: null }, "channel-stuck");
    }

    function reset(event: EventOf<"agent.reset">): void {
      const { agentId, commandId, data } = event;
      if (agentId === null) return;
      if (data.cause === "request") {
        const { input } = commandOf.get(commandId) ?? {};
        const { permissions } = JSON.parse(input ?? "{}") as { readonly permissions?: boolean };
        if (permissions !== true) return;
      }
      withdraw(agentId, { ...event, domid: event.domid }, causeOf(data));
    }

    return guardedWriter(db, table, {
      name: "exposures",
      concerns: (event) => isXens(event) || (event.type !== "smc.refused" && mayChangePermissions(event)),
      handlers: {
        "host.configured": null,
        "host.booted": ({ seq, timeUs }) => {
          forgetAllPolicy.run();
          endAll.run(seq, timeUs);
        },
        "mediator.probed": null,
        "mediator.probe-failed": null,
        "domain.created": null,
        "domain.creation-refused": null,
        "domain.destroyed": (event) => {
          if (event.agentId !== null) withdraw(event.agentId, event, "domain-gone");
        },
        "domain.destroy-refused": (event) => {
          if (event.agentId !== null && event.data.dying) withdraw(event.agentId, event, "reset-refused");
        },
        "domain.shutdown": null,
        "device.assigned": null,
        "device.assignment-refused": null,
        "smc.forwarded": forwarded,
        "smc.refused": refused,
        "agent.reset": reset,
        "scmi.completed": null,
        "p2a.acknowledged": null,
        "sensor.changed": null,
        ...OUTSIDE_THE_MACHINE,
      },
    });
  },
};

interface Pair {
  readonly agentId: number;
  readonly deviceId: number;
}

interface Moment {
  readonly seq: number;
  readonly timeUs: number;
  readonly domid: number | null;
}

/** The pair that a BASE_SET_DEVICE_PERMISSIONS names, and whether it is to be allowed; null: it is another message. */
function namedPair({
  request,
}: EventOf<"smc.forwarded">["data"]): (Pair & { readonly allowed: boolean }) | null {
  if (request === null) return null;
  const { protocolId, messageId } = unpackHeader(request.header);
  if (protocolId !== BASE || messageId !== BASE_SET_DEVICE_PERMISSIONS) return null;
  const [agentId, deviceId, flags] = [0, 4, 8].map((offset) => wordAt(request.payload, offset));
  if (agentId === undefined || deviceId === undefined || flags === undefined) return null;
  return { agentId: agentId >>> 0, deviceId: deviceId >>> 0, allowed: (flags & 1) === 1 };
}

/** Whether Xen spoke, or would have, of permissions. */
function isXens(event: LoggedEvent): boolean {
  if (event.type === "smc.refused") return event.data.origin === "xen";
  return event.type === "smc.forwarded" && event.data.origin === "xen" && namedPair(event.data) !== null;
}

/** Why a reset left permissions behind, if it did. */
function causeOf({ status, errno }: EventOf<"agent.reset">["data"]): ExposureCause {
  if (status === null) return "channel-stuck";
  if (status === "NOT_SUPPORTED") return "reset-unsupported";
  return errno === null ? "reset-kept" : "reset-refused";
}
