import { type BindingForm, FORM_READERS, type FormReader } from "#config/binding/forms.ts";
import type { SeriesVersion } from "#config/board.ts";
import type { Host } from "../context.ts";
import { atLeast } from "../versions.ts";

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

/**
 * The version by which a host's binding is read. The first rules read every tree as v10 does, whatever the version: hosts that
 * were configured by them go on so.
 */
export function bindingVersion({ board, rules }: Host): SeriesVersion {
  return rules >= 2 ? board.xen.version : "v10";
}

/** What a version's Xen makes of a tree. */
export interface Recognised {
  readonly version: SeriesVersion;
  readonly reader: FormReader;
  /**
   * Whether an old version reads a tree of today's form, because the tree has nothing of the version's own. No real Xen of these
   * versions does; it is there to compare versions on one tree.
   */
  readonly isLenient: boolean;
}

/** Which form of the binding this host's Xen reads. From v7 on, and in the shipping product, nothing but its own. */
export function recognised(host: Host): Recognised {
  const version = bindingVersion(host);
  const own = FORM_READERS[OWN_FORM[version]];
  const mayBeLenient = version !== "bsp" && !atLeast(version, "v7");
  const newest = FORM_READERS["xen,sci"];
  const isLenient = mayBeLenient && own.marker(host.tree) === null && newest.marker(host.tree) !== null;
  return { version, reader: isLenient ? newest : own, isLenient };
}
