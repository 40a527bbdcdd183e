import type { Problem } from "#base/problem.ts";
import type { SeriesVersion } from "../board/board.ts";
import { strtoul10, ULONG_MAX } from "../xen/c-number.ts";
import { foldCase } from "../xen/fold-case.ts";
import { SCI_TYPES, type SciType } from "../xen/sci-type.ts";
import { quote } from "./issues.ts";
import { xlCfgProblem } from "./xlcfg.ts";

/** What a domain asks of SCI. `agentId` counts with `scmi_smc_multiagent` only, and is 0 otherwise. */
export interface ArmSci {
  readonly type: SciType;
  readonly agentId: number;
}

/** Agent ids that xl lets through, by version of the series. What v3 and the shipping product did is not known: as v4. */
const AGENT_IDS: Readonly<Record<SeriesVersion, readonly [min: bigint, max: bigint]>> = {
  bsp: [1n, 255n],
  v3: [1n, 255n],
  v4: [1n, 255n],
  v5: [1n, 255n],
  v6: [1n, 255n],
  v7: [1n, 255n],
  v8: [1n, 255n],
  v9: [1n, 255n],
  v10: [0n, 254n],
  v11: [0n, 254n],
};

/**
 * Reads the option `arm_sci` of an xl.cfg as xl does, with all that it does not mind: pieces that it does not know (a blank
 * before a key is enough), text after the number, a missing agent id (then it is 0). The last of a repeated key wins.
 *
 * @returns `xlcfg-invalid` (EINVAL) for an unknown type, or an agent id that is no number or out of the version's range
 * @see tools/xl/xl_parse.c, `parse_arm_sci_config`
 */
export function parseArmSci(text: string, version: SeriesVersion): ArmSci | Problem {
  const sci = readArmSci(text, version);
  return typeof sci === "string" ? xlCfgProblem([`arm_sci: ${sci}`]) : sci;
}

/** The agent ids that xl of this version lets through, the last one included. */
export function agentIdsOf(version: SeriesVersion): readonly [min: bigint, max: bigint] {
  return AGENT_IDS[version];
}

/** As {@link parseArmSci}, with the issue as a text. */
export function readArmSci(text: string, version: SeriesVersion): ArmSci | string {
  let type: SciType = "none";
  let agentId = 0;
  for (const written of text.split(",")) {
    // The shipping product's option is the type itself.
    const piece = version === "bsp" && !written.includes("=") && written !== "" ? `type=${written}` : written;
    if (piece.startsWith("type=")) {
      const named = piece.slice("type=".length);
      const known = SCI_TYPES.find((name) => name === foldCase(named));
      if (known === undefined) return `unknown type ${quote(named)}, allowed is ${SCI_TYPES.join(", ")}`;
      type = known;
    } else if (piece.startsWith("agent_id=")) {
      const number = piece.slice("agent_id=".length);
      const id = strtoul10(number)?.value ?? ULONG_MAX;
      if (id === ULONG_MAX) return `failed to convert agent_id ${quote(number)}, allowed is a decimal number`;
      const [min, max] = agentIdsOf(version);
      if (id < min || id > max) return `invalid agent_id ${id}, allowed is ${min} to ${max} (${version})`;
      agentId = Number(id);
    }
  }
  return { type, agentId: type === "scmi_smc_multiagent" ? agentId : 0 };
}
