import { readPartialTree } from "../device-tree/partial-tree.ts";
import { isAvailable, isCompatible, readU32 } from "../device-tree/property.ts";
import { passthroughNodes } from "../dom0less/passthrough-nodes.ts";
import { parseIomem } from "../xlcfg/iomem.ts";
import { quote } from "../xlcfg/issues.ts";
import { channelsOf, scmiPage } from "./channels.ts";
import { agentDomains } from "./domains.ts";
import type { Place } from "./finding.ts";
import { guestName, settingPlace } from "./guest-places.ts";
import type { LintGuest, LintInput, LintTree } from "./input.ts";
import { saidMediator } from "./mediator.ts";

const PAGE_BYTES = 0x1000;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

/** A guest that maps memory of the host: by `iomem` of its xl.cfg, or by `xen,reg` of a dom0less domain's partial tree. */
export interface PageUser {
  readonly name: string;
  /** Its own device tree, where there is one. */
  readonly partial: LintTree | null;
  /** What it maps memory with. */
  readonly by: "iomem" | "xen,reg";
  readonly mappings: readonly Mapping[];
  /** The channel that it is to use; null: it has no agent, or nobody knows which channel that is. */
  readonly channel: UsedChannel | null;
  /** Whether it asks for an agent of which nobody says which channel it has. */
  readonly isUntold: boolean;
  /** Where its page should have been mapped; null: it is given neither pages nor devices, and is not meant to ring. */
  readonly mappingPlace: Place | null;
}

export interface UsedChannel {
  readonly agent: string;
  readonly funcId: number | null;
  readonly page: number | null;
}

/** Memory of the host in a guest. Addresses are bytes. */
export interface Mapping {
  readonly host: number;
  readonly size: number;
  readonly guest: number;
  readonly text: string;
  readonly place: Place;
}

/** Every guest that is known to map memory, or should. */
export function pageUsers(input: LintInput): PageUser[] {
  const channels = guestChannels(input);
  const asking = new Set(agentDomains(input).map(({ guest }) => guest));
  return [
    ...input.guests.map((guest) => toolstackUser(guest, channels.get(guest) ?? null, asking.has(guest))),
    ...input.partials.map((partial) => dom0lessUser(input, partial)),
  ];
}

function toolstackUser(guest: LintGuest, channel: UsedChannel | null, isAsking: boolean): PageUser {
  const key = ["iomem", "device_tree"].find((name) => guest.parsed?.settings.has(name));
  return {
    name: guestName(guest),
    partial: guest.partial,
    by: "iomem",
    mappings: iomemOf(guest),
    channel,
    isUntold: isAsking && channel === null,
    mappingPlace: key === undefined ? null : settingPlace(guest, key),
  };
}

/** What xl reads of a guest's `iomem`. */
function iomemOf(guest: LintGuest): Mapping[] {
  const value = guest.parsed?.settings.get("iomem")?.value;
  if (value?.kind !== "list") return [];
  return value.items.flatMap((item, index): Mapping[] => {
    const range = item.kind === "list" ? null : parseIomem(item.text);
    if (range === null || item.kind === "list") return [];
    const { start, count, gfn } = range;
    const place = settingPlace(guest, "iomem", index);
    const bytes = { host: start * PAGE_BYTES, size: count * PAGE_BYTES, guest: gfn * PAGE_BYTES };
    return [{ ...bytes, text: quote(item.text), place }];
  });
}

/** The channels of the guests with an xl.cfg, as far as they are known. */
function guestChannels(input: LintInput): Map<LintGuest, UsedChannel> {
  const found = new Map<LintGuest, UsedChannel>();
  for (const { guest, agentId } of agentDomains(input)) {
    const channel = channelOfAgent(input, agentId);
    if (guest !== null && channel !== null) found.set(guest, channel);
  }
  const only = onlyChannel(input);
  for (const guest of input.guests) {
    if (only !== null && guest.config?.sci.type === "scmi_smc") found.set(guest, only);
  }
  return found;
}

function channelOfAgent(input: LintInput, agentId: number): UsedChannel | null {
  // In the shipping product every guest rings the same id, and gets its page from Xen.
  if (input.binding?.form === "bsp") return null;
  const channel = channelsOf(input).byAgent.get(agentId);
  return channel === undefined || channel.isManagement ? null : { agent: String(agentId), ...channel };
}

/** In single-agent mode a guest uses the host's own channel, if there is only one that it could be. */
function onlyChannel(input: LintInput): UsedChannel | null {
  const { host } = input;
  if (host === null || saidMediator(input) === "multi-agent") return null;
  const [node, another] = host.tree.nodes.filter(
    (one) => isCompatible(one, "arm,scmi-smc") && isAvailable(one) && !one.properties.has("xen,passthrough"),
  );
  return node === undefined || another !== undefined
    ? null
    : { agent: "(the only one)", funcId: readU32(node, "arm,smc-id"), page: scmiPage(input, node) };
}

function dom0lessUser(input: LintInput, partial: LintTree): PageUser {
  const mappings = xenRegOf(partial);
  const domain = domainOfPartial(input, partial);
  const [scmi] = readPartialTree(partial.tree).scmi;
  const told =
    domain === null ? channelByPage(input, partial, mappings) : channelOfAgent(input, domain.agentId);
  return {
    name: domain?.name ?? `the guest of ${partial.file}`,
    partial,
    by: "xen,reg",
    mappings,
    channel: told,
    isUntold: domain !== null && told === null,
    mappingPlace: scmi === undefined ? null : partial.locate(scmi.shmem ?? scmi.node, "xen,reg"),
  };
}

function xenRegOf(partial: LintTree): Mapping[] {
  return passthroughNodes(partial.tree).flatMap(({ path, mappings }) => {
    const node = partial.tree.nodeByPath(path);
    if (node === undefined) return [];
    const place = partial.locate(node, "xen,reg");
    return (mappings ?? []).flatMap(({ host, size, guest }): Mapping[] =>
      host > MAX_SAFE || size > MAX_SAFE || guest > MAX_SAFE
        ? []
        : [
            {
              host: Number(host),
              size: Number(size),
              guest: Number(guest),
              text: `xen,reg of ${path}`,
              place,
            },
          ],
    );
  });
}

/** The domain whose partial tree the board says it is. */
function domainOfPartial(input: LintInput, partial: LintTree): { name: string; agentId: number } | null {
  const trees = Object.entries(input.board?.board.xen.partialTrees ?? {});
  const [name] = trees.find(([, file]) => lastName(file) === lastName(partial.file)) ?? [];
  if (name === undefined) return null;
  const path = `/chosen/${name}`;
  return agentDomains(input).find((domain) => domain.kind === "dom0less" && domain.name === path) ?? null;
}

/** The channel whose page the SCMI node of a partial tree is given. */
function channelByPage(
  input: LintInput,
  { tree }: LintTree,
  mappings: readonly Mapping[],
): UsedChannel | null {
  const [scmi] = readPartialTree(tree).scmi;
  const own = mappings.find(({ text }) => text === `xen,reg of ${scmi?.shmem?.path}`);
  const channel = channelsOf(input).rows.find(({ page }) => page !== null && page === own?.host);
  if (channel === undefined) return null;
  return { ...channel, agent: channel.agentId === null ? "there" : String(channel.agentId) };
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
