import type { ImxConfig } from "#config/imx-sm/config.ts";
import { readImxConfig } from "#config/imx-sm/read.ts";
import type { OpenSource, SourceIssue } from "#config/imx-sm/source.ts";

/** Opens files that a test has in memory; they lie in no folders. */
function filesOf(files: Readonly<Record<string, string>>): OpenSource {
  return async (name) => {
    const text = Object.hasOwn(files, name) ? files[name] : undefined;
    return text === undefined ? "there is no such file" : { file: name, text };
  };
}

/** Reads `main.cfg` of some files, or one text. */
export function read(
  files: string | Readonly<Record<string, string>>,
): Promise<ImxConfig | readonly SourceIssue[]> {
  return readImxConfig("main.cfg", filesOf(typeof files === "string" ? { "main.cfg": files } : files));
}

/** The configuration of some files; throws where they are refused. */
export async function configOf(files: string | Readonly<Record<string, string>>): Promise<ImxConfig> {
  const config = await read(files);
  if ("agents" in config) return config;
  throw new Error(config.map(({ where, message }) => `${where}: ${message}`).join("\n"));
}

/** What some files are refused for, a line an issue. */
export async function refusalsOf(files: string | Readonly<Record<string, string>>): Promise<string[]> {
  const config = await read(files);
  if ("agents" in config) throw new Error("the configuration was taken");
  return config.map(({ where, message }) => `${where}: ${message}`);
}

/** A machine with an agent, and these lines in its section. */
export function agentWith(...lines: readonly string[]): string {
  return [
    'LM0 name="SM", rpc=none',
    'LM1 name="AP", rpc=scmi, boot=1',
    'SCMI_AGENT0 name="A"',
    ...lines,
  ].join("\n");
}

/** The levels of an agent by the names of resources. */
export function levelsIn(config: ImxConfig, agent = 0): Record<string, string> {
  return Object.fromEntries(
    [...(config.agents[agent]?.levels ?? [])].map(([name, { level }]) => [name, level]),
  );
}
