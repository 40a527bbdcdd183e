import type { ListedProtocol } from "#config/board/board.ts";
import { PROTOCOL_IDS } from "#scmi/registry.ts";
import { VENDOR_ID_MIN } from "#scmi/vendor.ts";
import type { BoardIndex } from "../resources/board-index.ts";
import type { SpokenProtocol } from "./profile.ts";

/** What decides how a protocol is spoken. */
interface ProtocolName {
  /** The board file's name, or `base`. */
  readonly name: string;
  readonly protocolId: number;
  /** Newest version word. */
  readonly version: number;
}

/** How a board's firmware speaks a protocol; undefined where it does not. Every profile speaks a vendor's, as its table says. */
export function spokenBy(
  { profile, switches }: BoardIndex,
  { name, protocolId, version }: ProtocolName,
): SpokenProtocol | undefined {
  const spoken = profile.protocols[name] ?? (protocolId >= VENDOR_ID_MIN ? { version } : undefined);
  if (spoken === undefined || name !== "powercap") return spoken;
  return { ...spoken, version: POWERCAP_VERSIONS[switches.powercapVersion] };
}

const POWERCAP_VERSIONS = { "1.0": 0x1_0000, "2.0": 0x2_0000, "3.0": 0x3_0000 } as const;

/** The id of a protocol that a board lists. */
export function protocolIdOf(listed: ListedProtocol): number {
  return typeof listed === "number" ? listed : PROTOCOL_IDS[listed];
}
