import { hexWord } from "#base/hex.ts";
import type { Region } from "../../../device-tree/address.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import { readU32 } from "../../../device-tree/property.ts";
import { atLeast } from "../../../xen/series-version.ts";
import type { Check } from "../../check.ts";
import { capital } from "./capital.ts";
import { type HostChannel, hostChannels, managementChannel } from "./channel.ts";
import { laterGoodNode } from "./probe-order.ts";
import type { NoRegion } from "./region.ts";

const PAGE_BYTES = 0x1000;

/** MA003: channels whose messages are in one page, whatever the nodes are called. */
export const sharedPages: Check = (input, report) => {
  const owners = new Map<number | DtNode, string>();
  for (const { who, shmem, region, place } of hostChannels(input)) {
    if (shmem === null) continue;
    const page = region.kind === "region" ? pageAddress(region.region) : shmem;
    const owner = owners.get(page);
    if (owner === undefined) owners.set(page, who);
    else {
      const named = typeof page === "number" ? hexWord(page) : page.path;
      report("MA003", place, {
        a: capital(owner),
        b: who,
        page: named,
      });
    }
  }
};

/** MA004 to MA006: pages that are not whole pages. */
export const pageBounds: Check = (input, report) => {
  const { host } = input;
  if (host === null) return;
  for (const { isManagement, shmem, region } of hostChannels(input)) {
    if (shmem === null || region.kind !== "region") continue;
    const { address, size } = region.region;
    const place = host.locate(shmem, "reg");
    const isAddressChecked = !isManagement && atLeast(input.xen.version, "v10");
    if (size % PAGE_BYTES !== 0) {
      report("MA004", place, { shmem: shmem.path, what: `its size is ${hexWord(size)}` });
    } else if (address % PAGE_BYTES !== 0 && isAddressChecked) {
      report("MA004", place, { shmem: shmem.path, what: `it is at ${hexWord(address)}` });
    } else if (address % PAGE_BYTES !== 0) {
      const from = hexWord(pageAddress(region.region));
      report("MA005", place, { shmem: `${shmem.path} at ${hexWord(address)}`, address: from });
    }
    if (isManagement && size === 0) report("MA006", place, { shmem: shmem.path });
  }
};

/** MA007: shared memory whose address Xen cannot tell, one finding for each node that is to blame. */
export const translation: Check = (input, report) => {
  const { host } = input;
  if (host === null) return;
  const byBlame = new Map<string, { cause: NoRegion; channels: HostChannel[] }>();
  for (const channel of hostChannels(input)) {
    if (channel.region.kind !== "none") continue;
    const { cause } = channel.region;
    const known = byBlame.get(cause.why);
    if (known === undefined) byBlame.set(cause.why, { cause, channels: [channel] });
    else known.channels.push(channel);
  }
  for (const { cause, channels } of byBlame.values()) {
    const paths = [...new Set(channels.map(({ shmem }) => shmem?.path ?? ""))];
    const shmem = paths.length === 1 ? `${paths[0]}` : `${paths[0]} (and of ${paths.length - 1} more)`;
    const errno = channels.some(({ isManagement }) => isManagement) ? "ENOENT" : "EINVAL";
    const isThere = cause.bus.properties.has(cause.property);
    report("MA007", host.locate(cause.bus, isThere ? cause.property : undefined), {
      bus: capital(cause.why),
      shmem,
      errno,
    });
  }
};

/** MA008: a management node without what the probe asks of it first. Where another node could do instead, it is MA021's. */
export const managementNode: Check = (input, report) => {
  const { host, binding } = input;
  const node = binding?.management ?? null;
  if (host === null || node === null || host.unknown.has(node)) return;
  // A number may be the phandle of something in a base that is not here.
  if (!host.whole && readU32(node, "shmem") !== null) return;
  const own = managementChannel(input);
  const isDangling = own?.shmem === null && (node.properties.get("shmem")?.byteLength ?? 0) >= 4;
  if (isDangling) {
    report("MA008", host.locate(node, "shmem"), {
      node: node.path,
      why: "has a shmem that resolves to nothing; Xen would continue with an undefined address",
    });
  }
  if (laterGoodNode(input) !== null) return;
  const absent = [
    ...(own?.funcId === null ? ["arm,smc-id"] : []),
    ...(own?.shmem === null && !isDangling ? ["shmem"] : []),
  ];
  for (const property of absent) {
    const why = `has no ${property} that can be read; boot goes on without a mediator (ENOENT)`;
    report("MA008", host.locate(node), { node: node.path, why });
  }
};

function pageAddress({ address }: Region): number {
  return address - (address % PAGE_BYTES);
}
