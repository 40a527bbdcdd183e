import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

/** Every domain that ever was, and the devices assigned to each. */
export const domains: Projection = {
  name: "domains",
  version: 1,
  tables: ["domains", "domain_devices"],
  open(db, table) {
    const name = table("domains");
    const add = db.prepare(`
      INSERT INTO ${name} (created_seq, epoch, domid, uuid, name, origin, state, sci_type, agent_id, config, destroyed_seq)
      VALUES (?, ?, ?, ?, ?, ?, 'running', ?, ?, ?, NULL)
    `);
    // A domid's last holder is the only one that can be alive.
    const holder = db.prepare<[number], { createdSeq: number; destroyedSeq: number | null }>(`
        SELECT created_seq AS createdSeq, destroyed_seq AS destroyedSeq
        FROM ${name} WHERE domid = ? ORDER BY created_seq DESC LIMIT 1
      `);
    const setState = db.prepare<[string, number]>(`UPDATE ${name} SET state = ? WHERE created_seq = ?`);
    const rename = db.prepare<[string, string | null, number]>(
      `UPDATE ${name} SET name = ?, uuid = coalesce(?, uuid) WHERE created_seq = ?`,
    );
    const end = db.prepare<[number, number]>(`
      UPDATE ${name} SET state = 'destroyed', destroyed_seq = ? WHERE created_seq = ?
    `);
    const endAll = db.prepare<[number]>(`
      UPDATE ${name} SET state = 'destroyed', destroyed_seq = ? WHERE state IN ('running', 'shutdown', 'dying')
    `);
    const assign = db.prepare<[number, string, number, string, number]>(`
      INSERT OR REPLACE INTO ${table("domain_devices")} (created_seq, path, domid, device_ids, seq) VALUES (?, ?, ?, ?, ?)
    `);

    /** The live domain of a domid by its key, or null. */
    function live(domid: number | null): number | null {
      const last = domid === null ? undefined : holder.get(domid);
      return last === undefined || last.destroyedSeq !== null ? null : last.createdSeq;
    }

    return guardedWriter(db, table, {
      name: "domains",
      handlers: {
        "host.configured": null,
        "host.booted": ({ seq }) => void endAll.run(seq),
        "mediator.probed": null,
        "mediator.probe-failed": null,
        "domain.created": ({ seq, epoch, domid, data }) => {
          const { uuid, name, origin, config, agent } = data;
          const text = canonicalJson(config as unknown as Json);
          add.run(seq, epoch, domid, uuid, name, origin, config.sci.type, agent, text);
        },
        "domain.creation-refused": null,
        "domain.destroyed": ({ seq, domid }) => {
          const key = live(domid);
          if (key !== null) end.run(seq, key);
        },
        "domain.destroy-refused": ({ domid, data }) => {
          const key = data.dying ? live(domid) : null;
          if (key !== null) setState.run("dying", key);
        },
        "domain.shutdown": ({ domid, data }) => {
          const key = live(domid);
          if (key === null) return;
          setState.run("shutdown", key);
          if (data.renamedTo !== undefined) rename.run(data.renamedTo, data.newUuid ?? null, key);
        },
        "device.assigned": ({ seq, domid, data }) => {
          const key = live(domid);
          if (key === null || domid === null) return;
          assign.run(key, data.path, domid, JSON.stringify(data.deviceIds), seq);
        },
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
