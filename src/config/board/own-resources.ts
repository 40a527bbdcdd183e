import { rcarV4hResources } from "../reference-boards/rcar-v4h.ts";
import { rpi5Alternates, rpi5Resources } from "../reference-boards/rpi5.ts";

/** A map as it is read from a board file. */
type Written = Readonly<Record<string, unknown>>;

/** Profiles of one board, whose resources are known. */
const BOARDS: Readonly<Record<string, () => Readonly<Record<string, readonly object[]>>>> = {
  "ref-rcar": rcarV4hResources,
  "ref-rpi5": rpi5Resources,
};

/** The lists of resources that belong together: who writes one of them writes all. */
const KINDS: readonly { readonly protocol: string | null; readonly lists: readonly string[] }[] = [
  { protocol: "power", lists: ["powerDomains"] },
  { protocol: "clock", lists: ["clocks"] },
  { protocol: "reset", lists: ["resets"] },
  { protocol: "pinctrl", lists: ["pins", "groups", "functions"] },
  { protocol: null, lists: ["devices"] },
];

/** Whether the resources of a profile's real board are known, so that a board file may leave them out. */
export function hasOwnResources(profile: string): boolean {
  return Object.hasOwn(BOARDS, profile);
}

/**
 * A board file with the resources that its profile's real board has, where it leaves them out: of a protocol that it lists by name,
 * or of all where it names neither protocols nor resources. Pins that are written without alternates have those of the real board.
 */
export function withOwnResources(board: unknown): unknown {
  if (!isMap(board) || !isMap(board["firmware"])) return board;
  const firmware = board["firmware"];
  const profile = firmware["profile"];
  const own = typeof profile === "string" && Object.hasOwn(BOARDS, profile) ? BOARDS[profile] : undefined;
  if (own === undefined) return board;
  const isWritten = (name: string) => (firmware[name] ?? null) !== null;
  const protocols = Array.isArray(firmware["protocols"]) ? (firmware["protocols"] as unknown[]) : null;
  const isBare = KINDS.every(({ lists }) => !lists.some(isWritten));
  const resources = own();
  const added: Record<string, readonly object[]> = {};
  for (const { protocol, lists } of KINDS) {
    const isMeant = protocol === null || protocols === null ? isBare : protocols.includes(protocol);
    if (!isMeant || lists.some(isWritten)) continue;
    for (const name of lists) {
      const list = resources[name] ?? [];
      if (list.length > 0) added[name] = name === "devices" ? list.map((each) => without(each, added)) : list;
    }
  }
  const pins = profile === "ref-rpi5" ? withAlternates(firmware["pins"], firmware["functions"]) : undefined;
  return { ...board, firmware: { ...firmware, ...(pins === undefined ? {} : { pins }), ...added } };
}

/** A device without the resources of protocols that the board leaves out. */
function without(device: object, added: Written): object {
  const lists = KINDS.flatMap((kind) => kind.lists);
  return Object.fromEntries(
    Object.entries(device).filter(([name]) => !lists.includes(name) || name in added),
  );
}

function withAlternates(pins: unknown, functions: unknown): unknown {
  if (!Array.isArray(pins) || !Array.isArray(functions)) return undefined;
  const known = functions.flatMap((each: unknown) =>
    isMap(each) && typeof each["id"] === "number" && typeof each["name"] === "string"
      ? [{ id: each["id"], name: each["name"] }]
      : [],
  );
  return pins.map((pin: unknown) =>
    isMap(pin) && typeof pin["name"] === "string" && pin["alternates"] === undefined
      ? { ...pin, alternates: rpi5Alternates(pin["name"], known) }
      : pin,
  );
}

function isMap(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
