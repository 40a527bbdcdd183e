import { firstIssues } from "../../../first-issues.ts";
import { channelsOf, type LintChannels } from "../../channels.ts";
import type { Check, Report } from "../../check.ts";
import { agentDomains, type LintDomain } from "../../domains.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import type { LintInput } from "../../input.ts";

/** DM001 to DM003: whether every domain gets the agent that it asks for, in the order in which they are created. */
export const agentsTaken: Check = (input, report) => {
  const channels = channelsOf(input);
  const isTold = tellsAgents(input, channels);
  const known = idsOf(channels);
  const owners = new Map<number, string>();
  const xensOwn = channels.management?.agentId ?? null;
  if (xensOwn !== null) owners.set(xensOwn, "Xen's own channel");
  for (const domain of agentDomains(input)) {
    const { agentId, name } = domain;
    const owner = owners.get(agentId);
    if (owner !== undefined) refuse(domain, { owner }, report);
    else if (isTold && !channels.byAgent.has(agentId)) refuse(domain, { known }, report);
    else owners.set(agentId, domain.guest === null ? name : `${name} (${domain.guest.file})`);
  }
};

function refuse(
  { kind, name, agentId, place }: LintDomain,
  because: { readonly owner: string } | { readonly known: string },
  report: Report,
): void {
  if (kind === "dom0") {
    const why =
      "owner" in because ? `is that of ${because.owner}` : `is not in the agent list (${because.known})`;
    report("DM003", place, { agent: agentId, why });
  } else if ("owner" in because)
    report("DM002", place, { domain: name, agent: agentId, owner: because.owner });
  else report("DM001", place, { domain: name, agent: agentId, known: because.known });
}

/** Whether the list tells every agent that there is. One that Xen refuses tells nothing. */
function tellsAgents({ binding }: LintInput, { rows }: LintChannels): boolean {
  if (binding === null || binding.form === "bsp" || binding.list.state !== "whole") return false;
  return rows.length > 0 && rows.every(({ agentId }) => agentId !== null);
}

function idsOf({ rows }: LintChannels): string {
  const ids = [...new Set(rows.map(({ agentId }) => agentId))];
  return firstIssues(ids.map(String), ids.length).join(", ");
}

/** DM002 in single-agent mode: the host's SCMI has one owner at a time. */
export const onlyAgentTaken: Check = ({ guests }, report) => {
  const [first, ...others] = guests.filter(({ config }) => config?.sci.type === "scmi_smc");
  for (const guest of others) {
    if (first === undefined) return;
    const owner = `${guestName(first)} (${first.file})`;
    report("DM002", settingPlace(guest, "arm_sci"), {
      domain: guestName(guest),
      agent: "(the only one)",
      owner,
    });
  }
};

/** DM004: an agent id that Xen takes for none. */
export const dom0AgentTooLarge: Check = ({ host, binding }, report) => {
  const dom0 = binding?.dom0;
  if (host === null || dom0?.isTooLarge !== true || dom0.source?.kind !== "property") return;
  const { node, property } = dom0.source;
  const value = node.properties.get(property) ?? new Uint8Array(4);
  const agent = new DataView(value.buffer, value.byteOffset).getUint32(0);
  report("DM004", host.locate(node, property), { agent });
};

/** DM011: agent 0, which some firmware keeps for itself. Of dom0 it is usual, and told where the firmware is known to. */
export const agentZero: Check = (input, report) => {
  const profile = input.board?.board.firmware.profile ?? null;
  const isReserved = profile === "scp";
  const note =
    profile === null ? "" : isReserved ? `, as profile ${profile} does` : `; profile ${profile} does not`;
  for (const { kind, name, agentId, place } of agentDomains(input)) {
    if (agentId === 0 && (kind !== "dom0" || isReserved)) report("DM011", place, { domain: name, note });
  }
};
