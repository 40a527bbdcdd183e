import http from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { type Answer, RestHost } from "../support/rest.ts";

let host: RestHost;
let boot: number;
let granted: number;
const GRANT = { do: "permission.set", agentId: 2, deviceId: 1, allowed: true };
beforeAll(async () => {
  host = await RestHost.start();
  boot = host.control.headSeq;
  await host.guest("red", 2);
  granted = (await host.ask("PUT", "/v1/agents/2/devices/1", { body: { allowed: true } })).body.seq;
  await rate();
});
afterAll(() => host.end());

function rate(): Promise<Answer> {
  return host.post("/v1/domains/red/scmi", {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  });
}

const whatIf = (body: object) => host.post("/v1/whatif", body);

describe("what if", () => {
  test("a command is skipped: what follows from it, and the counts", async () => {
    const { status, body } = await whatIf({ at: boot, skip: [{ seq: granted }] });
    expect(status).toBe(200);
    expect(body).toMatchObject({ at: boot, isFromBoot: false, same: 1, refused: 1, gone: 1 });
    expect(body.first).toMatchObject({
      verdict: "refused",
      seq: granted + 1,
      difference: { field: "data.decoded.response.status", before: "SUCCESS", after: "DENIED" },
    });
    expect(body.stateHash).not.toBe(body.liveStateHash);
    expect(body.liveStateHash).toBe(host.control.stateHash);
  });

  test("a moment is a time too, and commands have other ones", async () => {
    const { time } = (await host.get(`/v1/events/${boot}`)).body;
    const byTime = await whatIf({ at: time, skip: [{ commandId: 3 }] });
    expect(byTime.body).toEqual((await whatIf({ at: boot, skip: [{ seq: granted }] })).body);
    const later = await whatIf({ at: boot, time: [{ seq: granted, time: "2030-01-01T00:00:00Z" }] });
    expect(later.body).toMatchObject({ same: 3, outcomes: [] });
  });

  test("everything at once: another board, rules and commands", async () => {
    const { body } = await whatIf({
      at: boot,
      profile: "ref",
      xenVersion: "v8",
      rules: 1,
      set: [{ path: "firmware.clocks[1].enabled", value: true }],
      change: [{ seq: granted, command: { ...GRANT, allowed: false } }],
      insert: [{ seq: boot, command: { do: "firmware.clear-faults" } }],
    });
    expect(body).toMatchObject({ at: 0, isFromBoot: true, new: 0 });
    expect(body.state).toContainEqual({ path: "firmware.clock.1.enabled", recorded: false, replayed: true });
    expect(body.state).toContainEqual({ path: "host.0.ruleVersion", recorded: 2, replayed: 1 });
  });

  test.each([
    [{}, "body.at"],
    [{ at: -1 }, "a seq, or a time"],
    [{ at: "now" }, "body.at: found"],
    [{ at: 0, skip: [{ seq: 1, commandId: 1 }] }, "seq, or commandId"],
    [{ at: 0, skip: "12" }, "body.skip"],
    [{ at: 0, insert: [{ seq: 9, command: "reboot" }] }, "an object with the field do"],
    [{ at: 0, insert: [{ seq: 9, command: { do: "rebot" } }] }, 'found "rebot"'],
    [{ at: 0, insert: [{ seq: 9, command: { do: "expect", expression: "1" } }] }, "found expect"],
    [{ at: 0, time: [{ seq: 9, time: "noon" }] }, "a time with its zone"],
    [{ at: 0, rules: 1.5 }, "a whole number from 1"],
    [{ at: 0, rules: 9 }, "allowed are the versions 1, 2"],
    [{ at: 0, unknown: 1 }, "unknown"],
  ])("%j is refused: %s", async (body, says) => {
    expect(await whatIf(body)).toMatchObject({
      status: 400,
      body: { code: "request-invalid", detail: expect.stringContaining(says) },
    });
  });

  test("a place beyond the log, and a board that there cannot be", async () => {
    expect(await whatIf({ at: 99_999 })).toMatchObject({
      status: 404,
      body: { code: "position-out-of-range" },
    });
    expect(await whatIf({ at: 0, profile: "vax" })).toMatchObject({ body: { code: "board-invalid" } });
  });
});

describe("shrink", () => {
  const shrink = (body: object) => host.post("/v1/shrink", body);

  test("gives a script that shows it, of the one command that it takes", async () => {
    const { status, body } = await shrink({ expect: "not allowed(2, 1)" });
    expect(status).toBe(200);
    expect(body).toMatchObject({ bootSeq: boot, commands: 3, keptCount: 1, isMinimal: true });
    expect(JSON.parse(body.script.split("\n")[0])).toEqual(GRANT);
  });

  test("ends after as many runs as it may take, and says that there may be fewer", async () => {
    const { body } = await shrink({ expect: "not allowed(2, 1)", maxRuns: 1 });
    expect(body).toMatchObject({ isMinimal: false, runs: 1 });
    expect(body.keptCount).toBeGreaterThan(1);
  });

  test.each([
    [{ expect: "allowd(2, 1)" }, 422, "expression-invalid"],
    [{ expect: "allowed(2, 1)" }, 422, "shrink-unfit"],
    [{ expect: "false", to: 9999 }, 404, "position-out-of-range"],
    [{ expect: "" }, 422, "expression-invalid"],
    [{ expect: 1 }, 400, "request-invalid"],
    [{ expect: "false", maxRuns: 0 }, 400, "request-invalid"],
  ])("%j: %i %s", async (body, status, code) => {
    expect(await shrink(body)).toMatchObject({ status, body: { code } });
  });
});

describe("scmictl asks a server as it asks a file", () => {
  test.each([
    ["whatif", ["--at", "11", "--skip", "command:3"]],
    ["whatif", ["--at", "11", "--profile", "ref", "--rules", "1", "--json"]],
    ["shrink", ["--expect", "not allowed(2, 1)", "--json"]],
    ["bisect", ["--good", "11", "--bad", "14", "--expect", "not allowed(2, 1)"]],
    ["bisect", ["--good", "11", "--bad", "14", "--expect", "allowd(2, 1)"]],
    ["whatif", ["--at", "11", "--insert", '12 {"do":"rebot"}']],
  ])("%s %j", async (verb, args) => {
    const ofServer = await inProcess([verb, ...args, "--url", host.url]);
    const ofFile = await inProcess([verb, ...args, "--db", host.file]);
    // Whoever waits for a busy machine is told so.
    const stderr = ofServer.stderr.replace(/^scmictl: waiting .*\n/, "");
    expect({ ...ofServer, stderr }).toEqual(ofFile);
    expect(ofServer.stdout + ofServer.stderr).not.toBe("");
  });
});

test("the server goes on answering SMCs meanwhile, and its log is not changed", async () => {
  const before = host.control.headSeq;
  const questions = [1, 2, 3].map(() => whatIf({ at: 0, profile: "ref" }));
  const answered = await Promise.race([
    Promise.all(questions).then(() => "questions"),
    rate().then(() => "smc"),
  ]);
  expect(answered).toBe("smc");
  for (const { status } of await Promise.all(questions)) expect(status).toBe(200);
  expect(host.control.headSeq).toBe(before + 1);
});

test("a caller who goes away takes its question along: the next one need not wait for it", async () => {
  const gone = [1, 2, 3, 4].map(
    () =>
      new Promise<void>((resolve) => {
        const body = JSON.stringify({ expect: "false" });
        const request = http.request(`${host.url}/v1/shrink`, {
          method: "POST",
          agent: false,
          headers: { "content-type": "application/json", "content-length": body.length },
        });
        request.on("error", () => resolve());
        request.end(body);
        setTimeout(() => request.destroy(), 30);
      }),
  );
  await Promise.all(gone);
  expect((await whatIf({ at: boot })).status).toBe(200);
});
