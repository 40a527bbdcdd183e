import { describe, expect, test } from "vitest";
import { hostView } from "#machine/views/host.ts";
import { Scenario } from "../../support/scenario.ts";
import { LISTS, MESSAGES, NODE, STEPS } from "./failures.ts";
import { expectNoMediator } from "./no-mediator.ts";

describe.each([
  ["a step of the probe that fails (§2.2)", STEPS],
  ["a message of the probe that fails (§2.2, §6)", MESSAGES],
  ["an agent list that is refused (§2.3)", LISTS],
] as const)("%s", (_, table) => {
  test.each(table)("step $step, $errno: $name", ({ step, errno, message, options = {}, fault }) => {
    const scenario = new Scenario(options);
    if (fault !== undefined) scenario.fault(fault);
    const boot = scenario.boot();
    const isListEmptied = step >= 9;
    expect(boot.errno).toBe(errno);
    expect(boot.the("mediator.probe-failed")).toEqual({
      node: NODE,
      step,
      errno,
      message,
      listEmptied: isListEmptied,
    });
    expect(hostView(scenario.machine.state)).toMatchObject({
      panic: null,
      mediator: {
        registered: false,
        probe: { result: "failed", errno, message },
        managementAgent: null,
        node: isListEmptied ? NODE : null,
      },
      findings: [{ kind: "probe-failed" }],
    });
    expectNoMediator(scenario, boot.all("domain.created"));
  });
});
