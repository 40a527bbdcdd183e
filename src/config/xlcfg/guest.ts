import { isProblem, type Problem } from "#base/problem.ts";
import type { SeriesVersion } from "../board/board.ts";
import { firstIssues } from "../first-issues.ts";
import { strtoul10 } from "../xen/c-number.ts";
import { foldCase } from "../xen/fold-case.ts";
import { type ArmSci, readArmSci } from "./arm-sci.ts";
import { type IomemRange, parseIomem } from "./iomem.ts";
import { type Position, quote } from "./issues.ts";
import { parseXlCfg, type XlConfig, xlCfgProblem } from "./xlcfg.ts";

/** What xl does when a domain ends, as `on_poweroff`, `on_reboot` and `on_crash` spell it. */
export const SHUTDOWN_ACTIONS = [
  "destroy",
  "restart",
  "rename-restart",
  "preserve",
  "coredump-destroy",
  "coredump-restart",
  "soft-reset",
] as const;
export type ShutdownAction = (typeof SHUTDOWN_ACTIONS)[number];

/** What xl makes of an xl.cfg, as far as SCI is concerned. Everything else in the file is kept by whoever keeps the file. */
export interface GuestConfig {
  readonly name: string;
  /** Lower case, with dashes; null where xl makes one up. */
  readonly uuid: string | null;
  readonly sci: ArmSci;
  /** Paths of host device-tree nodes, in the order in which they are assigned. */
  readonly dtdev: readonly string[];
  readonly iomem: readonly IomemRange[];
  readonly irqs: readonly number[];
  /** Path of the partial device tree, which is never opened here. */
  readonly deviceTree: string | null;
  /** Whether the domain has an IOMMU context; left out, it is enabled if there are devices to pass through. */
  readonly passthrough: "disabled" | "enabled";
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onCrash: ShutdownAction;
  /** What xl would have printed and gone on. */
  readonly warnings: readonly string[];
}

/**
 * Reads a guest's xl.cfg as xl and libxl do before they ask anything of Xen.
 *
 * @returns `xlcfg-invalid` (EINVAL) with each issue, or the guest; keys that have nothing to do with SCI are not looked at
 * @see tools/xl/xl_parse.c, `parse_config_data`
 */
export function readGuest(text: string, version: SeriesVersion): GuestConfig | Problem {
  const config = parseXlCfg(text);
  if (isProblem(config)) return config;
  const { guest, issues } = guestOf(config, version);
  const texts = issues.map(
    ({ key, line, message }) => `${line === null ? "" : `line ${line}: `}${key}: ${message}`,
  );
  return texts.length > 0 ? xlCfgProblem(firstIssues(texts)) : guest;
}

/** Something that xl or libxl refuses in an xl.cfg that parses. */
export interface GuestIssue {
  /** The key, with the index of a list's item: `iomem[2]`. */
  readonly key: string;
  /** Line of the key's last assignment, which is what the refusal as a text tells; null where the key is missing. */
  readonly line: number | null;
  /** Where the value begins, of a list's item the item. */
  readonly at: Position | null;
  readonly message: string;
}

/** As {@link readGuest}: what xl makes of a file, and what it refuses; any value stands in for what is refused. */
export function guestOf(
  config: XlConfig,
  version: SeriesVersion,
): { guest: GuestConfig; issues: readonly GuestIssue[] } {
  const reader = new GuestReader(config);
  const dtdev = config.leadingTexts("dtdev");
  const guest = {
    name: reader.name(),
    uuid: reader.uuid(),
    sci: reader.sci(version),
    dtdev,
    iomem: reader.iomem(),
    irqs: reader.irqs(),
    deviceTree: config.string("device_tree") ?? null,
    passthrough: reader.passthrough(dtdev),
    onPoweroff: reader.action("on_poweroff", "destroy"),
    onReboot: reader.action("on_reboot", "restart"),
    onCrash: reader.action("on_crash", "destroy"),
  };
  return { guest: { ...guest, warnings: config.warnings }, issues: reader.issues };
}

/** What xl's `passthrough` can be, case ignored. On Arm sharing the page tables is what enabling means. */
const PASSTHROUGH = ["default", "disabled", "enabled", "share_pt"] as const;

/** Reads the keys of one file; what is refused goes to `issues`, and any value stands in for it. */
class GuestReader {
  readonly issues: GuestIssue[] = [];
  readonly #config: XlConfig;

  constructor(config: XlConfig) {
    this.#config = config;
  }

  name(): string {
    const name = this.#config.string("name") ?? "";
    if (name === "") this.#refuse("name", "found nothing, allowed is the domain's name");
    return name;
  }

  uuid(): string | null {
    const uuid = this.#config.string("uuid");
    if (uuid === undefined) return null;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid)) {
      this.#refuse("uuid", `found ${quote(uuid)}, allowed are 32 hex digits as 8-4-4-4-12`);
    }
    return uuid.toLowerCase();
  }

  sci(version: SeriesVersion): ArmSci {
    const sci = readArmSci(this.#config.string("arm_sci", true) ?? "", version);
    if (typeof sci !== "string") return sci;
    this.#refuse("arm_sci", sci);
    return { type: "none", agentId: 0 };
  }

  iomem(): IomemRange[] {
    return this.#items("iomem", 'START,COUNT[@GFN] in hexadecimal, such as "47ff2,1@22001"', parseIomem);
  }

  /** Decimal numbers, of which xl looks at the digits at the start only, and keeps 32 bits. */
  irqs(): number[] {
    return this.#items("irqs", "a decimal number", (text) => {
      const irq = strtoul10(text);
      return irq === null ? null : Number(BigInt.asUintN(32, irq.value));
    });
  }

  passthrough(dtdev: readonly string[]): "disabled" | "enabled" {
    const hasDevices = dtdev.length + this.#config.leadingTexts("pci").length > 0;
    const written = this.#config.string("passthrough") ?? "default";
    const mode = PASSTHROUGH.find((word) => word === foldCase(written));
    if (mode === undefined) {
      this.#refuse("passthrough", `found ${quote(written)}, allowed on Arm is ${PASSTHROUGH.join(", ")}`);
    }
    if (mode === "disabled" && hasDevices) {
      this.#refuse("passthrough", "found it disabled with devices in dtdev or pci, allowed is enabled");
    }
    return mode === "disabled" || (mode === "default" && !hasDevices) ? "disabled" : "enabled";
  }

  action(name: string, fallback: ShutdownAction): ShutdownAction {
    const written = this.#config.string(name) ?? fallback;
    const action = SHUTDOWN_ACTIONS.find((word) => word === written);
    if (action === undefined) {
      this.#refuse(name, `found ${quote(written)}, allowed is ${SHUTDOWN_ACTIONS.join(", ")}`);
    }
    return action ?? fallback;
  }

  /** Every item of a list; one that `read` cannot take is refused, a list in the list too. */
  #items<T>(name: string, allowed: string, read: (text: string) => T | null): T[] {
    return (this.#config.list(name) ?? []).flatMap((text, index) => {
      const item = text === null ? null : read(text);
      if (item !== null) return [item];
      const found = text === null ? "a list" : quote(text);
      this.#refuse(name, `found ${found}, allowed is ${allowed}`, index);
      return [];
    });
  }

  #refuse(name: string, message: string, index?: number): void {
    const setting = this.#config.settings.get(name);
    const value = setting?.value;
    const item = value?.kind === "list" && index !== undefined ? value.items[index] : value;
    const key = index === undefined ? name : `${name}[${index}]`;
    this.issues.push({ key, line: setting?.line ?? null, at: item?.at ?? null, message });
  }
}
