import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

/** The shell blocks of the README's tour, in order. */
function tour(): string[] {
  const readme = readFileSync("README.md", "utf8");
  const start = readme.indexOf("## A tour of five minutes");
  const section = readme.slice(start, readme.indexOf("\n## ", start + 1));
  return [...section.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) => match[1] as string);
}

test("the README's tour works as typed, but for the port and the place of the log", async () => {
  const folder = mkdtempSync(join(tmpdir(), "scmi-tour-"));
  const log = join(folder, "rcar-v4h.db");
  const server = spawn(
    process.execPath,
    ["bin/scmictl.js", "serve", "--board", "examples/rcar-v4h/board.yaml", "--db", log, "--port", "0"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  try {
    const url = await printedUrl(server.stdout);
    const blocks = tour();
    expect(blocks.length).toBeGreaterThan(5);
    const script = blocks
      .join("\n")
      .replaceAll("http://127.0.0.1:7420", url)
      .replaceAll("var/rcar-v4h.db", log);
    const output = execFileSync("bash", ["-euo", "pipefail", "-c", script], {
      encoding: "utf8",
      env: { ...process.env, SCMICTL_URL: url },
    });
    expect(output).toContain("DomD");
    expect(output).toContain("DENIED");
    expect(output).toMatch(/0 divergences|no divergence/i);
    expect(output).toContain("EEXIST");
  } finally {
    server.kill("SIGTERM");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
});

async function printedUrl(stdout: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stdout) {
    text += String(chunk);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error(`the server printed no URL: ${text}`);
}
