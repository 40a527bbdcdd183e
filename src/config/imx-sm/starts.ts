import { counted, type NoteGroups } from "../draft/notes.ts";
import type { ImxConfig, StartCommand } from "./config.ts";
import type { Identified } from "./ids.ts";
import { type ListedPrefix, PREFIX_TEXT } from "./resources.ts";

/** What is so at power-on because a logical machine boots, by the resource's full name. */
export interface AtBoot {
  readonly power: ReadonlySet<string>;
  readonly voltage: ReadonlySet<string>;
  /** Index of the level. */
  readonly performance: ReadonlyMap<string, number>;
  readonly clocks: ReadonlyMap<string, { readonly parent: number | null; readonly rate: number | null }>;
}

/** Carries out the start commands of the machines that boot by themselves, in the order of booting. */
export function statesAtBoot(
  { machines, starts }: ImxConfig,
  kinds: ReadonlyMap<ListedPrefix, readonly Identified[]>,
  notes: NoteGroups,
): AtBoot {
  const clockCount = 1 + (kinds.get("clk")?.at(-1)?.id ?? -1);
  const bootOf = new Map(machines.map(({ id, boot }) => [id, boot]));
  const power = new Set<string>();
  const voltage = new Set<string>();
  const performance = new Map<string, number>();
  const clocks = new Map<string, { parent: number | null; rate: number | null }>();
  const order = (start: StartCommand) => (bootOf.get(start.machine) ?? 0) * 1_000_000 + start.order;
  for (const start of [...starts].sort((a, b) => order(a) - order(b))) {
    const { machine, resource, args, where } = start;
    const { full, prefix } = resource;
    if ((bootOf.get(machine) ?? 0) === 0) {
      notes.add(`no boot ${machine}`, full, where, (count) => {
        return `${counted(count, "start command")} of LM${machine} left out: it does not boot by itself`;
      });
      continue;
    }
    const [first = null] = args;
    if (prefix === "pd") power.add(full);
    else if (prefix === "volt" && first !== null) {
      if (first > 0) voltage.add(full);
      else voltage.delete(full);
    } else if (prefix === "perf" && first !== null) performance.set(full, first);
    else if (prefix === "clk") {
      const parent = args.find((arg) => arg < clockCount) ?? null;
      clocks.set(full, { parent, rate: args.find((arg) => arg >= clockCount) ?? null });
    } else {
      notes.add(`start ${prefix}`, `${full} start`, where, (count) => {
        return `${counted(count, "start command")} on ${PREFIX_TEXT[prefix]} left out: a board file has no state of theirs at power-on`;
      });
    }
  }
  return { power, voltage, performance, clocks };
}
