import { LEVEL_WORDS, PREFIXES, type Prefix } from "./resources.ts";
import type { Word } from "./words.ts";

/**
 * The level that a line gives on resources of a prefix: the first word counts that speaks of it, `api=` for all prefixes or its own.
 *
 * @returns the level as written, or null: the line gives none
 */
export function levelFor(words: readonly Word[], prefix: Prefix): string | null {
  return (
    words.find(({ name, value }) => value !== null && (name === "api" || name === prefix))?.value ?? null
  );
}

/** Whether a word gives a level. */
export function isLevel({ name, value }: Word): boolean {
  return value !== null && (name === "api" || PREFIXES.some((prefix) => prefix === name));
}

/** What is wrong with a level as written, or null. */
export function refuseLevel({ name, value }: Word): string | null {
  if (value !== null && Object.hasOwn(LEVEL_WORDS, value)) return null;
  return `${name}=${value ?? ""} is no level, allowed are ${Object.keys(LEVEL_WORDS).join(", ")}`;
}
