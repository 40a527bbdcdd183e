import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AuditLog } from "#audit/audit-log.ts";
import { openCheckpoint } from "#audit/note/checkpoint.ts";
import { cosignaturesOn } from "#audit/note/cosignature.ts";
import {
  formatVerifierKey,
  generateSignerKey,
  parseVerifierKey,
  type VerifierKey,
} from "#audit/note/keys.ts";
import { parseWitnessAddress, type WitnessAddress } from "#audit/witnesses/address.ts";
import { Witnesses } from "#audit/witnesses/witnesses.ts";
import { isProblem } from "#base/problem.ts";
import type { Control } from "#control/control.ts";
import { serveWitness, type WitnessServer } from "#witness/server.ts";
import { Witness } from "#witness/witness.ts";
import { AuditedHost, resets } from "../support/audited-host.ts";
import { whole } from "../support/rest.ts";

let host: AuditedHost;
let control: Control;
let audit: AuditLog;
const closers: (() => Promise<unknown> | unknown)[] = [];

beforeEach(async () => {
  host = new AuditedHost();
  await openHost();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await control.close();
  host.end();
});

async function openHost(): Promise<void> {
  control = whole(await host.open());
  audit = control.audit as AuditLog;
  // Signed now, not in a second.
  whole(audit.checkpoint(control.headSeq));
}

interface Running {
  readonly witness: Witness;
  readonly server: WitnessServer;
  readonly address: WitnessAddress;
}

async function run(name: string, port = 0, logs?: readonly VerifierKey[]): Promise<Running> {
  const file = join(host.folder, name);
  const known = logs ?? [whole(parseVerifierKey(audit.verifierKey))];
  const now = () => 1_800_000_000;
  const witness = whole(Witness.open({ state: file, key: `${file}.key`, name, logs: known, now }));
  const server = whole(await serveWitness(witness, { host: "127.0.0.1", port, tell: () => undefined }));
  closers.push(
    () => server.close(),
    () => witness.close(),
  );
  return { witness, server, address: whole(parseWitnessAddress(`${server.url}=${witness.verifierKey}`)) };
}

const told: string[] = [];

function ask(...witnesses: readonly WitnessAddress[]): Witnesses {
  told.length = 0;
  const options = { file: host.file, witnesses, retryMs: 20, tell: (line: string) => void told.push(line) };
  const asking = new Witnesses(audit, options);
  closers.push(() => asking.close(0));
  return asking;
}

const stateOf = (asking: Witnesses) => asking.statuses()[0]?.state;

/** Names of the witnesses whose cosignatures are on a checkpoint, each one verified. */
function cosigners(text: string, ...witnesses: readonly Running[]): string[] {
  const { note } = whole(openCheckpoint(text, audit.keys));
  const keys = witnesses.map(({ address }) => address.key);
  return whole(cosignaturesOn(note, keys)).map(({ key }) => key.name);
}

test("every witness cosigns the newest checkpoint, and that is kept in the log and beside it", async () => {
  const [a, b] = [await run("a"), await run("b")];
  const asking = ask(a.address, b.address);
  await resets(control, 10);
  whole(audit.checkpoint(control.headSeq));
  await vi.waitFor(() => {
    expect(asking.statuses().map(({ cosignedSize }) => cosignedSize)).toEqual([
      control.headSeq,
      control.headSeq,
    ]);
  });
  for (const text of [
    audit.newest?.text ?? "",
    host.beside(".audit-checkpoint"),
    asking.cosigned?.text ?? "",
  ])
    expect(cosigners(text, a, b).sort()).toEqual(["a", "b"]);
  expect(readFileSync(`${host.file}.audit-cosigned`, "utf8")).toBe(asking.cosigned?.text);
  expect(asking.statuses()[0]).toMatchObject({ state: "cosigning", fault: null, failures: 0 });
});

test("a witness that has seen an earlier part is given the proof from there", async () => {
  const a = await run("a");
  ask(a.address);
  await vi.waitFor(() => expect(a.witness.logs()[0]?.size).toBe(control.headSeq));
  const seen = control.headSeq;
  await closers.pop()?.();
  await resets(control, 500);
  await control.close();
  await openHost();
  const asking = ask(a.address);
  whole(audit.checkpoint(control.headSeq));
  await vi.waitFor(() => expect(a.witness.logs()[0]?.size).toBe(control.headSeq));
  expect(control.headSeq).toBeGreaterThan(seen + 500);
  await vi.waitFor(() => expect(stateOf(asking)).toBe("cosigning"));
});

test("a witness that is down holds nothing up, and is asked again until it is there", async () => {
  const first = await run("a");
  const { port } = new URL(first.server.url);
  await closers.splice(-2)[0]?.();
  first.witness.close();
  const asking = ask(first.address);
  await vi.waitFor(() => expect(stateOf(asking)).toBe("unreachable"));
  await resets(control, 5);
  expect(asking.statuses()[0]?.fault).toBe("nothing listens there");
  expect(told.filter((line) => line.includes("unreachable"))).toHaveLength(1);
  await run("a", Number(port));
  await vi.waitFor(() => expect(stateOf(asking)).toBe("cosigning"), 5000);
  expect(told.at(-1)).toBe("witness a cosigns again");
});

test("a witness that has seen more of the log than there is says that this is an older copy", async () => {
  const a = await run("a");
  await control.close();
  const before = host.copy("before");
  await openHost();
  ask(a.address);
  await resets(control, 20);
  whole(audit.checkpoint(control.headSeq));
  await vi.waitFor(() => expect(a.witness.logs()[0]?.size).toBe(control.headSeq));
  const seen = control.headSeq;
  await closers.pop()?.();
  await control.close();
  Object.assign(host, { file: before });
  await openHost();
  const asking = ask(a.address);
  await vi.waitFor(() => expect(stateOf(asking)).toBe("contradicting"));
  expect(asking.statuses()[0]?.fault).toContain(`it has seen ${seen} events of this log`);
  // Where the copy has grown past what was seen, its history is still another one.
  await resets(control, 40);
  whole(audit.checkpoint(control.headSeq));
  await vi.waitFor(() => expect(asking.statuses()[0]?.fault).toContain("it answered 422"), 5000);
});

test("a witness that does not know the log, or its key, is told as refusing", async () => {
  const stranger = await run("a", 0, [generateSignerKey("log.example", "note").verifier]);
  const asking = ask(stranger.address);
  await vi.waitFor(() => expect(stateOf(asking)).toBe("refusing"));
  expect(asking.statuses()[0]?.fault).toContain("it answered 404");
});

test("the cosignature of another key than the one named is no cosignature", async () => {
  const a = await run("a");
  const other = { ...a.address, key: generateSignerKey("a", "cosignature").verifier };
  const asking = ask(other);
  await vi.waitFor(() => expect(stateOf(asking)).toBe("refusing"));
  expect(asking.statuses()[0]?.fault).toBe("it answered 200 without a cosignature of its key");
  expect(asking.cosigned).toBeNull();
});

/** Something that listens, and answers whatever it likes. */
async function answering(answer: (response: ServerResponse) => void): Promise<WitnessAddress> {
  const server: Server = createServer((request, response) => {
    request.resume().on("end", () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, key: generateSignerKey("w", "cosignature").verifier };
}

const reply =
  (status: number, body: string, headers = {}) =>
  (response: ServerResponse) => {
    response.writeHead(status, headers).end(body);
  };

test.each([
  ["nonsense", reply(200, "yes\n"), "refusing", "without a cosignature"],
  ["nothing", reply(200, ""), "refusing", "without a cosignature"],
  ["too much", reply(200, "x".repeat(100_000)), "unreachable", "longer than"],
  ["an error of its own", reply(500, "sorry"), "unreachable", "it answered 500: sorry"],
  ["another place", reply(302, "", { location: "/" }), "unreachable", "redirect"],
  ["a size that is none", reply(409, "many"), "unreachable", "409"],
  ["a size that no log has", reply(409, "999999999999999\n"), "contradicting", "999999999999999 events"],
  ["the size that it was asked from", reply(409, "0\n"), "refusing", "0 events"],
  ["the end of the line", (response: ServerResponse) => response.destroy(), "unreachable", ""],
])("a witness that answers with %s is visible, and nothing else", async (_, answer, state, why) => {
  const asking = ask(await answering(answer as (response: ServerResponse) => void));
  await vi.waitFor(() => expect(stateOf(asking)).toBe(state));
  expect(asking.statuses()[0]?.fault).toContain(why);
  await resets(control, 1);
  expect(control.writeFault()).toBeNull();
});

test("a witness that never answers does not hold the end of the server up", async () => {
  const asking = ask(await answering(() => undefined));
  const begun = performance.now();
  await asking.close(50);
  expect(performance.now() - begun).toBeLessThan(2000);
});

test("what is no URL with a witness's key is refused, and told what is missing", () => {
  const log = generateSignerKey("log.example", "note").verifier;
  const rows = [
    ["nonsense", "it has no ="],
    ["ftp://x=w+00000000+AAAA", "no http or https URL"],
    ["http://x/?q=w+00000000+AAAA", "a query"],
    ["http://u@x=w+00000000+AAAA", "a user"],
    ["http://x=w+00000000+AAAA", "not a verifier key"],
    [`http://x=${formatVerifierKey(log)}`, "a log's"],
  ] as const;
  for (const [text, why] of rows) {
    const refusal = parseWitnessAddress(text);
    expect(isProblem(refusal) ? refusal.detail : "", text).toContain(why);
  }
});
