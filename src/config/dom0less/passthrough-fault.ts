import type { PassthroughNode } from "./passthrough-nodes.ts";

const PAGE_BYTES = 0x1000n;

/** What is wrong with the properties of a node themselves, or null; Xen panics for it, with EINVAL. */
export function passthroughFault({ path, hostPath, mappings, force }: PassthroughNode): string | null {
  if (mappings === null) return `${path} has xen,path without xen,reg`;
  if (hostPath === null && !force) {
    return `${path} has xen,reg without xen,path, and no xen,force-assign-without-iommu`;
  }
  const unaligned = mappings.flatMap(({ host, size, guest }) => [host, size, guest]).find(isUnaligned);
  return unaligned === undefined
    ? null
    : `xen,reg of ${path}: 0x${unaligned.toString(16)} is not a multiple of 4 KiB`;
}

function isUnaligned(value: bigint): boolean {
  return value % PAGE_BYTES !== 0n;
}
