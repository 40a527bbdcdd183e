import { canonicalJson, type Json } from "#base/canonical-json.ts";
import type { DeviceConfig } from "#config/board/board.ts";
import { devicePaths } from "./device-paths.ts";
import { guardedWriter, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";

/** The SCMI devices of the board, and the device-tree nodes that are bound to each. */
export const devices: Projection = {
  name: "devices",
  version: 1,
  tables: ["devices", "device_paths"],
  open(db, table) {
    const removeDevices = db.prepare<[]>(`DELETE FROM ${table("devices")}`);
    const removePaths = db.prepare<[]>(`DELETE FROM ${table("device_paths")}`);
    const add = db.prepare<[number, string, string]>(`
      INSERT INTO ${table("devices")} (device_id, name, resources) VALUES (?, ?, ?)
    `);
    const addPath = db.prepare<[number, string, string, number]>(`
      INSERT OR IGNORE INTO ${table("device_paths")} (device_id, path, provider, bound) VALUES (?, ?, ?, ?)
    `);
    const bind = db.prepare<[string]>(`
      UPDATE ${table("device_paths")} SET bound = (lower(provider) = lower(?))
    `);

    return guardedWriter(db, table, {
      name: "devices",
      handlers: {
        "host.configured": ({ data }) => {
          removeDevices.run();
          removePaths.run();
          for (const device of data.board.firmware.devices) {
            add.run(device.id, device.name, canonicalJson(resourcesOf(device)));
          }
          for (const { deviceId, path, provider, isExpected } of devicePaths(data)) {
            addPath.run(deviceId, path, provider, isExpected ? 1 : 0);
          }
        },
        "host.booted": null,
        "mediator.probed": ({ data }) => void bind.run(data.node),
        // From there on the failed node is what assignment takes for the access controller.
        "mediator.probe-failed": ({ data }) => {
          if (data.listEmptied) bind.run(data.node);
        },
        "domain.created": null,
        "domain.creation-refused": null,
        "domain.destroyed": null,
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

/** Everything that a device groups, by kind: whatever kinds of resources boards come to have. */
function resourcesOf(device: DeviceConfig): Json {
  const { id, name, defaultAccess, staticOwner, ...resources } = device;
  return resources as unknown as Json;
}
