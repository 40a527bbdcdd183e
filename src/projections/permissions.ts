import { mayChangePermissions, permissionChanges } from "./permission-changes.ts";
import { guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

/** The permissions that differ now from those at power-on. */
export const permissions: Projection = {
  name: "permissions",
  version: 1,
  tables: ["permissions"],
  open(db, table) {
    const name = table("permissions");
    const removeAll = db.prepare<[]>(`DELETE FROM ${name}`);
    const remove = db.prepare<[number, number]>(`DELETE FROM ${name} WHERE agent_id = ? AND device_id = ?`);
    const put = db.prepare<[number, number, number, number]>(`
      INSERT INTO ${name} (agent_id, device_id, allowed, since_seq) VALUES (?, ?, ?, ?)
      ON CONFLICT (agent_id, device_id) DO UPDATE SET allowed = excluded.allowed, since_seq = excluded.since_seq
        WHERE excluded.allowed <> allowed
    `);

    return guardedWriter(db, table, {
      name: "permissions",
      concerns: mayChangePermissions,
      handlers: {
        "host.configured": null,
        "host.booted": () => void removeAll.run(),
        "mediator.probed": null,
        "mediator.probe-failed": null,
        "domain.created": null,
        "domain.creation-refused": null,
        "domain.destroyed": null,
        "domain.destroy-refused": null,
        "domain.shutdown": null,
        "device.assigned": null,
        "device.assignment-refused": null,
        "smc.forwarded": ({ seq, data }) => {
          for (const { agentId, deviceId, allowed } of permissionChanges(data)) {
            if (allowed === null) remove.run(agentId, deviceId);
            else put.run(agentId, deviceId, allowed ? 1 : 0, seq);
          }
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
