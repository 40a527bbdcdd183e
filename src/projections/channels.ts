import { guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

/** Xen's channel table, in list order, with the owner of each channel. */
export const channels: Projection = {
  name: "channels",
  version: 1,
  tables: ["channels"],
  open(db, table) {
    const name = table("channels");
    const removeAll = db.prepare<[]>(`DELETE FROM ${name}`);
    const put = db.prepare<[number, number, number, number, "xen" | null]>(`
      INSERT OR REPLACE INTO ${name} (list_index, agent_id, func_id, shmem, owner) VALUES (?, ?, ?, ?, ?)
    `);
    const own = db.prepare<[number, number]>(`UPDATE ${name} SET owner = ? WHERE list_index = ?`);
    const free = db.prepare<[number]>(`UPDATE ${name} SET owner = NULL WHERE owner = ?`);

    return guardedWriter(db, table, {
      name: "channels",
      handlers: {
        "host.configured": null,
        "host.booted": () => void removeAll.run(),
        "mediator.probed": ({ data }) => {
          const isMulti = data.mode === "multi-agent";
          for (const [index, { agentId, funcId, shmem }] of data.channels.entries()) {
            put.run(index, agentId, funcId, shmem, isMulti && index === 0 ? "xen" : null);
          }
        },
        "mediator.probe-failed": ({ data }) => {
          if (data.listEmptied) removeAll.run();
          for (const [index, { agentId, funcId, shmem }] of (data.channels ?? []).entries()) {
            put.run(index, agentId, funcId, shmem, index === 0 ? "xen" : null);
          }
          if (data.channel === undefined) return;
          const { agentId, funcId, shmem } = data.channel;
          put.run(0, agentId, funcId, shmem, null);
        },
        "domain.created": ({ domid, data }) => {
          if (domid !== null && data.channel !== null) own.run(domid, data.channel);
        },
        "domain.creation-refused": null,
        "domain.destroyed": ({ domid }) => {
          if (domid !== null) free.run(domid);
        },
        "domain.destroy-refused": null,
        "domain.shutdown": null,
        "device.assigned": null,
        "device.assignment-refused": null,
        "smc.forwarded": null,
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
