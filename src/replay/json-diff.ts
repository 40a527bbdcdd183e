import type { Json } from "#base/canonical-json.ts";

/** A leaf in which two JSON values differ: its path with dots (`data.effects.0.value`), and what each has there. */
export interface LeafDifference {
  readonly path: string;
  /** Null also where that side has no such field. */
  readonly recorded: Json;
  readonly replayed: Json;
}

/** The leaves in which two JSON values differ, in the order of their paths: keys by code unit, lists by index. */
export function leafDifferences(recorded: Json, replayed: Json, path = ""): LeafDifference[] {
  if (Object.is(recorded, replayed)) return [];
  const below = (key: string | number): string => (path === "" ? String(key) : `${path}.${key}`);
  if (isList(recorded) && isList(replayed)) {
    const length = Math.max(recorded.length, replayed.length);
    return Array.from({ length }, (_, i) =>
      leafDifferences(recorded[i] ?? null, replayed[i] ?? null, below(i)),
    ).flat();
  }
  if (isObject(recorded) && isObject(replayed)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(replayed)])].sort();
    return keys.flatMap((key) => leafDifferences(recorded[key] ?? null, replayed[key] ?? null, below(key)));
  }
  return [{ path, recorded, replayed }];
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json | undefined } {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
