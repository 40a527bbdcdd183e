import { scanHex } from "../xen/c-number.ts";

/** A range of pages that a guest gets: `count` pages from page number `start` of the host, at page number `gfn` of the guest. */
export interface IomemRange {
  readonly start: number;
  readonly count: number;
  readonly gfn: number;
}

/** Page numbers of a 64-bit address space; Xen refuses what is beyond. */
const PAGE_MAX = 2n ** 52n - 1n;

/**
 * One item of an xl.cfg's `iomem`: `START,COUNT[@GFN]`, in hexadecimal. White space may be before a number and nowhere else.
 * Without GFN the guest sees the pages where the host does.
 *
 * @returns null where xl refuses it, or where a page number has more than 52 bits
 * @see tools/xl/xl_parse.c, the `sscanf` for "iomem"
 */
export function parseIomem(text: string): IomemRange | null {
  const start = scanHex(text, 0);
  if (start === null || text[start.end] !== ",") return null;
  const count = scanHex(text, start.end + 1);
  if (count === null) return null;
  const gfn = text[count.end] === "@" ? scanHex(text, count.end + 1) : { ...start, end: count.end };
  if (gfn === null || gfn.end !== text.length) return null;
  if (start.value > PAGE_MAX || count.value > PAGE_MAX || gfn.value > PAGE_MAX) return null;
  return { start: Number(start.value), count: Number(count.value), gfn: Number(gfn.value) };
}
