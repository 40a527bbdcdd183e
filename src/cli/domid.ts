import { isProblem, type Problem } from "#base/problem.ts";
import type { Source } from "./client.ts";

/** The domid of a domain that somebody names: by domid, name or uuid; of a name the one that lives, else the latest. */
export async function domidOf(source: Source, ref: string): Promise<number | Problem> {
  if (/^\d{1,15}$/.test(ref)) return Number(ref);
  const domain = await source.get(`/v1/domains/${encodeURIComponent(ref)}`);
  return isProblem(domain) ? domain : (domain["domid"] as number);
}
