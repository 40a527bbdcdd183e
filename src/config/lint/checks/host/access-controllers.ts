import { hexWord } from "#base/hex.ts";
import { accessControllers } from "../../../device-tree/access-controllers.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import { isCompatible, readU32, wholeCells } from "../../../device-tree/property.ts";
import type { Check } from "../../check.ts";
import type { LintInput, LintTree } from "../../input.ts";
import { once } from "../../once.ts";

const PROPERTY = "access-controllers";
const CELLS = "#access-controller-cells";

/** What a device's list says, entry for entry, as far as it can be walked. */
interface Control {
  readonly device: DtNode;
  readonly entries: readonly { readonly provider: DtNode; readonly args: readonly number[] }[];
  /** Where the walk ended before its time, or null: it did not. */
  readonly broken: {
    readonly entry: number;
    readonly provider: DtNode | null;
    readonly phandle: number;
    readonly isCut: boolean;
  } | null;
}

const controlsOf: (input: LintInput) => readonly Control[] = once(({ host }) =>
  host === null
    ? []
    : host.tree.nodes
        .filter(({ properties }) => properties.has(PROPERTY))
        .map((device) => readControl(host, device)),
);

function readControl({ tree }: LintTree, device: DtNode): Control {
  const { entries, endedEarly } = accessControllers(tree, device);
  if (!endedEarly) return { device, entries, broken: null };
  const cells = wholeCells(device.properties.get(PROPERTY) ?? new Uint8Array());
  const at = entries.reduce((sum, { args }) => sum + 1 + args.length, 0);
  const phandle = cells[at];
  const provider = phandle === undefined ? null : (tree.nodeByPhandle(phandle) ?? null);
  const isCut = phandle === undefined || (provider !== null && readU32(provider, CELLS) !== null);
  return { device, entries, broken: { entry: entries.length + 1, provider, phandle: phandle ?? 0, isCut } };
}

/** The devices that the management node controls, as Xen will find them, each with its SCMI device ids. */
export function controlledDevices(input: LintInput): { device: DtNode; ids: readonly number[] }[] {
  const management = input.binding?.management ?? null;
  if (management === null) return [];
  return controlsOf(input).flatMap(({ device, entries }) => {
    const own = entries.filter(({ provider }) => provider === management);
    return own.length === 0 ? [] : [{ device, ids: own.map(({ args }) => args[0] ?? 0) }];
  });
}

/** MA025: devices that name an SCMI node of which Xen's driver knows nothing. */
export const foreignController: Check = (input, report) => {
  const { host, binding } = input;
  const management = binding?.management ?? null;
  if (host === null || management === null) return;
  const candidates = new Set(binding?.candidates);
  for (const { device, entries, broken } of controlsOf(input)) {
    const named = [
      ...entries.map(({ provider }) => provider),
      ...(broken?.provider ? [broken.provider] : []),
    ];
    const foreign = named.find((node) => isCompatible(node, "arm,scmi-smc") && !candidates.has(node));
    // A device may name both: one for a bare-metal kernel, one for Xen.
    if (foreign === undefined || entries.some(({ provider }) => provider === management)) continue;
    report("MA025", host.locate(device, PROPERTY), {
      device: device.path,
      host: foreign.path,
      management: management.path,
    });
  }
};

/** MA026: devices name the management node, which does not say how their ids are written. */
export const controllerCells: Check = (input, report) => {
  const { host, binding } = input;
  const management = binding?.management ?? null;
  if (host === null || management === null) return;
  const cells = readU32(management, CELLS);
  if (cells === 1 || (cells === null && host.unknown.has(management))) return;
  const isNamed = controlsOf(input).some(
    ({ entries, broken }) =>
      broken?.provider === management || entries.some(({ provider }) => provider === management),
  );
  if (!isNamed) return;
  const what =
    cells === null
      ? "has no `#access-controller-cells`: permissions are never sent"
      : `has \`#access-controller-cells = <${cells}>\`: ${cells === 0 ? "Xen has no device id to ask for" : "only the first cell is taken as the device id"}`;
  report("MA026", host.locate(management, CELLS), { node: management.path, what });
};

/** MA027: entries that Xen never sees, as the walk ends before them without a word. */
export const brokenEntries: Check = (input, report) => {
  const { host, binding } = input;
  if (host === null || binding === null) return;
  for (const { device, broken } of controlsOf(input)) {
    if (broken === null) continue;
    const { entry, provider, phandle, isCut } = broken;
    // What lacks its cells is told once, at the management node, or is the wrong node altogether.
    if (provider !== null && !isCut && isCompatible(provider, "arm,scmi-smc")) continue;
    if (provider !== null && !isCut && host.unknown.has(provider)) continue;
    if (provider === null && !isCut && phandle !== 0 && !host.whole) continue;
    const why = isCut
      ? "is cut off"
      : provider !== null
        ? `names ${provider.path}, which has no \`${CELLS}\``
        : phandle === 0
          ? "has phandle 0"
          : `has phandle ${hexWord(phandle)}, which is no node's`;
    report("MA027", host.locate(device, PROPERTY), { device: device.path, entry, why });
  }
};

/** MA028: devices that the firmware cannot tell apart. */
export const sharedDeviceIds: Check = (input, report) => {
  const { host } = input;
  if (host === null) return;
  const owners = new Map<number, DtNode>();
  for (const { device, ids } of controlledDevices(input)) {
    for (const id of new Set(ids)) {
      const owner = owners.get(id);
      if (owner === undefined) owners.set(id, device);
      else report("MA028", host.locate(device, PROPERTY), { a: owner.path, b: device.path, id });
    }
  }
};
