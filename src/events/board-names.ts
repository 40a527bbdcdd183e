import type { FirmwareConfig } from "#config/board/board.ts";
import { resourceList, resourceName } from "#config/board/resource-names.ts";
import type { Decoded, Names } from "#scmi/describe.ts";

/** Profiles whose every DENIED of a command about a resource comes from the devices that list the resource. */
const GUARDED_BY_DEVICES: readonly string[] = ["v32", "ref", "ref-rpi5"];

const KNOWN = new WeakMap<FirmwareConfig, Names>();

/** What a board knows of the ids in messages. */
export function boardNames(firmware: FirmwareConfig): Names {
  const known = KNOWN.get(firmware);
  if (known !== undefined) return known;
  const names: Names = {
    of: (protocol, field, id) => resourceName(firmware, protocol, field, id),
    denial: (caller, protocol, message, request) => denial(firmware, caller, protocol, message, request),
  };
  KNOWN.set(firmware, names);
  return names;
}

function denial(
  firmware: FirmwareConfig,
  caller: number,
  protocol: string,
  message: string,
  request: Decoded,
): string | undefined {
  if (!GUARDED_BY_DEVICES.includes(firmware.profile)) return undefined;
  if (protocol === "base") {
    const isPermission = /^BASE_(SET|RESET)_/.test(message);
    return isPermission && !firmware.trustedAgents.includes(caller)
      ? `agent ${caller} is not trusted`
      : undefined;
  }
  const guards = Object.entries(request).flatMap(([field, id]) =>
    field === "agentId" || typeof id !== "number" ? [] : guardsOf(firmware, protocol, field, id),
  );
  if (guards.length === 0) return undefined;
  const [device, are] = guards.length === 1 ? ["device", "is"] : ["devices", "are"];
  const which = firmware.supports.setProtocolPermissions ? ` for ${protocol}` : "";
  return `${device} ${[...new Set(guards)].join(", ")} ${are} not granted to agent ${caller}${which}`;
}

/** Names of the devices that list what a field names: who may use one of them may change it. */
function guardsOf(firmware: FirmwareConfig, protocol: string, field: string, id: number): string[] {
  const list = resourceList(protocol, field);
  if (list === undefined) return [];
  return firmware.devices
    .filter((device) => (device as unknown as Partial<Record<string, readonly number[]>>)[list]?.includes(id))
    .map(({ name, id: deviceId }) => name || String(deviceId));
}
