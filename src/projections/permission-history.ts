import { defaultAccess, isDefaultSql } from "./default-access.ts";
import { mayChangePermissions, type PermissionChange, permissionChanges } from "./permission-changes.ts";
import { type EventOf, guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

interface Interval {
  readonly fromSeq: number;
  readonly allowed: number;
}

/**
 * Who had which device when: a rule row a boot for its defaults, and an interval for each permission that differed from them.
 * Whatever the permissions were at a moment is one SQL query over the two.
 */
export const permissionHistory: Projection = {
  name: "permission_history",
  version: 1,
  tables: [
    "permission_boards",
    "permission_agents",
    "permission_devices",
    "permission_rules",
    "permission_history",
    "permission_holders",
  ],
  open(db, table) {
    const history = table("permission_history");
    const rules = table("permission_rules");
    const holders = table("permission_holders");

    const addBoard = db.prepare<[number]>(
      `INSERT INTO ${table("permission_boards")} (configured_seq) VALUES (?)`,
    );
    const addAgent = db.prepare<[number, number]>(
      `INSERT INTO ${table("permission_agents")} (configured_seq, agent_id) VALUES (?, ?)`,
    );
    const addDevice = db.prepare<[number, number, number, string]>(
      `INSERT INTO ${table("permission_devices")} (configured_seq, device_id, everyone, agents) VALUES (?, ?, ?, ?)`,
    );
    const newestBoard = db
      .prepare<[], number | null>(`SELECT max(configured_seq) FROM ${table("permission_boards")}`)
      .pluck();

    const currentBoard = db
      .prepare<[], number | null>(`SELECT configured_seq FROM ${rules} ORDER BY from_seq DESC LIMIT 1`)
      .pluck();
    const endRule = db.prepare<[number, number]>(
      `UPDATE ${rules} SET to_seq = ?, to_time = ? WHERE to_seq IS NULL`,
    );
    const beginRule = db.prepare<[number, number, number | null, number | null]>(
      `INSERT INTO ${rules} (from_seq, from_time, configured_seq, replaces) VALUES (?, ?, ?, ?)`,
    );

    const holderOf = db.prepare<[number], number>(`SELECT domid FROM ${holders} WHERE agent_id = ?`).pluck();
    const hold = db.prepare<[number, number]>(
      `INSERT OR REPLACE INTO ${holders} (agent_id, domid) VALUES (?, ?)`,
    );
    const free = db.prepare<[number]>(`DELETE FROM ${holders} WHERE domid = ?`);
    const freeAll = db.prepare<[]>(`DELETE FROM ${holders}`);

    const isDefault = db
      .prepare<[{ board: number | null; agentId: number; deviceId: number }], number>(
        `SELECT ${isDefaultSql(table, { board: "@board", agent: "@agentId", device: "@deviceId" })}`,
      )
      .pluck();
    const openInterval = db.prepare<[number, number], Interval>(`
      SELECT from_seq AS fromSeq, allowed FROM ${history}
      WHERE agent_id = ? AND device_id = ? AND to_seq IS NULL
    `);
    const begin = db.prepare(`
      INSERT INTO ${history} (agent_id, device_id, from_seq, allowed, was, from_time, from_domid) VALUES (?, ?, ?, ?, ?, ?, ?)
    `);
    const end = db.prepare(`
      UPDATE ${history} SET to_seq = ?, to_time = ?, to_domid = ?, becomes = ?
      WHERE agent_id = ? AND device_id = ? AND from_seq = ?
    `);
    // No domain outlives its host: what ends at a boot ends when none holds the agent.
    const endAll = db.prepare<[{ seq: number; time: number; board: number | null }]>(`
      UPDATE ${history} AS h SET to_seq = @seq, to_time = @time, becomes = ${isDefaultSql(table, { board: "@board", agent: "h.agent_id", device: "h.device_id" })}
      WHERE to_seq IS NULL
    `);

    function configured({ seq, data }: EventOf<"host.configured">): void {
      const { firmware } = data.board;
      addBoard.run(seq);
      for (const { id } of firmware.agents) addAgent.run(seq, id);
      for (const device of firmware.devices) {
        const { everyone, agents } = defaultAccess(firmware, device);
        addDevice.run(seq, device.id, everyone ? 1 : 0, JSON.stringify(agents));
      }
    }

    function booted({ seq, timeUs }: EventOf<"host.booted">): void {
      const board = newestBoard.get() ?? null;
      const replaces = currentBoard.get() ?? null;
      endAll.run({ seq, time: timeUs, board });
      endRule.run(seq, timeUs);
      beginRule.run(seq, timeUs, board, replaces);
      freeAll.run();
    }

    function change({ agentId, deviceId, allowed }: PermissionChange, seq: number, timeUs: number): void {
      const open = openInterval.get(agentId, deviceId);
      const value = allowed === null ? null : Number(allowed);
      if (open === undefined ? value === null : value === open.allowed) return;
      const domid = holderOf.get(agentId) ?? null;
      const board = currentBoard.get() ?? null;
      const defaultValue = isDefault.get({ board, agentId, deviceId }) ?? 0;
      if (open !== undefined) {
        const becomes = value === null ? defaultValue : null;
        end.run(seq, timeUs, domid, becomes, agentId, deviceId, open.fromSeq);
      }
      if (value !== null) {
        begin.run(agentId, deviceId, seq, value, open?.allowed ?? defaultValue, timeUs, domid);
      }
    }

    return guardedWriter(db, table, {
      name: "permission_history",
      concerns: mayChangePermissions,
      handlers: {
        "host.configured": configured,
        "host.booted": booted,
        "mediator.probed": () => void freeAll.run(),
        "mediator.probe-failed": ({ data }) => {
          if (data.listEmptied) freeAll.run();
        },
        "domain.created": ({ domid, data }) => {
          if (domid !== null && data.agent !== null) hold.run(data.agent, domid);
        },
        "domain.creation-refused": null,
        "domain.destroyed": ({ domid }) => {
          if (domid !== null) free.run(domid);
        },
        "domain.destroy-refused": null,
        "domain.shutdown": null,
        "device.assigned": null,
        "device.assignment-refused": null,
        "smc.forwarded": ({ seq, timeUs, data }) => {
          for (const changed of permissionChanges(data)) change(changed, seq, timeUs);
        },
        "smc.refused": null,
        "agent.reset": null,
        "scmi.completed": null,
        "p2a.acknowledged": null,
        "sensor.changed": null,
        ...OUTSIDE_THE_MACHINE,
      },
    });
  },
};
