import { hexWord } from "#base/hex.ts";
import { type GuestScmi, readPartialTree } from "../../../device-tree/partial-tree.ts";
import { type ChannelPage, channelsOf } from "../../channels.ts";
import type { Check, Report } from "../../check.ts";
import { type Mapping, type PageUser, pageUsers } from "../../page-users.ts";

/** DM008 to DM010: what a guest rings, which pages it maps, and where it looks for its own. */
export const guestPages: Check = (input, report) => {
  const { pages } = channelsOf(input);
  for (const user of pageUsers(input)) {
    checkFunctionId(user, report);
    checkForeignPages(user, pages, report);
    checkOwnPage(user, report);
    checkAddress(user, report);
  }
};

/** What the guest's own tree lets its driver ring. */
function checkFunctionId({ name, partial, channel }: PageUser, report: Report): void {
  if (partial === null || channel?.funcId == null) return;
  const { agent, funcId } = channel;
  const { scmi } = readPartialTree(partial.tree);
  if (scmi.some(({ smcId }) => smcId === funcId)) return;
  for (const { node, smcId } of scmi) {
    const rung = smcId === null ? "nothing (its tree has no arm,smc-id)" : hexWord(smcId);
    const told = { domain: name, funcId: rung, agent, expected: hexWord(funcId) };
    report("DM008", partial.locate(node, "arm,smc-id"), told);
  }
}

/** One finding for each mapping, however many pages it has. */
function checkForeignPages(
  { name, channel, isUntold, mappings }: PageUser,
  pages: readonly ChannelPage[],
  report: Report,
): void {
  // Where nobody says which channel is the guest's, the first that nobody else has may be.
  const guessed = isUntold ? pages.find((page) => page.isUntold && isMapped(mappings, page)) : undefined;
  const own = channel?.page ?? guessed?.page ?? null;
  for (const mapping of mappings) {
    const from = firstFrom(pages, mapping.host);
    const to = firstFrom(pages, mapping.host + mapping.size);
    const hasOwn = own !== null && covers(mapping, own);
    const found = hasOwn && pages[from]?.page === own ? pages[from + 1] : pages[from];
    const count = to - from - (hasOwn ? 1 : 0);
    if (found === undefined || count <= 0) continue;
    const more = count === 1 ? "" : `, and ${count - 1} more like it`;
    const what = `${mapping.text} maps ${hexWord(found.page)}, the page of ${found.owner}${more}`;
    report("DM009", mapping.place, { domain: name, what });
  }
}

/** Index of the first page at this address or behind it. */
function firstFrom(pages: readonly ChannelPage[], address: number): number {
  let [low, high] = [0, pages.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pages[middle]?.page ?? Infinity) < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkOwnPage({ name, channel, mappings, mappingPlace, by }: PageUser, report: Report): void {
  if (channel?.page == null || mappingPlace === null) return;
  const { page, agent } = channel;
  if (mappings.some((mapping) => covers(mapping, page))) return;
  const what = `${by} does not map ${hexWord(page)}, the page of its agent ${agent}`;
  report("DM009", mappingPlace, { domain: name, what });
}

/** Where the guest's tree has the page, and where Xen or the toolstack puts it. A page that is not mapped at all is DM009's. */
function checkAddress({ name, partial, channel, mappings, by }: PageUser, report: Report): void {
  if (partial === null || channel?.page == null) return;
  const { page, funcId } = channel;
  const mapped = mappings
    .filter((mapping) => covers(mapping, page))
    .map(({ host, guest }) => guest + (page - host));
  if (mapped.length === 0) return;
  const { scmi } = readPartialTree(partial.tree);
  const right = scmi.filter(({ smcId }) => smcId === funcId);
  for (const node of right.length > 0 ? right : scmi) {
    if (node.page !== null && mapped.includes(node.page.address)) continue;
    const place =
      node.shmem === null ? partial.locate(node.node, "shmem") : partial.locate(node.shmem, "reg");
    const where = mapped.map((address) => hexWord(address)).join(", ");
    report("DM010", place, { domain: name, tree: addressOf(node), by, mapped: where });
  }
}

function addressOf({ page, shmem }: GuestScmi): string {
  if (page !== null) return hexWord(page.address);
  return shmem === null ? "nothing (no shmem)" : "nothing (no reg)";
}

function isMapped(mappings: readonly Mapping[], { page }: ChannelPage): boolean {
  return mappings.some((mapping) => covers(mapping, page));
}

/** Whether a mapping has the page, which begins at `page`. */
function covers({ host, size }: Mapping, page: number): boolean {
  return page >= host && page < host + size;
}
