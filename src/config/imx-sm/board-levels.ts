import { type AccessLevel, LEVEL_KINDS } from "../board/board.ts";
import type { DraftMap } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import type { ImxAgent, ImxConfig } from "./config.ts";
import { type Identified, idsByName } from "./ids.ts";
import { isListed, LISTED, type ListedPrefix } from "./resources.ts";

/** `firmware.levels`: what each agent may do, by kind and id. What a configuration does not give is none. */
export function boardLevels(
  { agents }: ImxConfig,
  kinds: ReadonlyMap<ListedPrefix, readonly Identified[]>,
  deviceIds: ReadonlyMap<string, number>,
  notes: NoteGroups,
): DraftMap {
  const ids = idsByName(kinds);
  return Object.fromEntries(
    agents.map((agent) => [agent.id, levelsOf(agent, ids, deviceIds, agents.length, notes)]),
  );
}

function levelsOf(
  { id: agentId, name, levels }: ImxAgent,
  ids: ReadonlyMap<string, number>,
  deviceIds: ReadonlyMap<string, number>,
  agentCount: number,
  notes: NoteGroups,
): DraftMap {
  let system: AccessLevel | null = null;
  const byKind = new Map<string, [number, AccessLevel][]>();
  const give = (kind: string, id: number, level: AccessLevel): void => {
    const given = byKind.get(kind);
    if (given === undefined) byKind.set(kind, [[id, level]]);
    else given.push([id, level]);
  };
  for (const [full, { prefix, short, level, where }] of levels) {
    if (level === "NONE") continue;
    if (prefix === "sys") system = level;
    else if (isListed(prefix)) give(LISTED[prefix].level, ids.get(full) ?? 0, level);
    else if (prefix === "base") {
      const device = deviceIds.get(full);
      const agent = /^(?:AGENT_)?(\d{1,3})$/.exec(short)?.[1];
      if (device !== undefined) give("device", device, level);
      else if (agent !== undefined && Number(agent) < agentCount) give("agent", Number(agent), level);
      else
        notes.say(where, `agent ${agentId} ${name}: ${full} is no agent of this configuration and no device`);
    }
  }
  return {
    default: "NONE",
    ...(system === null ? {} : { system }),
    ...Object.fromEntries(
      LEVEL_KINDS.flatMap((kind) => {
        const given = byKind.get(kind) ?? [];
        given.sort(([a], [b]) => a - b);
        return given.length === 0 ? [] : [[kind, Object.fromEntries(given)] as const];
      }),
    ),
  };
}
