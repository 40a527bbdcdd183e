import type { SeriesVersion } from "../board/board.ts";
import type { DeviceTree } from "../device-tree/device-tree.ts";
import { atLeast } from "../xen/series-version.ts";
import { type BindingForm, FORM_READERS, type FormReader } from "./forms.ts";

/** The form that each version of the series is written for. */
const OWN_FORM: { readonly [Version in SeriesVersion]: BindingForm } = {
  bsp: "bsp",
  v3: "rfc",
  v4: "rfc",
  v5: "xen,config",
  v6: "xen,config",
  v7: "xen,sci",
  v8: "xen,sci",
  v9: "xen,sci",
  v10: "xen,sci",
  v11: "xen,sci",
};

/** The form of the binding that a version's Xen reads. */
export function ownForm(version: SeriesVersion): BindingForm {
  return OWN_FORM[version];
}

/** What a version's Xen makes of a tree. */
export interface Recognised {
  readonly reader: FormReader;
  /**
   * Whether an old version reads a tree of today's form, because the tree has nothing of the version's own. No real Xen of these
   * versions does; it is there to compare versions on one tree.
   */
  readonly isLenient: boolean;
}

/** Which form of the binding a version's Xen reads in a tree. From v7 on, and in the shipping product, nothing but its own. */
export function recognise(tree: DeviceTree, version: SeriesVersion): Recognised {
  const own = FORM_READERS[OWN_FORM[version]];
  const mayBeLenient = version !== "bsp" && !atLeast(version, "v7");
  const newest = FORM_READERS["xen,sci"];
  const isLenient = mayBeLenient && own.marker(tree) === null && newest.marker(tree) !== null;
  return { reader: isLenient ? newest : own, isLenient };
}

/**
 * The version by which a host's binding is read. The first rules read every tree as v10 does, whatever the version: hosts that
 * were configured by them go on so.
 */
export function bindingVersion(version: SeriesVersion, rules: number): SeriesVersion {
  return rules >= 2 ? version : "v10";
}
