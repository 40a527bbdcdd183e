import { guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

/** The agents that the firmware lists: which is Xen's own, and which domain holds each. */
export const agents: Projection = {
  name: "agents",
  version: 1,
  tables: ["agents"],
  open(db, table) {
    const name = table("agents");
    const add = db.prepare<[number, string, number, number]>(`
      INSERT INTO ${name} (agent_id, name, func_id, shmem, role, domid) VALUES (?, ?, ?, ?, 'ospm', NULL)
    `);
    const removeAll = db.prepare<[]>(`DELETE FROM ${name}`);
    const restart = db.prepare<[]>(`UPDATE ${name} SET role = 'ospm', domid = NULL`);
    const appoint = db.prepare<[number]>(`
      UPDATE ${name} SET role = CASE agent_id WHEN ? THEN 'management' ELSE 'ospm' END, domid = NULL
    `);
    const freeAll = db.prepare<[]>(`UPDATE ${name} SET domid = NULL`);
    const hold = db.prepare<[number, number]>(`UPDATE ${name} SET domid = ? WHERE agent_id = ?`);
    const free = db.prepare<[number]>(`UPDATE ${name} SET domid = NULL WHERE domid = ?`);

    return guardedWriter(db, table, {
      name: "agents",
      handlers: {
        "host.configured": ({ data }) => {
          removeAll.run();
          for (const { id, name, funcId, shmem } of data.board.firmware.agents) {
            add.run(id, name, funcId, shmem);
          }
        },
        "host.booted": () => void restart.run(),
        "mediator.probed": ({ data }) => {
          if (data.mode === "multi-agent") appoint.run(data.managementAgent);
        },
        "mediator.probe-failed": ({ data }) => {
          if (data.listEmptied) freeAll.run();
          const [management] = data.channels ?? [];
          if (management !== undefined) appoint.run(management.agentId);
        },
        "domain.created": ({ domid, data }) => {
          if (domid !== null && data.agent !== null) hold.run(domid, data.agent);
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
