import { isProblem, type Problem, problem } from "#base/problem.ts";
import { type GuestConfig, guestOf, readGuest } from "../xlcfg/guest.ts";
import { quoted } from "../xlcfg/string.ts";
import type { XlValue } from "../xlcfg/value.ts";
import { parseXlCfg, type XlConfig } from "../xlcfg/xlcfg.ts";
import { type ExportGuest, XL_ENDINGS } from "./guest.ts";
import { type GuestLayout, guestLayout } from "./layout.ts";
import type { ExportView } from "./view.ts";

const LINE_CHARS_MAX = 100;

/** How an xl.cfg is written. */
export interface XlCfgOptions {
  /** `device_tree`: where the target will have the partial tree. Null: what the guest's own configuration says. */
  readonly deviceTree: string | null;
}

/** Keys that are written from what the machine says; everything else is kept as the guest's own configuration has it. */
const OURS = [
  "name",
  "uuid",
  "arm_sci",
  "device_tree",
  "passthrough",
  "dtdev",
  "iomem",
  "irqs",
  "on_poweroff",
  "on_reboot",
  "on_crash",
] as const;

/**
 * The xl.cfg that makes a guest again: the same name, agent, devices and endings. Of the configuration that it was created from
 * all other keys are kept, its comments are not.
 *
 * @returns `not-exportable` for a domain that no xl.cfg makes
 * @see mediator-reference: xl configuration
 */
export function exportXlCfg(view: ExportView, guest: ExportGuest, options: XlCfgOptions): string | Problem {
  const what = `domain ${guest.name}`;
  if (guest.origin === "dom0") {
    return problem("not-exportable", { what, why: "dom0 is built by Xen, from the host device tree" });
  }
  const layout = guestLayout(view, guest);
  const config = guest.xlcfg === null ? null : parseXlCfg(guest.xlcfg);
  const kept = config === null || isProblem(config) ? null : config;
  const text = new XlCfgWriter(view, guest, layout, kept, options).text();
  const refusal = whyNot(view, guest, readGuest(text, view.board.xen.version));
  return refusal === null ? text : problem("not-exportable", { what, why: refusal });
}

/** Why a text does not make the guest, or null. */
function whyNot({ board }: ExportView, guest: ExportGuest, made: GuestConfig | Problem): string | null {
  if (isProblem(made)) return `no xl.cfg can say what it is: ${made.detail}`;
  if (made.name !== guest.name) return "no xl.cfg can spell its name";
  if (made.sci.type !== guest.sci.type)
    return `no xl.cfg of ${board.xen.version} has the type ${guest.sci.type}`;
  if (made.dtdev.join("\n") !== guest.devices.join("\n")) return "no xl.cfg can spell its devices";
  return null;
}

class XlCfgWriter {
  readonly #lines: string[] = [];
  readonly #view: ExportView;
  readonly #guest: ExportGuest;
  readonly #layout: GuestLayout;
  readonly #kept: XlConfig | null;
  readonly #deviceTree: string | null;

  constructor(
    view: ExportView,
    guest: ExportGuest,
    layout: GuestLayout,
    kept: XlConfig | null,
    { deviceTree }: XlCfgOptions,
  ) {
    this.#view = view;
    this.#guest = guest;
    this.#layout = layout;
    this.#kept = kept;
    const own = kept === null ? null : guestOf(kept, view.board.xen.version).guest.deviceTree;
    this.#deviceTree = deviceTree ?? own;
  }

  text(): string {
    this.#head();
    this.#others();
    this.#sci();
    this.#devices();
    this.#endings();
    return `${this.#lines.join("\n")}\n`;
  }

  #head(): void {
    const { name, uuid, origin } = this.#guest;
    this.#comment(`Exported from ${this.#view.board.name} by scmictl export xlcfg.`);
    if (origin === "dom0less") {
      this.#comment(
        "Xen itself builds this domain at boot; take its node out of /chosen before xl creates it.",
      );
    }
    this.#lines.push("", `name = ${quoted(name)}`);
    if (uuid !== null) this.#lines.push(`uuid = ${quoted(uuid)}`);
  }

  /** What the guest's own configuration says beside. */
  #others(): void {
    if (this.#kept === null) {
      this.#comment("Its kernel, memory, virtual CPUs and disks are for you to add.");
      return;
    }
    for (const [key, { value, operator }] of this.#kept.settings) {
      if (OURS.some((ours) => ours === key)) continue;
      // What += made cannot be read as a number, so it has to be made the same way.
      const sign = value.kind === "list" ? "=" : operator;
      this.#lines.push(`${key} ${sign} ${valueText(value)}`);
    }
  }

  #sci(): void {
    const { sci, agentId } = this.#guest;
    if (sci.type !== "none") {
      const agent = sci.type === "scmi_smc_multiagent" ? `,agent_id=${agentId ?? sci.agentId}` : "";
      this.#lines.push("", `arm_sci = "type=${sci.type}${agent}"`);
    }
    if (this.#deviceTree !== null) this.#lines.push(`device_tree = ${quoted(this.#deviceTree)}`);
    else if (this.#layout.page !== null) {
      this.#comment("Without a partial tree it finds no SCMI. scmictl export partial-tree writes one:");
      this.#comment('device_tree = "/etc/xen/…"');
    }
  }

  #devices(): void {
    const { passthrough, devices, agentId, grantedByHand } = this.#guest;
    const { iomem, irqs } = this.#layout;
    const byDefault = devices.length > 0;
    this.#lines.push("");
    if (passthrough !== byDefault)
      this.#lines.push(`passthrough = "${passthrough ? "enabled" : "disabled"}"`);
    if (devices.length > 0)
      this.#list(
        "dtdev",
        devices.map((path) => ({ item: quoted(path), what: null })),
      );
    if (iomem.length > 0) {
      const items = iomem.map((range) => ({ item: quoted(iomemText(range)), what: range.what }));
      this.#list("iomem", items);
    }
    if (irqs.length > 0) this.#lines.push(`irqs = ${listText(irqs.map(String))}`);
    for (const deviceId of grantedByHand) {
      this.#comment(
        `Allowed by hand, which no file says: scmictl permissions set ${agentId} ${deviceId} allow`,
      );
    }
  }

  #endings(): void {
    // Nobody watches a dom0less domain's end: it is preserved. With a toolstack, xl's own defaults are what is wanted.
    const { onPoweroff, onReboot, onCrash } = this.#guest.origin === "dom0less" ? XL_ENDINGS : this.#guest;
    this.#lines.push(
      "",
      `on_poweroff = "${onPoweroff}"`,
      `on_reboot = "${onReboot}"`,
      `on_crash = "${onCrash}"`,
    );
  }

  #comment(text: string): void {
    this.#lines.push(`# ${oneLine(text)}`);
  }

  #list(key: string, items: readonly { readonly item: string; readonly what: string | null }[]): void {
    this.#lines.push(`${key} = [`);
    for (const { item, what } of items) {
      if (what !== null) this.#comment(what);
      this.#lines.push(`    ${item},`);
    }
    this.#lines.push("]");
  }
}

function iomemText({ start, count, gfn }: { start: number; count: number; gfn: number }): string {
  const range = `${start.toString(16)},${count.toString(16)}`;
  return gfn === start ? range : `${range}@${gfn.toString(16)}`;
}

function valueText(value: XlValue): string {
  switch (value.kind) {
    case "string":
      return quoted(value.text);
    case "number":
      return value.text;
    case "list":
      return listText(value.items.map(valueText));
  }
}

/** A list, over as many lines as it needs. */
function listText(items: readonly string[]): string {
  const oneLine = `[ ${items.join(", ")} ]`;
  if (oneLine.length <= LINE_CHARS_MAX) return oneLine;
  const lines: string[] = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line === undefined || line.length + item.length > LINE_CHARS_MAX) lines.push(`    ${item},`);
    else lines[lines.length - 1] = `${line} ${item},`;
  }
  return `[\n${lines.join("\n")}\n]`;
}

/** A board's name may be anything. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ");
}
