import type { DeviceTree, DtNode } from "../../../device-tree/device-tree.ts";
import { isProtected } from "../../../device-tree/iommu.ts";
import { foldCase } from "../../../xen/fold-case.ts";
import { quote } from "../../../xlcfg/issues.ts";
import { leavesScmiToGuest } from "../../../xlcfg/passthrough-option.ts";
import type { Check } from "../../check.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import type { LintGuest, LintInput } from "../../input.ts";
import { saidMediator } from "../../mediator.ts";

/** XL009: the domctl finds a device by its full path only. */
export const dtdevPaths: Check = ({ guests, host }, report) => {
  if (host === null || !host.whole) return;
  const nearest = new Nearest(host.tree);
  for (const guest of guests) {
    for (const [index, path] of (guest.config?.dtdev ?? []).entries()) {
      if (host.tree.nodeByPath(path) !== undefined) continue;
      const meant = nearest.to(path);
      report("XL009", settingPlace(guest, "dtdev", index), {
        path: quote(path),
        domain: guestName(guest),
        meant: meant === null ? "" : ` Did you mean ${meant}?`,
      });
    }
  }
};

/** Finds what a path may have been meant for. */
class Nearest {
  readonly #tree: DeviceTree;
  #byBarePath: Map<string, string> | null = null;
  /** Null: several nodes have the name. */
  readonly #byName = new Map<string, string | null>();

  constructor(tree: DeviceTree) {
    this.#tree = tree;
  }

  /** The node that has the path but for its unit addresses, or else the only one with the last name of it. */
  to(path: string): string | null {
    this.#byBarePath ??= this.#index();
    return this.#byBarePath.get(withoutUnits(path)) ?? this.#byName.get(nameOf(path)) ?? null;
  }

  #index(): Map<string, string> {
    const byBarePath = new Map<string, string>();
    for (const { path, name } of this.#tree.nodes) {
      const [bare, folded] = [withoutUnits(path), foldCase(name)];
      if (!byBarePath.has(bare)) byBarePath.set(bare, path);
      this.#byName.set(folded, this.#byName.has(folded) ? null : path);
    }
    return byBarePath;
  }
}

function withoutUnits(path: string): string {
  return foldCase(path).replaceAll(/@[^/]*/g, "");
}

function nameOf(path: string): string {
  return foldCase(path.slice(path.lastIndexOf("/") + 1));
}

/** XL015: behind an IOMMU a device has one owner. Of other devices Xen does not mind, and the firmware may or may not. */
export const sharedDevices: Check = ({ guests, host, xen }, report) => {
  if (host === null || xen.iommu === false) return;
  const owners = new Map<DtNode, LintGuest>();
  for (const guest of guests) {
    for (const [index, path] of (guest.config?.dtdev ?? []).entries()) {
      const node = host.tree.nodeByPath(path);
      if (node === undefined || !isProtected(host.tree, node)) continue;
      const owner = owners.get(node);
      if (owner === undefined) owners.set(node, guest);
      else {
        const told = { path, domain: guestName(guest), owner: `${guestName(owner)} (${owner.file})` };
        report("XL015", settingPlace(guest, "dtdev", index), told);
      }
    }
  }
};

/** XL011, XL012: the type against what this Xen has. */
export const typeOfMediator: Check = (input, report) => {
  const mediator = saidMediator(input);
  for (const guest of input.guests) {
    const type = guest.config?.sci.type ?? "none";
    if (type === "none") continue;
    const [place, domain] = [settingPlace(guest, "arm_sci"), guestName(guest)];
    const wanted = type === "scmi_smc" ? "single-agent" : "multi-agent";
    if (mediator !== null && mediator !== wanted) report("XL011", place, { domain, type, mediator });
    else if (type === "scmi_smc" && keepsScmi(input, mediator)) report("XL012", place, { domain });
  }
};

/** Whether dom0 owns SCMI with the single-agent mediator: the command line is known, and does not leave it to a guest. */
function keepsScmi({ xen }: LintInput, mediator: LintInput["xen"]["mediator"] | null): boolean {
  const isKnown = mediator === "single-agent" || xen.cmdlinePlace !== null;
  return isKnown && !leavesScmiToGuest(xen.cmdline, xen.version);
}
