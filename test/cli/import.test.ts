import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, describe, expect, test } from "vitest";
import { ask } from "#cli/importing/ask.ts";
import { readStrings } from "#config/device-tree/property.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { inProcess } from "../support/in-process.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "scmi-import-"));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

const CONFIG = "test/inputs/imx-sm/two-machines.cfg";
const IDS = ["--ids", "test/inputs/imx-sm/soc"];
const TREE = "examples/two-guests/host.dtb";

describe("import imx-sm", () => {
  test("writes a board file and a device tree that check finds nothing wrong with, and tells what it assumed and left out", async () => {
    const out = join(FOLDER, "imx");
    const { status, stdout, stderr } = await inProcess(["import", "imx-sm", CONFIG, ...IDS, "--out", out]);
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/^assumed: firmware\.clocks\[\]\.range of 0 to 4 = /m);
    expect(stderr).toMatch(/^note: test\/inputs\/imx-sm\/two-machines\.cfg:70: UART9 is neither/m);
    expect(stderr).toMatch(/board\.yaml: \d+ bytes$/m);
    const board = readFileSync(join(out, "board.yaml"), "utf8");
    expect(board).toContain("profile: imx");
    expect(board.match(/# assumed: /g)?.length).toBeGreaterThan(10);
    expect(readFileSync(join(out, "host.dts"), "utf8")).toContain("arm,smc-id = <0x82000004>");
    const checked = await inProcess(["check", "--board", join(out, "board.yaml"), "--json"]);
    expect(checked).toMatchObject({ status: 0 });
    expect(
      JSON.parse(checked.stdout).findings.filter(({ severity }: { severity: string }) => severity !== "I"),
    ).toEqual([]);
  });

  test("writes over nothing, but with --force", async () => {
    const out = join(FOLDER, "twice");
    const args = ["import", "imx-sm", CONFIG, "--out", out];
    expect((await inProcess(args)).status).toBe(0);
    writeFileSync(join(out, "board.yaml"), "by hand");
    const refused = await inProcess(args);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("it is there already; --force writes over it");
    expect(readFileSync(join(out, "board.yaml"), "utf8")).toBe("by hand");
    expect((await inProcess([...args, "--force"])).status).toBe(0);
  });

  test("sets Xen's own agent aside, beside those of its machine", async () => {
    const text =
      'LM0 name="SM"\nLM1 name="AP", rpc=scmi\nSCMI_AGENT0 name="XEN"\nSYS api=all\nSCMI_AGENT1 name="A"\nSCMI_AGENT2 name="B"';
    writeFileSync(join(FOLDER, "xen.cfg"), text);
    const out = join(FOLDER, "xen");
    const args = ["import", "imx-sm", join(FOLDER, "xen.cfg"), "--out", out];
    const { status, stderr } = await inProcess([...args, "--xen-agent", "0"]);
    expect(status).toBe(0);
    expect(stderr).toContain(
      "agent 1 A is agent 2 to Xen and in an xl.cfg: each machine numbers its own from 1",
    );
    const tree = readFileSync(join(out, "host.dts"), "utf8");
    expect(tree).toContain("xen,dom0-sci-agent-id = <0x2>");
    expect(tree).toMatch(
      /scmi-secondary-agents =\s+<0x82000003 &sram_47ff1000>,\s+<0x82000004 &sram_47ff2000>;/,
    );
    expect((await inProcess([...args, "--xen-agent", "9", "--force"])).stderr).toContain(
      "there is no agent 9, allowed are 0, 1, 2",
    );
  });

  test("prints the board file where no folder is given, and JSON where that is asked for", async () => {
    const printed = await inProcess([
      "import",
      "imx-sm",
      CONFIG,
      ...IDS,
      "--name",
      "mine",
      "--set",
      "firmware.clocks.2.rate=9600",
    ]);
    expect(printed.stdout).toMatch(/^name: mine$/m);
    expect(printed.stdout).toMatch(/id: 2, name: uart1, .* rate: 9600 \} # assumed: range$/m);
    const { stdout, stderr, status } = await inProcess(["import", "imx-sm", CONFIG, "--json"]);
    const made = JSON.parse(stdout);
    expect([status, stderr]).toEqual([0, ""]);
    expect(made.boardFile).toContain("profile: imx");
    expect(made.deviceTreeSource).toContain("/dts-v1/");
    expect(made.files).toEqual([]);
    expect(made.assumptions[0]).toMatchObject({ field: expect.any(String), why: expect.any(String) });
    expect(
      made.notes.find(({ message }: { message: string }) => message.includes("pin daisies")),
    ).toMatchObject({
      where: `${CONFIG}:39`,
      items: [{ what: "DEV_SM_DAISY_UART2_RX: EXCLUSIVE", where: `${CONFIG}:39` }],
    });
  });

  test("reads the headers that lie where the System Manager's own sources have them", async () => {
    const root = join(FOLDER, "sm");
    for (const folder of ["configs/soc", "devices/invented/sm"])
      mkdirSync(join(root, folder), { recursive: true });
    copyFileSync(CONFIG, join(root, "configs", "two-machines.cfg"));
    copyFileSync("test/inputs/imx-sm/soc/device.cfg", join(root, "configs", "soc", "device.cfg"));
    copyFileSync("test/inputs/imx-sm/soc/device.h", join(root, "devices", "invented", "sm", "device.h"));
    const { stdout, stderr } = await inProcess([
      "import",
      "imx-sm",
      join(root, "configs", "two-machines.cfg"),
    ]);
    expect(stderr).toContain(`ids from ${join(root, "devices", "invented", "sm")}`);
    expect(stdout).toContain("{ id: 1, name: spare }");
    expect(stderr).not.toContain("firmware.clocks[].id");
  });

  test("finds includes beside the including file, the top-level one, and in --include folders; says where it looked", async () => {
    const files = { "top.cfg": "include parts.cfg", "parts.cfg": "A: CLK_A" };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(FOLDER, name), text);
    writeFileSync(
      join(FOLDER, "other.cfg"),
      `include parts.cfg\ninclude device.cfg\nLM0 name="SM"\nLM1 name="X", rpc=scmi\nSCMI_AGENT0 name="X"`,
    );
    const file = join(FOLDER, "other.cfg");
    const found = await inProcess(["import", "imx-sm", file, "--include", "test/inputs/imx-sm/soc"]);
    expect(found.status).toBe(0);
    const missing = await inProcess(["import", "imx-sm", file]);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain(
      `other.cfg:2: include device.cfg: there is none, looked for as ${join(FOLDER, "device.cfg")}`,
    );
    expect(missing.stderr).toContain("code: imx-config-invalid");
  });
});

describe("import tree", () => {
  test("writes a board file that names the tree from where it is, and that check finds nothing wrong with", async () => {
    const out = join(FOLDER, "tree", "board.yaml");
    const { status, stderr } = await inProcess([
      "import",
      "tree",
      TREE,
      "--out",
      out,
      "--profile",
      "ref",
      "--trusted-agent",
      "1",
    ]);
    expect(status).toBe(0);
    expect(stderr).toContain("assumed: xen.smccc = 1.2: the tree does not say");
    expect(stderr).not.toContain("assumed: firmware.profile");
    const board = readFileSync(out, "utf8");
    expect(board).toMatch(/^deviceTree: \.\.\/.*two-guests\/host\.dtb$/m);
    expect(board).toContain("trustedAgents: [ 1 ]\n");
    expect((await inProcess(["check", "--board", out])).stdout).toContain("no findings");
  });

  test("gives a board whose exports have the agents of the tree again", async () => {
    const out = join(FOLDER, "round.yaml");
    await inProcess(["import", "tree", TREE, "--out", out]);
    const { status, stdout } = await inProcess(["export", "host-overlay", "--board", out, "--all"]);
    expect(status).toBe(0);
    for (const row of [
      "<0x82000002 &sram_47ff0000>",
      "<0x82000004 &sram_47ff2000>",
      "<0x82000005 &sram_47ff3000>",
    ]) {
      expect(stdout).toContain(row);
    }
    expect(stdout).toContain("arm,smc-id = <0x82000003>");
    expect(stdout).toContain("shmem = <&sram_47ff1000>");
  });

  test("sets fields by their path, and refuses those that a board file does not have", async () => {
    const set = (...settings: string[]) =>
      inProcess(["import", "tree", TREE, ...settings.flatMap((setting) => ["--set", setting])]);
    const { stdout, stderr } = await set("name=mine", "xen.version=v9", "firmware.agents.2.name=red");
    expect(stdout).toMatch(/^name: mine$/m);
    expect(stdout).toContain("  version: v9\n");
    expect(stdout).toContain("{ id: 2, name: red, funcId: 0x82000004, shmem: 0x47ff2000 } # assumed: id\n");
    expect(stderr).not.toContain("assumed: name");
    expect((await set("firmware.agents.9.name=x")).stderr).toContain("there is no item with the id 9");
    expect((await set("xen.version=v99")).stderr).toContain("code: board-invalid");
    expect((await inProcess(["import", "tree", TREE, "--profile", "reff"])).status).toBe(2);
  });

  test("applies overlays first, and writes the tree that the board file names", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const at = (name: string) => join(FOLDER, name);
    const overlay = (name: string, put: string) =>
      writeFileSync(at(name), `/dts-v1/;\n/plugin/;\n&{/} { ${put} };\n`);
    overlay("first.dtso", 'model = "first"; extra { };');
    overlay("second.dtso", 'model = "second";');
    const overlays = ["--overlay", at("first.dtso"), "--overlay", at("second.dtso")];
    const { status, stderr } = await inProcess([
      "import",
      "tree",
      TREE,
      ...overlays,
      "--out",
      at("two.yaml"),
    ]);
    expect(status, stderr).toBe(0);
    expect(readFileSync(at("two.yaml"), "utf8")).toMatch(
      /^# Made by scmictl import tree of host\.dtb, first\.dtso, second\.dtso\.[\s\S]*\nname: second #.*\ndeviceTree: two-overlaid\.dtb\n/,
    );
    const tree = parsed(readFileSync(at("two-overlaid.dtb")));
    expect(readStrings(nodeAt(tree, "/"), "model")).toEqual(["second"]);
    expect(nodeAt(tree, "/extra").path).toBe("/extra");
    expect((await inProcess(["check", "--board", at("two.yaml")])).stdout).toContain("no findings");

    const printed = await inProcess(["import", "tree", TREE, ...overlays]);
    expect(printed.stdout).toContain("deviceTree: host-overlaid.dtb\n");
    expect(printed.stderr).toContain("--out FILE writes the board file and the device tree that it names");
    const whole = await inProcess(["import", "tree", TREE, "--overlay", TREE]);
    expect(whole).toMatchObject({ status: 1, stderr: expect.stringContaining("code: overlay-refused") });
    const both = await inProcess(["import", "tree", at("first.dtso"), "--overlay", at("second.dtso")]);
    expect(both.stderr).toContain("first.dtso is an overlay itself");
  });

  test("says what is wrong with a tree that has no agents", async () => {
    writeFileSync(join(FOLDER, "no.dtb"), "nothing");
    expect((await inProcess(["import", "tree", join(FOLDER, "no.dtb")])).stderr).toContain(
      "code: device-tree-invalid",
    );
    expect((await inProcess(["import", "tree", join(FOLDER, "gone.dtb")])).stderr).toContain(
      "code: file-unreadable",
    );
  });
});

describe("asking on a terminal", () => {
  const questions = [
    { option: "name", text: "Name", fallback: "board", refuse: () => null },
    {
      option: "agent",
      text: "Agent",
      fallback: "0",
      refuse: (answer: string) => (/^\d$/.test(answer) ? null : "a digit"),
    },
    { option: "more", text: "More", fallback: "none", refuse: () => null },
  ];

  async function asked(input: string) {
    const output = new PassThrough();
    const typed = new PassThrough();
    typed.end(input);
    const answers = await ask(questions, { input: typed, output });
    return { answers: Object.fromEntries(answers), shown: String(output.read() ?? "") };
  }

  test("an empty answer takes the default, one that does not fit is asked for again", async () => {
    const { answers, shown } = await asked("\nx\n7\n");
    expect(answers).toEqual({ agent: "7" });
    expect(shown).toContain("Name (--name) [board]: ");
    expect(shown).toContain("a digit\nAgent (--agent) [0]: ");
  });

  test("the end of the input takes the defaults of all that is left", async () => {
    expect((await asked("mine")).answers).toEqual({ name: "mine" });
    expect((await asked("")).answers).toEqual({});
  });
});
