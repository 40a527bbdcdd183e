import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FirmwareConfig, HostDescription } from "#config/board/board.ts";
import { performanceDomain, sensor } from "../firmware/support/resource-board.ts";
import { inProcess } from "../support/in-process.ts";
import { kernelTrace, PRINTED_FORMS, type PrintedForm, word } from "../support/kernel-trace.ts";
import { twoGuests } from "../support/two-guests.ts";

const DIRECTORY = mkdtempSync(join(tmpdir(), "scmictl-derive-"));
afterAll(() => rmSync(DIRECTORY, { recursive: true, force: true }));

/** A board of ours that somebody else has: with resources of every kind that a trace describes. */
const theirs = await twoGuests({
  vendor: "Acme",
  subVendor: "Anvil 2",
  implementationVersion: 0x2_0301,
  protocols: ["clock", "power", "performance", "sensor", "reset", "voltage"],
  performanceDomains: [
    performanceDomain(0, "cpu", {
      levels: [500, 1000].map((value) => ({
        value,
        powerCost: value / 5,
        latencyUs: 10,
        frequencyKhz: value * 1000,
      })),
      level: 1000,
    }),
  ],
  sensors: [sensor(0, "soc", { exponent: -3, reading: 41_500, tripPoints: 2 })],
  voltageDomains: [
    { id: 0, name: "vdd", levels: [800_000, 1_000_000], range: null, level: 1_000_000, mode: "on" },
    {
      id: 1,
      name: "vio",
      levels: [],
      range: { min: 1_800_000, max: 3_300_000, step: 100_000 },
      level: 1_800_000,
      mode: "off",
    },
  ],
});

/** Imports a kernel's trace and derives the board that it implies. */
async function derived(
  name: string,
  host: HostDescription,
  form: PrintedForm,
  more: Parameters<typeof kernelTrace>[3] = [],
  args: readonly string[] = [],
) {
  const [trace, log, out] = [`${name}.log`, `${name}.db`, name].map((file) => join(DIRECTORY, file)) as [
    string,
    string,
    string,
  ];
  writeFileSync(trace, kernelTrace(host, 2, form, more));
  expect(await inProcess(["import", "ftrace", "--agent", `2=${trace}`, "--db", log])).toMatchObject({
    status: 0,
  });
  const run = await inProcess(["import", "board", "--db", log, "--out", out, "--no-ask", ...args]);
  return { trace, log, out, board: join(out, "board.yaml"), ...run };
}

function withFirmware(firmware: Partial<FirmwareConfig>): HostDescription {
  return { ...theirs, board: { ...theirs.board, firmware: { ...theirs.board.firmware, ...firmware } } };
}

describe("the board that a trace implies", () => {
  test.each(PRINTED_FORMS)("answers as the real one did, whatever form the trace has: %s", async (form) => {
    const { status, board, out, log, stderr } = await derived(form, theirs, form);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(readdirSync(out).sort()).toEqual(["board.yaml", "host.dtb", "host.dts"]);
    const { stdout, status: compared } = await inProcess(["compare", "--db", log, "--board", board]);
    expect(stdout).toMatch(/^(\d+) requests played: \1 answered alike, 0 differently/);
    expect(compared).toBe(0);
    expect(stderr).toMatch(/answered alike: v32 (\d+) of \1, /);
  });

  test("has what the firmware said of itself and of its resources, and marks what nobody asked", async () => {
    const { board, stderr } = await derived("all", theirs, "tp_printk");
    const text = readFileSync(board, "utf8");
    for (const line of [
      "name: acme-anvil-2 # assumed: after the firmware's vendor (--name)",
      "  vendor: Acme",
      "  subVendor: Anvil 2",
      `  implementationVersion: ${0x2_0301}`,
      "  protocols: [ clock, power, performance, sensor, reset, voltage ]",
      "    - { id: 2, name: red, funcId: 0x82000004, shmem: 0x47ff2000 } # assumed: funcId, shmem",
      "    - { id: 0, name: always-on, initial: on }",
      "    - { id: 0, name: uart, rates: [ 1843200, 24000000 ], rate: 24000000, enabled: true }",
      "{ min: 100000000, max: 800000000, step: 1000000 }, rate: 400000000, enabled: false }",
      "{ id: 0, name: soc, type: 2, exponent: -3, reading: 41500, tripPoints: 2",
      "{ id: 1, name: vio, range: { min: 1800000, max: 3300000, step: 100000 }, level: 1800000, mode: off }",
    ]) {
      expect(text).toContain(line);
    }
    expect(stderr).toContain("assumed: xen.mediator = single-agent: the trace is of one kernel");
  });

  test("has the profile that answers most alike, or the one that is asked for", async () => {
    const ref = withFirmware({
      profile: "ref",
      protocols: ["clock", "power", "reset"],
      performanceDomains: [],
      sensors: [],
      voltageDomains: [],
    });
    const { board, stderr } = await derived("ref", ref, "trace-with-ids");
    expect(readFileSync(board, "utf8")).toContain("  profile: ref #");
    expect(stderr).toMatch(/answered alike: ref (\d+) of \1, /);
    const other = await derived(
      "other",
      ref,
      "trace-with-ids",
      [],
      ["--profile", "v32", "--name", "mine", "--set", "xen.version=v11"],
    );
    const text = readFileSync(other.board, "utf8");
    expect(text).toContain("name: mine\n");
    expect(text).toContain("  profile: v32 #");
    expect(text).toContain("  version: v11\n");
    expect(other.stderr).toContain(`what differs: scmictl compare --db ${other.log} --board ${other.board}`);
  });

  test("what an agent changed is not how the board starts, and what it was denied is nobody's", async () => {
    const off = word(0x4000_0000);
    const more = [
      [0x14, 5, word(0) + word(0) + word(1_843_200) + word(0)],
      [0x14, 6, word(0)],
      [0x11, 4, word(0) + word(1) + word(0)],
      [0x11, 4, word(0) + word(1) + off],
      [0x16, 4, word(0) + word(1) + word(0)],
    ] as const;
    const { board, log, status } = await derived("used", theirs, "inflight", more);
    expect(status).toBe(0);
    const text = readFileSync(board, "utf8");
    expect(text).toContain("name: uart, rates: [ 1843200, 24000000 ], rate: 24000000");
    expect(text).toContain("- { id: 1, name: denied-2, powerDomains: [ 1 ], clocks: [ 1 ], resets: [ 0 ] }");
    expect((await inProcess(["compare", "--db", log, "--board", board])).stdout).toContain(", 0 differently");
  });

  test("of several kernels needs an agent for Xen, and shows where one of them was answered otherwise", async () => {
    const [red, blue, log, out] = ["red.log", "blue.log", "both.db", "both"].map((file) =>
      join(DIRECTORY, file),
    ) as [string, string, string, string];
    writeFileSync(red, kernelTrace(theirs, 2, "trace"));
    writeFileSync(
      blue,
      kernelTrace(theirs, 3, "trace")
        .replace("006cdc02", "006cdc03")
        .replace(/(t=RESP msg_id=06 .*pyld=)00366e01/, "$100366e02"),
    );
    await inProcess(["import", "ftrace", "--agent", `2=${red}`, "--agent", `3=${blue}`, "--db", log]);
    const { stderr } = await inProcess(["import", "board", "--db", log, "--out", out, "--no-ask"]);
    expect(stderr).toMatch(/agent \d is taken for Xen's own/);
    const { stdout, status } = await inProcess(["compare", "--db", log, "--board", join(out, "board.yaml")]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/, 1 differently/);
    expect(stdout).toContain("agent 3, clock CLOCK_RATE_GET, once: fields: rate");
  });
});

describe("bad input", () => {
  test("a trace without messages, a log without traces and a board that is there are refused", async () => {
    const [trace, log] = [join(DIRECTORY, "old.log"), join(DIRECTORY, "old.db")];
    // Up to 5.18 no kernel dumps messages.
    writeFileSync(
      trace,
      "scmi_xfer_begin: transfer_id=26 msg_id=16 protocol_id=20 seq=26 poll=0\nscmi_xfer_end: transfer_id=26 msg_id=16 protocol_id=20 seq=26 status=0\n",
    );
    await inProcess(["import", "ftrace", trace, "--db", log]);
    const refused = async (...args: string[]) => (await inProcess(["import", "board", ...args])).stderr;
    expect(await refused("--db", log)).toContain("it has no answer of a firmware's");
    expect(await refused("--db", join(DIRECTORY, "nowhere.db"))).toContain("code: ");
    const { log: whole, out } = await derived("twice", theirs, "trace");
    expect(await refused("--db", whole, "--out", out)).toContain("--force writes over it");
    expect(await refused("--db", whole, "--set", "firmware.clocks.0.rate=7")).toContain(
      "code: board-invalid",
    );
  });

  test("a trace that tells of half of everything gives a board that boots, and says what it assumed", async () => {
    const [trace, log, out] = ["half.log", "half.db", "half"].map((file) => join(DIRECTORY, file)) as [
      string,
      string,
      string,
    ];
    const lines = kernelTrace(theirs, 2, "tp_printk").split("\n");
    writeFileSync(trace, lines.filter((_, i) => (i * 7) % 11 > 3).join("\n"));
    await inProcess(["import", "ftrace", trace, "--db", log]);
    const { status, stderr } = await inProcess(["import", "board", "--db", log, "--out", out, "--no-ask"]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toMatch(/what differs: .* --agent \d/);
    expect(readFileSync(join(out, "board.yaml"), "utf8")).toContain("# assumed: ");
    const check = await inProcess(["check", "--board", join(out, "board.yaml")]);
    expect(check.stdout).not.toMatch(/^E/m);
  });
});
