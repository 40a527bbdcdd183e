import { describe, expect, test } from "vitest";
import { agentWith, configOf, levelsIn, refusalsOf } from "./sources.ts";

describe("lines", () => {
  test("a comment begins anywhere, a backslash goes on, commas are blanks, carriage returns are nothing", async () => {
    const config = await configOf(
      agentWith("CLK_A, CLK_B \\\r", "   api=set # CLK_C\r", "# CLK_D api=all", "", "\tCLK_E\tapi=get"),
    );
    expect(levelsIn(config)).toEqual({ DEV_SM_CLK_A: "SET", DEV_SM_CLK_B: "SET", DEV_SM_CLK_E: "GET" });
    expect(config.agents[0]?.levels.get("DEV_SM_CLK_A")?.where).toBe("main.cfg:4");
    expect(config.agents[0]?.levels.get("DEV_SM_CLK_E")?.where).toBe("main.cfg:8");
  });

  test("an include stands for the lines of its file, definitions among them, and may come twice", async () => {
    const config = await configOf({
      "main.cfg": `include parts.cfg\n${agentWith("UART ALL")}\ninclude more.cfg\ninclude more.cfg`,
      "parts.cfg": "UART: CLK_U\nALL: api=all",
      "more.cfg": "PIN_X ALL",
    });
    expect(levelsIn(config)).toEqual({ DEV_SM_CLK_U: "EXCLUSIVE", DEV_SM_PIN_X: "EXCLUSIVE" });
    expect(config.agents[0]?.levels.get("DEV_SM_PIN_X")?.where).toBe("more.cfg:1");
  });

  test("includes that are missing or go in circles are told with their places", async () => {
    expect(
      await refusalsOf({
        "main.cfg": "\ninclude gone.cfg\ninclude\t a.cfg",
        "a.cfg": "include b.cfg",
        "b.cfg": "X\ninclude a.cfg",
      }),
    ).toEqual([
      "main.cfg:2: include gone.cfg: there is no such file",
      "b.cfg:2: include a.cfg goes in a circle: a.cfg, b.cfg, a.cfg",
    ]);
    expect(await refusalsOf({})).toEqual(["main.cfg: there is no such file"]);
  });
});

describe("definitions", () => {
  test("a name means what it means where it is used, not where something that has it was defined", async () => {
    const config = await configOf(
      agentWith("UART: CLK_U, WHO", "WHO: api=get", "UART", "WHO: api=priv", "PIN_P WHO", "UART"),
    );
    expect(levelsIn(config)).toEqual({ DEV_SM_PIN_P: "PRIV", DEV_SM_CLK_U: "PRIV" });
  });

  test("a definition without a value takes its name out of lines", async () => {
    const config = await configOf(agentWith("PD_AON:", "UART: PD_AON, CLK_U", "UART api=all"));
    expect(levelsIn(config)).toEqual({ DEV_SM_CLK_U: "EXCLUSIVE" });
  });

  test("a definition that has its own name in it goes on from the one before", async () => {
    const config = await configOf(agentWith("OWNED: CLK_A", "OWNED: OWNED, CLK_B", "OWNED api=all"));
    expect(Object.keys(levelsIn(config))).toEqual(["DEV_SM_CLK_A", "DEV_SM_CLK_B"]);
  });

  test("names are whole words, and what is in quotes is no name", async () => {
    const config = await configOf(
      'GPU: CLK_G\nLM0 name="SM"\nLM1 name="GPU", rpc=scmi\nSCMI_AGENT0 name="GPU"\nGPU_2 api=all',
    );
    expect(config.agents[0]?.name).toBe("GPU");
    expect(levelsIn(config)).toEqual({});
  });

  test("circles and definitions that grow without bound are refused", async () => {
    expect(await refusalsOf(agentWith("A: B", "B: C A", "A api=all"))).toEqual([
      "main.cfg:6: the definition of A comes back to itself",
    ]);
    const laughs = Array.from({ length: 40 }, (_, i) => `L${i + 1}: L${i} L${i}`);
    expect(await refusalsOf(agentWith("L0: ha", ...laughs, "L40"))).toEqual([
      "main.cfg:45: with its definitions the line has over 100000 characters",
    ]);
    const chain = Array.from({ length: 400 }, (_, i) => `C${i + 1}: C${i}`);
    expect((await refusalsOf(agentWith("C0: x", ...chain, "C400")))[0]).toContain(
      "over more than 100 others",
    );
  });
});

describe("levels", () => {
  test.each([
    ["none", "NONE"],
    ["get", "GET"],
    ["notify", "NOTIFY"],
    ["set", "SET"],
    ["priv", "PRIV"],
    ["exclusive", "EXCLUSIVE"],
    ["all", "EXCLUSIVE"],
  ])("%s is %s", async (word, level) => {
    expect(levelsIn(await configOf(agentWith(`CLK_A api=${word}`)))).toEqual({ DEV_SM_CLK_A: level });
  });

  test("of a line the first word counts that speaks of the kind", async () => {
    const config = await configOf(
      agentWith("CLK_A PD_B api=get clk=all", "CLK_C PD_D clk=set api=priv pd=all"),
    );
    expect(levelsIn(config)).toEqual({
      DEV_SM_CLK_A: "GET",
      DEV_SM_PD_B: "GET",
      DEV_SM_CLK_C: "SET",
      DEV_SM_PD_D: "PRIV",
    });
  });

  test("of several lines the last counts", async () => {
    const config = await configOf(agentWith("CLK_A api=all", "CLK_A test", "CLK_A clk=notify"));
    expect(levelsIn(config)).toEqual({ DEV_SM_CLK_A: "NOTIFY" });
  });

  test("SYS is the system's power as the first word alone; boards have resources too", async () => {
    const config = await configOf(agentWith("SYS api=all", "BRD_SM_SENSOR_X api=set", "CLK_A SYS api=get"));
    expect(levelsIn(config)).toEqual({
      DEV_SM_SYS_0: "EXCLUSIVE",
      BRD_SM_SENSOR_X: "SET",
      DEV_SM_CLK_A: "GET",
    });
    expect(config.notes.map(({ message }) => message)).toContain(
      "SYS is neither a resource nor a definition: the tool passes over it in silence",
    );
  });

  test("an agent's section ends with the next agent and the next machine", async () => {
    const config = await configOf(
      agentWith("CLK_A api=all", 'SCMI_AGENT1 name="B"', "CLK_B api=all", 'LM2 name="X"', "CLK_C api=all"),
    );
    expect([levelsIn(config, 0), levelsIn(config, 1)]).toEqual([
      { DEV_SM_CLK_A: "EXCLUSIVE" },
      { DEV_SM_CLK_B: "EXCLUSIVE" },
    ]);
  });

  test("dup= takes another agent's levels instead of its own, of one that comes later too", async () => {
    const config = await configOf(
      agentWith('SCMI_AGENT1 name="B", dup=2', "CLK_B api=all", 'SCMI_AGENT2 name="C"', "CLK_C api=get"),
    );
    expect(levelsIn(config, 1)).toEqual({ DEV_SM_CLK_C: "GET" });
    expect(config.notes.some(({ message }) => message.includes("the 1 of its own count for nothing"))).toBe(
      true,
    );
  });

  test("a peripheral is a definition that groups resources, and agents have it by their levels", async () => {
    const config = await configOf(
      agentWith(
        "OWNER: api=all",
        "UART: CLK_U, PIN_U, DAISY_U",
        "BLOCK: MBC_A0=0.1",
        "UART OWNER",
        "BLOCK OWNER",
        'SCMI_AGENT1 name="B"',
        "UART api=none",
        'SCMI_AGENT2 name="C", dup=0',
      ),
    );
    expect(config.peripherals.map(({ name, agents }) => ({ name, agents }))).toEqual([
      { name: "UART", agents: [0, 2] },
    ]);
  });
});

test.each([
  [
    "no agent",
    'LM0 name="SM"',
    "main.cfg: there is no SCMI_AGENT, and so nothing that a board file could say",
  ],
  ["an agent before machines", 'SCMI_AGENT0 name="A"', "main.cfg:1: SCMI_AGENT stands before any LM"],
  [
    "an agent of a machine without SCMI",
    'LM0 name="SM", rpc=none\nSCMI_AGENT0 name="A"',
    "main.cfg:2: SCMI_AGENT stands in LM0, which has no rpc=scmi",
  ],
  [
    "machines out of order",
    'LM0 name="SM"\nLM2 name="X"',
    "main.cfg:2: found LM2, allowed is LM1: machines are numbered from 0, in order",
  ],
  [
    "agents out of order",
    agentWith('SCMI_AGENT0 name="B"'),
    "main.cfg:4: found SCMI_AGENT0, allowed is SCMI_AGENT1: agents are numbered from 0, in order",
  ],
  ["an agent without a name", agentWith("SCMI_AGENT1 secure"), "main.cfg:4: SCMI_AGENT1 has no name"],
  [
    "a duplicate of nobody",
    agentWith('SCMI_AGENT1 name="B", dup=7'),
    "main.cfg:4: dup=7 names no agent of this configuration",
  ],
  [
    "a level that is none",
    agentWith("CLK_A api=owner"),
    "main.cfg:4: api=owner is no level, allowed are none, get, notify, set, priv, exclusive, all",
  ],
  [
    "a level in capitals",
    agentWith("CLK_A clk=ALL"),
    "main.cfg:4: clk=ALL is no level, allowed are none, get, notify, set, priv, exclusive, all",
  ],
  ["memory that is no address", agentWith("MAILBOX type=mu, sma=here"), "main.cfg:4: sma=here is no address"],
])("%s is refused", async (_, text, refusal) => {
  expect(await refusalsOf(text)).toEqual([refusal]);
});

test("what a board file cannot say is noted with its place, and so are words that the tool passes over", async () => {
  const config = await configOf(
    agentWith(
      "CHANNEL type=p2a_priority, crc=crc32, db=2",
      "UART7 api=all",
      "MBC_A0=0.1 MBC_A0=0.2 perm=rw",
      "FAULT_1 reaction=sys_reset",
      "CLK_A test, stop=1, wobble=3",
      "PD_A msel=1, start=1",
      'DOM3 name="X", did=3',
    ),
  );
  expect(config.notes.map(({ where, message }) => `${where} ${message}`)).toEqual([
    "main.cfg:4 agent 0 A: a board file has no second channel for notifications of priority",
    "main.cfg:4 CHANNEL has no key crc: the tool ignores crc=crc32; it knows rpc, type, xport, db, check, notify, test, sequence",
    "main.cfg:4 agent 0 A: db=2 of CHANNEL left out: the model's channels are pages without checksums, and its queues have no end",
    "main.cfg:5 UART7 is neither a resource nor a definition: the tool passes over it in silence",
    "main.cfg:6 agent 0 A: 2 settings of hardware access (MBC_A0) left out: the model has SCMI alone",
    "main.cfg:7 1 reaction to faults left out: the model has no faults of the SoC",
    "main.cfg:8 1 line asks for unit tests (test): a board file says nothing of them",
    "main.cfg:8 agent 0 A: wobble=3 left out: the model has no words for it",
    "main.cfg:8 1 stop command left out: the model shuts no logical machine down",
    "main.cfg:9 1 start or stop command of mode 1 left out: the model boots as mode 0 does",
    "main.cfg:10 DOM3 X: did=3 of DOM left out: domains of hardware access are not modelled",
  ]);
});
