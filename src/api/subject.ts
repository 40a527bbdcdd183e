import { isProblem, type Problem, problem } from "#base/problem.ts";
import { agentNamed, deviceNamed, domainNamed } from "#projections/queries/audit/subject.ts";
import type { ApiContext } from "./context.ts";

const U32_MAX = 0xffff_ffff;

/** What a question is about, as ids; what it does not name is undefined. */
export interface Subject {
  readonly agentId?: number;
  readonly deviceId?: number;
  readonly domid?: number;
}

/** Whom a query means by ids or names; `seq`: a domain is the one that there was then. */
export function subjectOf(
  { reads }: ApiContext,
  asked: {
    readonly agent?: string | undefined;
    readonly device?: string | undefined;
    readonly domain?: string | undefined;
  },
  seq: number,
): Subject | Problem {
  const { agent, device, domain } = asked;
  const agentId = agent === undefined ? null : (idOf(agent) ?? agentNamed(reads.db, agent));
  if (agent !== undefined && agentId === null)
    return problem("subject-not-found", { kind: "agent", name: agent });
  const deviceId = device === undefined ? null : (idOf(device) ?? deviceNamed(reads.db, device));
  if (device !== undefined && deviceId === null) {
    return problem("subject-not-found", { kind: "device", name: device });
  }
  const held = domain === undefined ? null : domainNamed(reads.db, domain, seq);
  if (domain !== undefined && held === null)
    return problem("subject-not-found", { kind: "domain", name: domain });
  const ofDomain = held === null ? {} : { domid: held.domid, ...given("agentId", held.agentId) };
  return { ...ofDomain, ...given("agentId", agentId), ...given("deviceId", deviceId) };
}

/** The device that a query means. */
export function deviceOf(context: ApiContext, device: string): number | Problem {
  const subject = subjectOf(context, { device }, 0);
  return isProblem(subject) ? subject : (subject.deviceId as number);
}

function idOf(text: string): number | null {
  const id = /^(?:\d{1,10}|0x[0-9a-fA-F]{1,8})$/.test(text) ? Number(text) : null;
  return id !== null && id <= U32_MAX ? id : null;
}

function given<Name extends string>(name: Name, value: number | null): { [Key in Name]?: number } {
  return value === null ? {} : ({ [name]: value } as { [Key in Name]: number });
}
