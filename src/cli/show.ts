import { isProblem, type Problem } from "#base/problem.ts";
import type { Body, Query, Source } from "./client.ts";
import type { CommonOptions } from "./options.ts";
import { print, printJson, refuse } from "./output.ts";

/** Prints what a call came to: the refusal, the body as JSON, or the body as a person reads it. */
export async function show<B extends object>(
  answer: B | Problem,
  options: CommonOptions,
  human: (body: B) => string,
): Promise<void> {
  if (isProblem(answer)) refuse(answer);
  else if (options.json === true) await printJson(answer);
  else await print(human(answer));
}

/** A whole list: the first page's body with the items of all pages. */
export async function wholeList(source: Source, path: string, query: Query = {}): Promise<Body | Problem> {
  const first = await source.get(path, query);
  if (isProblem(first)) return first;
  const items = [...itemsOf(first)];
  let { next } = first;
  while (typeof next === "number" || typeof next === "string") {
    const page = await source.get(path, { ...query, after: next });
    if (isProblem(page)) return page;
    for (const item of itemsOf(page)) items.push(item);
    next = page["next"];
  }
  return { ...first, items, next: null };
}

/** The items of a list's body. */
export function itemsOf(body: Body): readonly Body[] {
  return body["items"] as readonly Body[];
}

/** These fields of each item, for a table. */
export function columns(items: readonly Body[], fields: readonly string[]): unknown[][] {
  return items.map((item) => fields.map((field) => item[field]));
}
