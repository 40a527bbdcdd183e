import type { DtNode } from "../../../device-tree/device-tree.ts";
import { isCompatible, wholeCells } from "../../../device-tree/property.ts";
import { passthroughNodes } from "../../../dom0less/passthrough-nodes.ts";
import { foldCase } from "../../../xen/fold-case.ts";
import type { Check } from "../../check.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import type { LintGuest, LintInput, LintTree } from "../../input.ts";
import { controlledDevices } from "./access-controllers.ts";

/** Properties that name what a device is fed by: where they do, and none of it is SCMI's, the device is not SCMI's either. */
const FEEDS = [
  "clocks",
  "resets",
  "power-domains",
  "pinctrl-0",
  "operating-points-v2",
  "assigned-clocks",
] as const;

/** MA029: devices that a guest gets and no permission is asked for. */
export const uncontrolledDevices: Check = (input, report) => {
  const { host, binding } = input;
  if (host === null || binding?.management == null) return;
  const told = new Set<DtNode>();
  for (const guest of guestsWithAgent(input)) {
    for (const device of assigned(host, guest)) {
      if (device.properties.has("access-controllers") || !mayBeScmis(host, device)) continue;
      told.add(device);
      report("MA029", host.locate(device), { device: device.path, domain: guestName(guest) });
    }
  }
  for (const device of host.tree.nodes) {
    if (told.has(device) || !isPassedDevice(device) || !mayBeScmis(host, device)) continue;
    report("MA029", host.locate(device), { device: device.path, domain: "a guest" });
  }
};

/** MA030: what is in a guest's own tree and under SCMI control, but will not be assigned. */
export const unassignedDevices: Check = (input, report) => {
  const { host } = input;
  if (host === null) return;
  const controlled = new Set(controlledDevices(input).map(({ device }) => device));
  const byName = new Map<string, DtNode | null>();
  for (const device of controlled) {
    const name = foldCase(device.name);
    // Names that two devices have say nothing.
    byName.set(name, byName.has(name) ? null : device);
  }
  for (const guest of guestsWithAgent(input)) {
    if (guest.partial === null) continue;
    const own = new Set(assigned(host, guest));
    for (const { node, device } of devicesOf(host, guest.partial, byName)) {
      if (own.has(device) || !controlled.has(device)) continue;
      report("MA030", guest.partial.locate(node), { device: device.path, domain: guestName(guest) });
    }
  }
};

/** MA031: devices that dom0 takes before the guest can have them. */
export const unmarkedDevices: Check = ({ host, guests }, report) => {
  if (host === null) return;
  for (const guest of guests) {
    (guest.config?.dtdev ?? []).forEach((path, index) => {
      const device = host.tree.nodeByPath(path);
      if (device === undefined || device.properties.has("xen,passthrough") || host.unknown.has(device))
        return;
      report("MA031", settingPlace(guest, "dtdev", index), { device: device.path, domain: guestName(guest) });
    });
  }
};

function guestsWithAgent({ guests }: LintInput): LintGuest[] {
  return guests.filter(({ config }) => config?.sci.type === "scmi_smc_multiagent");
}

/** The host's nodes that a guest's `dtdev` names. */
function assigned({ tree }: LintTree, { config }: LintGuest): DtNode[] {
  return (config?.dtdev ?? []).flatMap((path) => tree.nodeByPath(path) ?? []);
}

/** The host's devices that nodes of a partial tree stand for: by `xen,path`, or else by their name. */
function devicesOf(
  host: LintTree,
  partial: LintTree,
  byName: ReadonlyMap<string, DtNode | null>,
): { node: DtNode; device: DtNode }[] {
  const byPath = new Map(passthroughNodes(partial.tree).map(({ path, hostPath }) => [path, hostPath]));
  return partial.tree.nodes.flatMap((node) => {
    const hostPath = byPath.get(node.path) ?? null;
    const device = hostPath === null ? byName.get(foldCase(node.name)) : host.tree.nodeByPath(hostPath);
    return device == null || !node.path.startsWith("/passthrough/") ? [] : [{ node, device }];
  });
}

/** A node that guests get, which is a device: it has registers, and is no memory. */
function isPassedDevice(node: DtNode): boolean {
  const { properties } = node;
  return (
    properties.has("xen,passthrough") &&
    properties.has("reg") &&
    !properties.has("access-controllers") &&
    !isCompatible(node, "arm,scmi-shmem") &&
    !isCompatible(node, "arm,scmi-smc") &&
    !isCompatible(node, "mmio-sram") &&
    !/^(sram|memory|scmi[-_]shm\w*|reserved-memory)(@|$)/.test(node.name) &&
    node.parent?.name !== "reserved-memory"
  );
}

/** Whether a device may need SCMI: it names nothing that it is fed by, or something of an SCMI protocol. */
function mayBeScmis(host: LintTree, device: DtNode): boolean {
  const feeds = FEEDS.flatMap((name) => {
    const value = device.properties.get(name);
    return value === undefined ? [] : [value];
  });
  return feeds.length === 0 || feeds.some((value) => namesScmi(host, value));
}

/** Whether one of the cells is the phandle of a node of an SCMI protocol. A number that is no phandle may be taken for one. */
function namesScmi({ tree }: LintTree, value: Uint8Array): boolean {
  return wholeCells(value).some((cell) => {
    const node = tree.nodeByPhandle(cell);
    return node !== undefined && isScmiProtocol(node);
  });
}

function isScmiProtocol(node: DtNode): boolean {
  for (let above: DtNode | null = node; above !== null; above = above.parent) {
    if (isCompatible(above, "arm,scmi-smc")) return true;
  }
  return false;
}
