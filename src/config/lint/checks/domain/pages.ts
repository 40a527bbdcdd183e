import { hexWord } from "#base/hex.ts";
import { isAvailable, isCompatible, readU32 } from "../../../dt-property.ts";
import { type IomemRange, parseIomem } from "../../../iomem.ts";
import { type GuestScmi, readPartialTree } from "../../../partial-tree.ts";
import { quote } from "../../../xlcfg-issues.ts";
import { channelPages, channelsOf, scmiPage } from "../../channels.ts";
import type { Check, Report } from "../../check.ts";
import { agentDomains } from "../../domains.ts";
import { guestName, settingPlace } from "../../guest-places.ts";
import type { LintGuest, LintInput, LintTree } from "../../input.ts";
import { saidMediator } from "../../mediator.ts";

const PAGE_BYTES = 0x1000;

/** A guest and the channel that it is to use. */
interface GuestChannel {
  readonly guest: LintGuest;
  readonly agent: string;
  readonly funcId: number | null;
  readonly page: number | null;
}

/** DM008: what the guest's own tree lets its driver ring. */
export const guestFunctionIds: Check = (input, report) => {
  for (const channel of guestChannels(input)) {
    const { guest, agent, funcId } = channel;
    if (guest.partial === null || funcId === null) continue;
    for (const scmi of wrongNodes(guest.partial, funcId)) {
      const rung = scmi.smcId === null ? "nothing (its tree has no arm,smc-id)" : hexWord(scmi.smcId);
      const told = { domain: guestName(guest), funcId: rung, agent, expected: hexWord(funcId) };
      report("DM008", guest.partial.locate(scmi.node, "arm,smc-id"), told);
    }
  }
};

/** The SCMI nodes of a guest, none of which rings the function id. */
function wrongNodes(partial: LintTree, funcId: number): readonly GuestScmi[] {
  const { scmi } = readPartialTree(partial.tree);
  return scmi.some(({ smcId }) => smcId === funcId) ? [] : scmi;
}

/** DM009: which pages a guest maps. */
export const guestPages: Check = (input, report) => {
  const pages = channelPages(input);
  const own = new Map(guestChannels(input).map(({ guest, page }) => [guest, page]));
  for (const guest of input.guests) {
    const domain = guestName(guest);
    const ranges = iomemOf(guest);
    for (const { range, text, index } of ranges) {
      for (const { page, owner } of pages) {
        if (page === own.get(guest) || !covers(range, page)) continue;
        const what = `${quote(text)} maps ${hexWord(page)}, the page of ${owner}`;
        report("DM009", settingPlace(guest, "iomem", index), { domain, what });
      }
    }
  }
  for (const { guest, agent, page } of guestChannels(input)) {
    // A guest that is given neither pages nor a tree of devices is not meant to ring.
    const key = ["iomem", "device_tree"].find((name) => guest.parsed?.settings.has(name));
    if (page === null || key === undefined || iomemOf(guest).some(({ range }) => covers(range, page)))
      continue;
    const place = settingPlace(guest, key);
    const what = `iomem does not map ${hexWord(page)}, the page of its agent ${agent}`;
    report("DM009", place, { domain: guestName(guest), what });
  }
};

/** DM010: where the guest's tree has the page, and where the toolstack puts it. */
export const guestAddresses: Check = (input, report) => {
  for (const { guest, funcId, page } of guestChannels(input)) {
    const { partial } = guest;
    if (partial === null || page === null) continue;
    const mapped = iomemOf(guest)
      .filter(({ range }) => covers(range, page))
      .map(({ range }) => (range.gfn - range.start) * PAGE_BYTES + page);
    const { scmi } = readPartialTree(partial.tree);
    const right = scmi.filter(({ smcId }) => smcId === funcId);
    for (const node of right.length > 0 ? right : scmi) checkAddress(guest, partial, node, mapped, report);
  }
};

function checkAddress(
  guest: LintGuest,
  partial: LintTree,
  { node, shmem, page }: GuestScmi,
  mapped: readonly number[],
  report: Report,
): void {
  // A page that is not mapped at all is DM009's.
  if (mapped.length === 0 || (page !== null && mapped.includes(page.address))) return;
  const place = shmem === null ? partial.locate(node, "shmem") : partial.locate(shmem, "reg");
  const tree =
    page !== null ? hexWord(page.address) : shmem === null ? "nothing (no shmem)" : "nothing (no reg)";
  report("DM010", place, { domain: guestName(guest), tree, iomem: mapped.map(hexWord).join(", ") });
}

/** The guests with an xl.cfg whose channel is known. */
function guestChannels(input: LintInput): GuestChannel[] {
  return [...multiAgentChannels(input), ...singleAgentChannels(input)];
}

function multiAgentChannels(input: LintInput): GuestChannel[] {
  // In the shipping product every guest rings the same id, and gets its page from Xen.
  if (input.binding?.form === "bsp") return [];
  const channels = channelsOf(input);
  return agentDomains(input).flatMap(({ guest, agentId }): GuestChannel[] => {
    const channel = channels.find((one) => one.agentId === agentId);
    if (guest === null || channel === undefined || channel.isManagement) return [];
    return [{ guest, agent: String(agentId), funcId: channel.funcId, page: channel.page }];
  });
}

/** In single-agent mode a guest uses the host's own channel, if there is only one that it could be. */
function singleAgentChannels(input: LintInput): GuestChannel[] {
  const { host } = input;
  if (host === null || saidMediator(input) === "multi-agent") return [];
  const [node, another] = host.tree.nodes.filter(
    (one) => isCompatible(one, "arm,scmi-smc") && isAvailable(one) && !one.properties.has("xen,passthrough"),
  );
  if (node === undefined || another !== undefined) return [];
  const channel = {
    agent: "(the only one)",
    funcId: readU32(node, "arm,smc-id"),
    page: scmiPage(input, node),
  };
  return input.guests
    .filter(({ config }) => config?.sci.type === "scmi_smc")
    .map((guest) => ({ guest, ...channel }));
}

interface GuestRange {
  readonly range: IomemRange;
  readonly text: string;
  readonly index: number;
}

/** What xl reads of a guest's `iomem`, each with its place in the list. */
function iomemOf({ parsed }: LintGuest): GuestRange[] {
  const value = parsed?.settings.get("iomem")?.value;
  if (value?.kind !== "list") return [];
  return value.items.flatMap((item, index) => {
    const range = item.kind === "list" ? null : parseIomem(item.text);
    return range === null || item.kind === "list" ? [] : [{ range, text: item.text, index }];
  });
}

function covers({ start, count }: IomemRange, page: number): boolean {
  const frame = Math.floor(page / PAGE_BYTES);
  return frame >= start && frame < start + count;
}
