import type { ImxConfig } from "./config.ts";
import { interpret } from "./interpret.ts";
import { type OpenSource, readSource, type SourceIssue } from "./source.ts";

/**
 * Reads a System Manager configuration and all that it includes.
 *
 * @param name the top-level file as named
 * @param open finds and reads files
 * @returns the configuration; or every issue found, with its place
 */
export async function readImxConfig(
  name: string,
  open: OpenSource,
): Promise<ImxConfig | readonly SourceIssue[]> {
  const { lines, issues } = await readSource(name, open);
  if (issues.length > 0) return issues;
  const { config, issues: found } = interpret(lines, name);
  return found.length > 0 ? found : config;
}
