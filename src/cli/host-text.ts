import type { Body } from "./client.ts";
import { facts, table } from "./output.ts";

interface Probe {
  readonly result: string;
  readonly errno: string | null;
  readonly message: string | null;
  readonly seq: number | null;
}

/** The host as a person reads it. */
export function hostText(host: Body): string {
  const mediator = host["mediator"] as Body;
  const panic = host["panic"] as Body | null;
  const findings = host["findings"] as readonly Body[];
  const known = facts([
    ["name", host["name"]],
    ["epoch", host["epoch"]],
    ["mediator", `${mediator["mode"]} (${mediator["version"]}), ${probeText(mediator["probe"] as Probe)}`],
    mediator["mode"] === "single-agent"
      ? ["SCMI goes to", mediator["passthrough"] === true ? "the first guest that asks for it" : "dom0"]
      : ["management agent", mediator["managementAgent"]],
    ["node", mediator["node"]],
    ["profile", host["profile"]],
    ...(panic === null
      ? []
      : [["panic", `${panic["errno"]}: ${panic["message"]} (event ${panic["seq"]})`] as const]),
    ["head", host["headSeq"]],
    ["state hash", host["stateHash"]],
  ]);
  if (findings.length === 0) return `${known}\nfindings:  none`;
  const rows = findings.map(({ seq, kind, message }) => [seq, kind, message]);
  return `${known}\n\nfindings\n${table(["since", "kind", "message"], rows)}`;
}

/** What the probe came to, in a few words. */
export function probeText({ result, errno, message, seq }: Probe): string {
  if (result === "absent") return "nothing to probe";
  if (result === "probed") return `probed (event ${seq})`;
  return `the probe failed with ${errno}: ${message} (event ${seq})`;
}
