import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DEFAULT_ADDRESS } from "#api/server.ts";
import { DEFAULT_ADDRESS as CLI_ADDRESS } from "#cli/options.ts";
import { inProcess } from "../support/in-process.ts";
import { scmictl } from "../support/scmictl.ts";

const VERBS =
  "serve check host agent domain device smc scmi permissions history explain log state diff replay simulate completion";

describe("wrong usage exits with 2 and says what is right", () => {
  test.each([
    [["bogus"], "unknown command 'bogus'"],
    [["host", "--bogus"], "unknown option '--bogus'"],
    [["agent", "show"], "missing required argument 'agentId'"],
    [["agent", "show", "two"], "It is no whole number"],
    [["serve"], "--board FILE"],
    [["serve", "--board", "x", "--port", "99999"], "A port is at most 65535"],
    [["serve", "--board", "x", "--log-level", "loud"], "Allowed choices are"],
    [["simulate"], "--board FILE"],
    [["simulate", "--board", "x", "--at", "3"], "--at is a moment of a log"],
    [["simulate", "--db", "x", "--no-boot"], "--no-boot"],
    [["check"], "there is nothing to check"],
    [["check", "--format", "xml", "--dts", "x"], "Allowed are text, json, sarif"],
    [["domain", "create"], "an xl.cfg file, or --name"],
    [["scmi", "1", "base", "PROTOCOL_VERSION", "rate"], "a parameter is name=value"],
    [["permissions", "set", "1", "1", "perhaps"], "neither allow nor deny"],
    [["diff", "--from", "1"], "required option '--to <moment>'"],
    [["shrink", "--expect", "true", "--max-runs", "0"], "It is at least 1."],
    [["completion", "tcsh"], "none of bash, zsh, fish"],
    [["replay", "one.pack", "--db", "two.db"], "one.pack or --db two.db, not both"],
  ])("%j", async (args, why) => {
    const { status, stdout, stderr } = await inProcess(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(why);
  });

  test("no verb at all shows the help", async () => {
    const { status, stderr } = await inProcess([]);
    expect(status).toBe(2);
    expect(stderr).toContain("Usage: scmictl");
  });
});

test("help and version are done", async () => {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await inProcess(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  const help = await inProcess(["--help"]);
  expect(help.status).toBe(0);
  for (const verb of VERBS.split(" ")) expect(help.stdout).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
  expect((await inProcess(["domain", "create", "--help"])).stdout).toContain("--xlcfg");
});

describe("without a server", () => {
  test.each([["host"], ["domain", "list"], ["smc", "1", "0x82000004"], ["log", "--follow"], ["replay"]])(
    "%s %s says where it looked and how to start one",
    async (...args) => {
      // Port 9 is discard's; nobody listens there.
      const { status, stdout, stderr } = await inProcess([...args, "--url", "http://127.0.0.1:9"]);
      expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
      expect(stderr).toContain("no server answers at http://127.0.0.1:9");
      expect(stderr).toContain("scmictl serve");
      expect(stderr).toContain("code: server-unreachable");
    },
  );

  test("--url goes before SCMICTL_URL", async () => {
    const env = { SCMICTL_URL: "http://127.0.0.1:9" };
    expect((await scmictl(["host"], { env })).stderr).toContain("http://127.0.0.1:9");
    expect((await scmictl(["host", "--url", "http://localhost:10"], { env })).stderr).toContain(
      "localhost:10",
    );
  });

  test("an address that is none is told as such", async () => {
    const { status, stderr } = await inProcess(["host", "--url", "nonsense"]);
    expect(status).toBe(1);
    expect(stderr).toContain("code: server-unreachable");
  });
});

describe("files that are not what they should be", () => {
  test.each([
    [["serve", "--board", "none.yaml"], "file-unreadable"],
    [["serve", "--db", "none.db"], "log-not-found"],
    [["serve", "--board", "package-lock.json"], "board-invalid"],
    [["serve", "--board", "examples/two-guests/board.yaml", "--host", "0.0.0.0"], "tokens-needed"],
    [["simulate", "--board", "none.yaml"], "file-unreadable"],
    [["simulate", "--db", "none.db"], "log-not-found"],
    [["host", "--db", "none.db"], "log-not-found"],
    [["host", "--db", "package.json"], "log-not-a-log"],
    [["replay", "--db", "package.json"], "log-not-a-log"],
    [["domain", "create", "none.cfg"], "file-unreadable"],
  ])("%j", async (args, code) => {
    const { status, stdout, stderr } = await inProcess(args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`code: ${code}`);
    expect(stderr).toContain("hint: ");
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe("completion", () => {
  test("bash offers verbs, their words and their options", async () => {
    const { status, stdout } = await inProcess(["completion", "bash"]);
    expect(status).toBe(0);
    expect(stdout).toContain("complete -o filenames -F _scmictl scmictl");
    expect(stdout).toMatch(/"domain"\) words="list show create /);
    expect(stdout).toMatch(/"domain create"\) words="[^"]*--xlcfg/);
  });

  test.each(["zsh", "fish"])("%s", async (shell) => {
    const { status, stdout } = await inProcess(["completion", shell]);
    expect(status).toBe(0);
    expect(stdout).toContain("simulate");
  });
});

test("the command line looks where the server listens by default", () => {
  expect(CLI_ADDRESS).toEqual(DEFAULT_ADDRESS);
});
