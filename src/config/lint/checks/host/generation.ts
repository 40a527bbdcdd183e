import { type BindingForm, FORM_READERS } from "../../../binding/forms.ts";
import { bindingForms } from "../../../binding/read-binding.ts";
import type { SeriesVersion } from "../../../board.ts";
import { atLeast } from "../../../series-version.ts";
import type { Check } from "../../check.ts";

interface OldForm {
  readonly what: string;
  readonly generation: string;
  /** The property that makes it, or null: the node itself. */
  readonly property: string | null;
}

const OLD_FORMS: Readonly<Record<Exclude<BindingForm, "xen,sci">, OldForm>> = {
  bsp: {
    what: "epam,secondary-agents",
    generation: "the product for the Raspberry Pi 5 (a Xen 4.19 fork)",
    property: "epam,secondary-agents",
  },
  rfc: {
    what: "xen,scmi-secondary-agents",
    generation: "RFC v3 and v4",
    property: "xen,scmi-secondary-agents",
  },
  "xen,config": { what: "The node xen,config", generation: "v5 and v6", property: null },
};

/** MA024: a tree for another version of the series. One that has this version's form too is of no concern. */
export const generation: Check = ({ host, xen }, report) => {
  if (host === null) return;
  const forms = bindingForms(host.tree);
  if (forms.some((form) => isReadBy(form, xen.version))) return;
  for (const form of forms) {
    if (form === "xen,sci") continue;
    const { what, generation: of, property } = OLD_FORMS[form];
    const node = FORM_READERS[form].marker(host.tree);
    if (node === null) continue;
    const version = xen.known ? xen.version : `${xen.version} (assumed: no board file says)`;
    report("MA024", host.locate(node, property ?? undefined), { what, generation: of, version });
  }
};

function isReadBy(form: BindingForm, version: SeriesVersion): boolean {
  switch (form) {
    case "bsp":
      return version === "bsp";
    case "rfc":
      return version === "v3" || version === "v4";
    case "xen,config":
      return version === "v5" || version === "v6";
    case "xen,sci":
      return atLeast(version, "v7");
  }
}
