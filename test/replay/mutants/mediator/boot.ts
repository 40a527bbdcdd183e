import { type Mutant, recorded } from "../mutant.ts";

/** Rules by which Xen finds its mediator while it boots. */
export const MEDIATOR_BOOT: readonly Mutant[] = [
  {
    rule: "With ACPI in use the probe ends with EINVAL.",
    file: "src/mediator/first-checks.ts",
    before: 'failure(2, "EINVAL", "ACPI is in use")',
    after: 'failure(2, "ENODEV", "ACPI is in use")',
    decides: recorded("mediator.probe-failed", ({ step }) => step === 2),
    path: "data.errno",
  },
  {
    rule: "SMCCC has to be 1.1 at least.",
    file: "src/mediator/first-checks.ts",
    before: "(minor ?? 0) >= 1",
    after: "(minor ?? 0) >= 0",
    decides: recorded(
      "mediator.probe-failed",
      ({ step }, { board }) => step === 3 && board.xen.smccc === "1.0",
    ),
    path: "type",
  },
  {
    rule: "The number of agents is in bits 8 to 15 of the base protocol's attributes.",
    file: "src/mediator/probe.ts",
    before: "((replyWord(attributes, 0) ?? 0) >>> 8) & 0xff",
    after: "(replyWord(attributes, 0) ?? 0) & 0xff",
    decides: recorded(
      "mediator.probed",
      (data, { board }) =>
        data.mode === "multi-agent" && data.reportedAgents !== board.firmware.protocols.length,
    ),
    path: "data.reportedAgents",
  },
  {
    rule: "Since v6 the list must not have an agent twice.",
    file: "src/mediator/probe.ts",
    before: 'if (agentId !== null && known && atLeast(version, "v6")) {',
    after: 'if (agentId !== null && known && atLeast(version, "v11")) {',
    hosts: ({ xen }) => xen.version !== "v11",
    decides: recorded("mediator.probe-failed", ({ message }) => message.endsWith("is in the list already")),
    path: ["type", "data"],
  },
  {
    rule: "There is one mediator: a second node is refused.",
    file: "src/mediator/probe.ts",
    before: "if (context.state.driver.get(0)?.registered === true) {",
    after: "if (context.state.driver.get(0) === undefined) {",
    hosts: ({ xen }) => xen.mediator === "multi-agent",
    decides: recorded("mediator.probe-failed", ({ step }) => step === 15),
    path: "type",
  },
  {
    rule: "From step 9 on a probe that fails leaves the channel list empty.",
    file: "src/mediator/probe.ts",
    before: "const LIST_INITIALISED = 9;",
    after: "const LIST_INITIALISED = 16;",
    decides: recorded("mediator.probe-failed", ({ listEmptied }) => listEmptied),
    path: "data.listEmptied",
  },
  {
    rule: "A second node's function id is the one in use with the single-agent mediator, although its probe fails.",
    file: "src/mediator/single-agent/probe.ts",
    before: 'return { ...failure(15, "EEXIST", message), channel };',
    after: 'return failure(15, "EEXIST", message);',
    decides: recorded("mediator.probe-failed", ({ channel }) => channel !== undefined),
    path: "data.channel",
  },
];
