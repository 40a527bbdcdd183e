import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scmictl } from "../support/scmictl.ts";

let close: () => void = () => undefined;
afterEach(() => close());

/** Something that answers HTTP. */
async function answering(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  close = () => server.closeAllConnections();
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const HOST = {
  name: "a host",
  epoch: 1,
  mediator: {
    mode: "multi-agent",
    version: "v10",
    probe: { result: "failed", errno: "EACCES", message: "no", seq: 4 },
  },
  panic: { errno: "ENOENT", message: "dom0", seq: 7 },
  findings: [{ kind: "host-panicked", message: "the host panicked", seq: 7 }],
};

test("a token goes along as a bearer, and the log is told that it was scmictl", async () => {
  let headers: IncomingMessage["headers"] = {};
  const url = await answering((request, response) => {
    headers = request.headers;
    response.end(JSON.stringify(HOST));
  });
  await scmictl(["host"], { env: { SCMICTL_URL: url, SCMICTL_TOKEN: "secret" } });
  expect(headers).toMatchObject({ authorization: "Bearer secret", "scmictl-version": expect.any(String) });
  await inProcess(["host", "--url", url]);
  expect(headers.authorization).toBe(undefined);
});

test("a host in trouble says so", async () => {
  const url = await answering((_, response) => response.end(JSON.stringify(HOST)));
  const { stdout } = await inProcess(["host", "--url", url]);
  expect(stdout).toMatch(/^mediator: +multi-agent \(v10\), the probe failed with EACCES: no \(event 4\)$/m);
  expect(stdout).toMatch(/^panic: +ENOENT: dom0 \(event 7\)$/m);
  expect(stdout).toMatch(/^7 +host-panicked +the host panicked$/m);
});

test.each([
  ["a page of something else", 200, "<html>"],
  ["an error of something else", 502, "Bad Gateway"],
  ["JSON that is no object", 200, "7"],
])("%s is no server of ours", async (_, status, body) => {
  const url = await answering((_, response) => response.writeHead(status).end(body));
  const { status: exit, stderr } = await inProcess(["host", "--url", url]);
  expect(exit).toBe(1);
  expect(stderr).toContain("is not this program's server");
});

test("a refusal that this version does not know is told all the same", async () => {
  const body = { code: "later-code", detail: "something new", hint: "Do this.", errno: null, seq: 12 };
  const url = await answering((_, response) => response.writeHead(409).end(JSON.stringify(body)));
  const { status, stderr } = await inProcess(["agent", "reset", "1", "--url", url]);
  expect(status).toBe(1);
  expect(stderr).toBe("scmictl: something new\nhint: Do this.\ncode: later-code, recorded as event 12\n");
});

test("a list is read to its last page", async () => {
  const asked: string[] = [];
  const url = await answering((request, response) => {
    asked.push(request.url as string);
    const isFirst = !request.url?.includes("after=");
    const items = [{ id: isFirst ? 0 : 1, channel: { state: "ok", sinceSeq: null } }];
    response.end(JSON.stringify({ items, next: isFirst ? 0 : null }));
  });
  const { stdout } = await inProcess(["agent", "list", "--json", "--url", `${url}/`]);
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ id: 0 }, { id: 1 }], next: null });
  expect(asked).toEqual(["/v1/agents", "/v1/agents?after=0"]);
});

test("names are escaped in paths, and a write carries its key and its reason", async () => {
  let asked: unknown;
  const url = await answering(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked = {
      line: `${request.method} ${request.url}`,
      key: request.headers["idempotency-key"],
      body: JSON.parse(body),
    };
    response.end(JSON.stringify({ devices: [] }));
  });
  const options = ["--reason", "tidying", "--idempotency-key", "k", "--url", url];
  await inProcess(["domain", "destroy", "a/b c", ...options]);
  expect(asked).toEqual({ line: "DELETE /v1/domains/a%2Fb%20c", key: "k", body: { reason: "tidying" } });
});

test("a stream that breaks is taken up again behind the last event", async () => {
  const event = (seq: number) =>
    `id: ${seq}\ndata: ${JSON.stringify({ seq, time: "t", type: "host.booted", data: {} })}\n\n`;
  const seen: (string | undefined)[] = [];
  const url = await answering((request, response) => {
    const last = request.headers["last-event-id"] as string | undefined;
    seen.push(last);
    response.writeHead(200, { "content-type": "text/event-stream" });
    // An event in two pieces, a sign of life, and the end.
    const next = Number(last ?? 4) + 1;
    response.write(event(next).slice(0, 9));
    setTimeout(() => {
      response.write(event(next).slice(9));
      if (last === undefined) response.end(": still here\n\n");
    }, 20);
  });
  const child = spawn(process.execPath, ["bin/scmictl.js", "log", "--follow", "--json", "--url", url]);
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    told += text;
  });
  await expect.poll(() => told.split("\n").length, { timeout: 10_000 }).toBe(3);
  child.kill();
  expect(
    told
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).seq),
  ).toEqual([5, 6]);
  expect(seen).toEqual([undefined, "5"]);
});
