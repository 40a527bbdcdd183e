import { type BindingForm, FORM_READERS } from "../../../binding/forms.ts";
import { bindingForms } from "../../../binding/read-binding.ts";
import { ownForm } from "../../../binding/recognise.ts";
import type { Check } from "../../check.ts";

interface FormName {
  readonly what: string;
  readonly generation: string;
  /** The property that makes it, or null: the node itself. */
  readonly property: string | null;
}

const FORMS: Readonly<Record<BindingForm, FormName>> = {
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
  "xen,sci": { what: "The container xen,sci", generation: "v7 and later", property: "compatible" },
};

/** MA024: a tree for another version of the series. One that has this version's form too is of no concern. */
export const generation: Check = ({ host, xen }, report) => {
  if (host === null) return;
  const forms = bindingForms(host.tree);
  if (forms.some((form) => form === ownForm(xen.version))) return;
  for (const form of forms) {
    const { what, generation: of, property } = FORMS[form];
    const node = FORM_READERS[form].marker(host.tree);
    if (node === null) continue;
    const version = xen.known ? xen.version : `${xen.version} (assumed: no board file says)`;
    report("MA024", host.locate(node, property ?? undefined), { what, generation: of, version });
  }
};
