import type { Scalar } from "#base/cells.ts";
import { FINDING_KINDS, findings } from "#machine/checks/findings.ts";
import { brokenInvariants, INVARIANTS, violations } from "#machine/checks/invariants.ts";
import type { MachineState } from "#machine/state/state.ts";
import { isPermitted } from "#machine/views/permitted.ts";

type Value = Scalar | { readonly [key: string]: unknown };

/** A function that expressions can call. */
interface ExpressionFunction {
  /** Names of its arguments. */
  readonly args: readonly string[];
  readonly doc: string;
  /** Tables that it looks at: a change of another cannot make it come to something else. A test holds this to what is read. */
  readonly reads: readonly string[];
  /** What is allowed instead of a literal argument, or undefined: it may be. */
  readonly refuses?: (value: string | number | boolean | null) => string | undefined;
  readonly evaluate: (state: MachineState, args: readonly Value[]) => Value;
}

function namedDomain({ mediator }: MachineState, name: string): Value {
  for (const domid of mediator.domain.ids()) {
    const row = mediator.domain.at(domid);
    if (row.name === name) return { domid, ...row };
  }
  return null;
}

/** What the firmware lets an agent do. */
const PERMISSION_TABLES = ["host", "firmware/permission"] as const;

/** What findings and invariants are about. Most messages of guests change none of it. */
const HEALTH_TABLES = [
  ...PERMISSION_TABLES,
  "mediator/driver",
  "mediator/channel",
  "mediator/domain",
  "mediator/assignment",
  "mediator/kept",

  "firmware/channel",
  "permissionSince",
  "granted",
] as const;

/** The functions of expressions, by name; docs/debugging.md lists them, and a test holds it to this. */
export const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  count: {
    args: ["rows"],
    doc: "how many rows a table has, or columns a row",
    reads: [],
    evaluate: (_state, [rows]) => (typeof rows === "object" && rows !== null ? Object.keys(rows).length : 0),
  },
  exists: {
    args: ["path"],
    doc: "whether there is such a row or cell",
    reads: [],
    evaluate: (_state, [value]) => value !== null,
  },
  allowed: {
    args: ["agent", "device"],
    doc: "whether the firmware lets an agent use a device, by default or because it was told so",
    reads: PERMISSION_TABLES,
    evaluate: (state, [agentId, deviceId]) =>
      typeof agentId === "number" && typeof deviceId === "number" && isPermitted(state, agentId, deviceId),
  },
  domain: {
    args: ["name"],
    doc: "the row of the live domain of this name, with its domid",
    reads: ["mediator/domain"],
    evaluate: (state, [name]) => (typeof name === "string" ? namedDomain(state, name) : null),
  },
  finding: {
    args: ["kind"],
    doc: "whether there is a finding of this kind",
    reads: HEALTH_TABLES,
    refuses: (kind) =>
      FINDING_KINDS.some((known) => known === kind) ? undefined : `one of ${FINDING_KINDS.join(", ")}`,
    evaluate: (state, [kind]) => findings(state).some((finding) => finding.kind === kind),
  },
  findings: {
    args: [],
    doc: "how many findings there are",
    reads: HEALTH_TABLES,
    evaluate: (state) => findings(state).length,
  },
  violation: {
    args: ["invariant"],
    doc: "whether this invariant does not hold",
    reads: HEALTH_TABLES,
    refuses: (name) =>
      INVARIANTS.some((known) => known === name) ? undefined : `one of ${INVARIANTS.join(", ")}`,
    evaluate: (state, [name]) => brokenInvariants(state).some(({ invariant }) => invariant === name),
  },
  violations: {
    args: [],
    doc: "how many invariants do not hold",
    reads: HEALTH_TABLES,
    evaluate: (state) => violations(state).length,
  },
};
