import { timeText } from "#base/time.ts";
import type { LoggedEvent } from "#events/logged.ts";
import type { EventType } from "#events/types.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, type LogReader } from "#store/log-reader.ts";
import { PERMISSION_AT, type PermissionRow } from "./permissions-at.ts";
import { prepared, readerOf } from "./prepared.ts";

/** A link of the chain: an event and what it did to the permission, with who asked for it. */
export interface ExplainLink {
  readonly seq: number;
  readonly type: EventType;
  readonly time: string;
  readonly what: string;
  /** Kind of its command, who gave it, and why. */
  readonly cause: string;
  readonly actor: string;
  readonly reason: string | null;
}

export interface PermissionExplanation {
  readonly allowed: boolean;
  /** Events in order. For a default: the board and the boot; for what an SMC changed: that SMC and what its command made of it. */
  readonly chain: readonly ExplainLink[];
}

/**
 * Why an agent may or may not use a device after an event. Before the first boot nothing is allowed, and nothing explains it; an
 * agent or a device that the board does not list has no permission by default.
 */
export function permissionExplain(
  db: Database,
  agentId: number,
  deviceId: number,
  seq: number,
): PermissionExplanation {
  const row = prepared<[object], PermissionRow>(
    db,
    `WITH pair (agent_id, device_id) AS (SELECT @agentId, @deviceId) ${PERMISSION_AT}`,
  ).get({ at: seq, agentId, deviceId });
  if (row === undefined) return { allowed: false, chain: [] };
  const { allowed, sinceSeq, bootSeq, configuredSeq, isDefault } = row;
  const reader = readerOf(db);
  const subject = { agentId, deviceId, allowed: allowed === 1, isDefault: isDefault === 1 };
  const defaults =
    isDefault === 1 ? [configuredSeq, bootSeq].flatMap((at) => (at === null ? [] : eventAt(reader, at))) : [];
  const changes = sinceSeq === bootSeq ? [] : changeChain(reader, subject, sinceSeq, seq);
  const chain = [...defaults, ...changes].map((event) => link(reader, event, subject));
  return { allowed: subject.allowed, chain };
}

interface Subject {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  readonly isDefault: boolean;
}

/**
 * The SMC that changed the permission, and the events of its command that say what it was for: the outcome that follows the
 * command's SMCs (an assignment, a reset), and the end of the domain behind a reset. Nothing after event `to`.
 */
function changeChain(reader: LogReader, { agentId }: Subject, from: number, to: number): LoggedEvent[] {
  const [change] = eventAt(reader, from);
  if (change === undefined) return [];
  const last = Math.min(to, reader.command(change.commandId)?.lastSeq ?? from);
  const chain = [change];
  for (let seq = from + 1; seq <= last; seq += 1) {
    const [event] = eventAt(reader, seq);
    if (event === undefined || isSmc(event)) continue;
    if (event.agentId !== agentId) break;
    chain.push(event);
    if (event.type !== "agent.reset") break;
  }
  return chain;
}

function isSmc({ type }: LoggedEvent): boolean {
  return type === "smc.forwarded" || type === "smc.refused";
}

/** The event, or nothing where the log lacks it or it cannot be read. */
function eventAt(reader: LogReader, seq: number): LoggedEvent[] {
  const event = reader.event(seq);
  return event === undefined || isDamaged(event) ? [] : [event];
}

function link(reader: LogReader, event: LoggedEvent, subject: Subject): ExplainLink {
  const { seq, type, timeUs, actor, reason, commandId } = event;
  const cause = reader.command(commandId)?.kind ?? "";
  return { seq, type, time: timeText(timeUs), what: whatOf(event, subject), cause, actor, reason };
}

function whatOf(event: LoggedEvent, { agentId, deviceId, allowed, isDefault }: Subject): string {
  const device = `device ${deviceId}`;
  switch (event.type) {
    case "host.configured":
      return `board ${event.data.board.name} ${allowed ? "gives" : "does not give"} agent ${agentId} ${device} by default`;
    case "host.booted":
      return `the firmware started (${event.data.cause}), with the board's defaults`;
    case "smc.forwarded": {
      const who = event.data.caller === null ? "an SMC" : `a message of agent ${event.data.caller}`;
      if (isDefault) return `${who} took agent ${agentId} back to its default for ${device}`;
      return allowed
        ? `${who} gave agent ${agentId} ${device}`
        : `${who} took ${device} from agent ${agentId}`;
    }
    case "device.assigned":
      return `${event.data.path} was assigned to domain ${event.domid}`;
    case "device.assignment-refused":
      return `assigning ${event.data.path} to domain ${event.domid} failed with ${event.data.errno}; what was granted stays`;
    case "agent.reset":
      return `agent ${agentId} was reset (${event.data.cause})`;
    case "domain.destroyed":
      return `domain ${event.domid} (${event.data.name}) was destroyed (${event.data.cause})`;
    case "domain.destroy-refused":
      return `domain ${event.domid} could not be destroyed: ${event.data.message}`;
    default:
      return event.type;
  }
}
