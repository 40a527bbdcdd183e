import { either, inDigest, type Mutant, message, recorded, type Seen } from "../mutant.ts";

/** Whether an event is the end of a domain that held an agent, and is to be had again. */
function isHolder(seen: Seen | null): boolean {
  return (
    seen?.event.type === "domain.destroyed" &&
    seen.event.data.cause === "restart" &&
    seen.event.agentId !== null
  );
}

/** Rules by which domains end. */
export const MEDIATOR_TEARDOWN: readonly Mutant[] = [
  {
    rule: "A domain that cannot be built to its end is destroyed again.",
    file: "src/mediator/domains.ts",
    before: 'const undone = destroyDomain(context, creation.domid, "destroy");',
    after: "const undone = { errno: null };",
    decides: ({ kind, previous }) =>
      previous?.event.type === "device.assignment-refused" && kind === "domain.create",
    path: "count",
  },
  {
    rule: "Since v9 teardown takes the permissions with the agent's settings.",
    file: "src/mediator/versions.ts",
    before: 'return atLeast(version, "v9") ? 1 : 0;',
    after: "return 0;",
    decides: message(
      "BASE_RESET_AGENT_CONFIGURATION",
      ({ origin, words }, { kind }) => origin === "xen" && kind !== "agent.reset" && words[1] === 1,
    ),
    path: "data.request.payload",
  },
  {
    rule: "Before v9 teardown leaves the permissions.",
    file: "src/mediator/versions.ts",
    before: 'return atLeast(version, "v9") ? 1 : 0;',
    after: "return 1;",
    decides: message(
      "BASE_RESET_AGENT_CONFIGURATION",
      ({ origin, words }, { kind }) => origin === "xen" && kind !== "agent.reset" && words[1] === 0,
    ),
    path: "data.request.payload",
  },
  {
    rule: "Teardown goes on where the firmware has no command to reset agents.",
    file: "src/mediator/versions.ts",
    before: 'return errno === "EOPNOTSUPP" && atLeast(version, "v3");',
    after: 'return errno === "ENOENT" && atLeast(version, "v3");',
    decides: recorded("domain.destroyed", ({ relinquish }) => relinquish === "tolerated"),
    path: "type",
  },
  {
    rule: "A domain whose agent cannot be reset goes on dying.",
    file: "src/mediator/versions.ts",
    before: 'return errno === "EOPNOTSUPP" && atLeast(version, "v3");',
    after: 'return errno !== null && atLeast(version, "v3");',
    decides: recorded("domain.destroy-refused", ({ message: why }) =>
      why.startsWith("the agent could not be reset"),
    ),
    path: "type",
  },
  {
    rule: "A domain that is gone holds its channel no more.",
    file: "src/mediator/evolve.ts",
    before: 'if (channel !== null && state.channel.has(channel)) state.channel.set(channel, "owner", null);',
    after: "",
    decides: either(
      inDigest(
        recorded("domain.destroyed", ({ cause }, { event }) => cause === "destroy" && event.agentId !== null),
      ),
      // A restart: the agent is wanted at once, or what was refused of it left it to nobody.
      recorded("domain.created", ({ channel }, { previous }) => isHolder(previous) && channel !== null),
      inDigest(recorded("domain.creation-refused", (_, { previous }) => isHolder(previous))),
    ),
    path: ["type", "data.channel"],
  },
  {
    rule: "Nothing is assigned to a domain that is gone.",
    file: "src/mediator/evolve.ts",
    before: "state.assignment.delete(domid);",
    after: "",
    decides: inDigest(
      recorded(
        "domain.destroyed",
        ({ cause }, { state, event }) =>
          cause !== "host-reboot" && state.mediator.assignment.has(event.domid ?? -1),
      ),
    ),
    path: "digest",
  },
];
