import { execFileSync } from "node:child_process";
import { beforeAll, expect, test } from "vitest";
import { EntryRows } from "#audit/entry/entry-rows.ts";
import { addToChain, successionNote } from "#audit/key-chain.ts";
import { subsetProof } from "#audit/merkle/subset-proof.ts";
import { toBase64 } from "#audit/note/base64.ts";
import { type SignedCheckpoint, signCheckpoint } from "#audit/note/checkpoint.ts";
import { cosign } from "#audit/note/cosignature.ts";
import { formatVerifierKey, generateSignerKey } from "#audit/note/keys.ts";
import { formatNote } from "#audit/note/note.ts";
import { entryBundle, readBundle } from "#audit/tiles/bundle.ts";
import { TreeReader } from "#audit/tree/tree-reader.ts";
import { isProblem } from "#base/problem.ts";
import { timeText } from "#base/time.ts";
import { evidenceBundle } from "#evidence/bundle.ts";
import type { Question } from "#evidence/question.ts";
import { exposures } from "#projections/queries/audit/exposure.ts";
import { permissionUse } from "#projections/queries/audit/use.ts";
import { whoHas } from "#projections/queries/audit/who.ts";
import { permissionExplain } from "#projections/queries/permission-explain.ts";
import { permissionsAt } from "#projections/queries/permissions-at.ts";
import { resourceMessage } from "#projections/use/resource-messages.ts";
import {
  canVerify,
  type Files,
  filesOf,
  LOG_KEY,
  signLog,
  verdictOn,
  verdictsOn,
} from "../support/evidence.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { whole } from "../support/rest.ts";
import { runs } from "../support/runs.ts";
import { talking } from "../support/talking.ts";
import { twoGuests } from "../support/two-guests.ts";

const KEY = ["--key", formatVerifierKey(LOG_KEY.verifier)];

/** A host with a guest that was given devices, a reboot, another board, a reboot again, and a guest anew. */
let recording: Recording;
let signed: SignedCheckpoint;
/** The last event of each command. */
const ends: number[] = [];

beforeAll(async () => {
  const other = await twoGuests({ profile: "ref" });
  recording = new Recording(await twoGuests(), { projected: true });
  const guest = (name: string) => ({
    kind: "domain.create" as const,
    request: { name, sci: { type: "scmi_smc_multiagent", agentId: 2 }, dtdev: [] },
  });
  for (const command of [
    guest("one"),
    { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true },
    { kind: "host.reboot", cause: "reboot" },
    { kind: "host.configure", description: other },
    { kind: "host.reboot", cause: "crash" },
    guest("two"),
    { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true },
    { kind: "agent.reset", agentId: 2, permissions: true },
    { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true },
    { kind: "permission.set", agentId: 2, deviceId: 0, allowed: true },
  ] as const) {
    recording.do(command as never);
    ends.push(recording.machine.seq);
  }
  recording.project();
  signed = signLog(recording.db);
});

const end = (command: number): number => ends[command] as number;

function bundleOf(question: Question, at: number, timeUs: number | null = null): Uint8Array {
  return whole(evidenceBundle(recording.db, { question, moment: { at, timeUs }, signed }));
}

const who: Question = { kind: "who", deviceId: 1 };

/** The files of a good bundle, some of them changed. */
function changed(good: Files, changes: Readonly<Record<string, (before: Buffer) => Buffer | string>>): Files {
  const files = new Map(good);
  for (const [name, change] of Object.entries(changes)) {
    const before = files.get(name);
    if (before === undefined) throw new Error(`there is no ${name}`);
    const after = Buffer.from(change(Buffer.from(before)));
    expect(after.equals(before), `${name} is not changed`).toBe(false);
    files.set(name, after);
  }
  return files;
}

const flip = (at: number) => (before: Buffer) => {
  const index = at < 0 ? before.length + at : at;
  before[index] = (before[index] as number) ^ 1;
  return before;
};
const text = (from: string | RegExp, to: string) => (before: Buffer) => before.toString().replace(from, to);

const binary = (from: string, to: string) => (before: Buffer) =>
  Buffer.from(before.toString("latin1").replace(from, to), "latin1");

function entries(change: (entries: Uint8Array[]) => readonly Uint8Array[]) {
  return (before: Buffer) => Buffer.from(entryBundle(change(readBundle(before) ?? [])));
}

test("the same question gives the same bytes", () => {
  expect(Buffer.from(bundleOf(who, end(9))).equals(bundleOf(who, end(9)))).toBe(true);
});

test("an answer holds what is so at its moment, by names of then", () => {
  const answer = JSON.parse(
    filesOf(bundleOf(who, end(1)))
      .get("answer.json")
      ?.toString() ?? "",
  );
  expect(answer).toContainEqual(
    expect.objectContaining({ agentId: 2, domainName: "one", isDefault: false, cause: "permission.set" }),
  );
});

test("a moment that is not signed, or before the first boot, has no evidence, and a long one is too large", () => {
  const ask = (at: number, eventsMax = 1000) =>
    evidenceBundle(recording.db, { question: who, moment: { at, timeUs: null }, signed, eventsMax });
  const codeOf = (result: unknown) => (isProblem(result) ? `${result.code}: ${result.detail}` : "given");
  expect(codeOf(ask(end(9) + 1))).toMatch(/^evidence-unavailable: .*is not signed yet/);
  expect(codeOf(ask(0))).toMatch(/^evidence-unavailable: .*had not booted/);
  expect(codeOf(ask(1))).toMatch(/^evidence-unavailable: .*had not booted/);
  expect(codeOf(ask(end(9), 5))).toMatch(
    /^evidence-too-large: the evidence is \d+ events, .*; allowed are 5$/,
  );
});

test.skipIf(!canVerify)(
  "good bundles are verified, for every question, at every turn of the history",
  async () => {
    const questions: Question[] = [
      who,
      { kind: "permissions" },
      { kind: "explain", agentId: 2, deviceId: 1 },
      { kind: "exposure" },
      { kind: "use" },
    ];
    const moments = [end(0), end(1) - 1, end(2), end(3), end(4), end(7), end(9)];
    const asked = moments.map((at, i) => ({ at, question: questions[i % questions.length] as Question }));
    const verdicts = await verdictsOn(
      asked.map(({ at, question }) => bundleOf(question, at)),
      ...KEY,
    );
    for (const [i, { status, text }] of verdicts.entries()) {
      expect({ ...asked[i], status, text }).toMatchObject({
        status: 0,
        text: expect.stringMatching(/\nyes\n$/),
      });
    }
  },
);

test.skipIf(!canVerify)("whatever is altered in a bundle, the verifier says no, and why", async () => {
  const at = end(8);
  const good = filesOf(bundleOf(who, at, timeOf(recording, at)));
  const other = generateSignerKey(LOG_KEY.verifier.name, "note");
  const older = filesOf(bundleOf(who, end(7)));
  const long = [...good.keys()].find((name) => name.startsWith("values/")) ?? "";
  const rows: [what: string, files: Files, why: RegExp][] = [
    ["the answer", changed(good, { "answer.json": text(/\d+/, "77") }), /does not follow/],
    ["an empty answer", changed(good, { "answer.json": () => "[]" }), /does not follow/],
    [
      "the question",
      changed(good, { "question.json": text('"deviceId": 1', '"deviceId": 0') }),
      /does not follow/,
    ],
    [
      "the moment",
      changed(good, { "question.json": text(/"at": \d+/, `"at": ${at - 1}`) }),
      /not after the time/,
    ],
    [
      "the time",
      changed(good, { "question.json": text(/"time": "2026/, '"time": "2027') }),
      /not after the time/,
    ],
    ["an event's last byte", changed(good, { "entries.bin": flip(-1) }), /./],
    [
      "an event's actor",
      changed(good, { "entries.bin": binary("test", "tess") }),
      /not those that were signed|not what a bundle/,
    ],
    ["a missing event at the end", changed(good, { "entries.bin": entries((all) => all.slice(0, -1)) }), /./],
    [
      "a missing event in the middle",
      changed(good, { "entries.bin": entries((all) => all.toSpliced(-5, 1)) }),
      /./,
    ],
    [
      "two events in another order",
      changed(good, { "entries.bin": entries((all) => [...all.slice(0, -2), ...all.slice(-2).reverse()]) }),
      /not in their order/,
    ],
    [
      "an event twice",
      changed(good, { "entries.bin": entries((all) => [...all, all.at(-1) as Uint8Array]) }),
      /not in their order/,
    ],
    [
      "the missing first boot of the board",
      changed(good, { "entries.bin": entries((all) => all.toSpliced(1, 1)) }),
      /./,
    ],
    [
      "entries cut off",
      changed(good, { "entries.bin": (before) => before.subarray(0, -3) }),
      /in the middle of an entry/,
    ],
    [
      "the proof",
      changed(good, {
        "proof.txt": (before) => before.toString().replace(/^./, (c) => (c === "A" ? "B" : "A")),
      }),
      /not those that were signed/,
    ],
    ["a hash less", changed(good, { "proof.txt": text(/^.*\n/, "") }), /too short|not those/],
    [
      "a hash more",
      changed(good, { "proof.txt": (before) => `${before}${before.toString().split("\n")[0]}\n` }),
      /too long/,
    ],
    ["the proof of another bundle", new Map([...good, ["proof.txt", older.get("proof.txt") as Buffer]]), /./],
    [
      "the checkpoint's size",
      changed(good, { "checkpoint.txt": text(/\n\d+\n/, `\n${at}\n`) }),
      /signature .* is not right/,
    ],
    [
      "the checkpoint's root",
      changed(good, { "checkpoint.txt": text(/\n[^\n]{6}([^\n]*=\n\n)/, "\nAAAAAA$1") }),
      /signature .* is not right/,
    ],
    [
      "the signature",
      changed(good, { "checkpoint.txt": (before) => before.toString().replace(/.{9}\n$/, "AAAAAAAA\n") }),
      /./,
    ],
    [
      "no signature",
      changed(good, { "checkpoint.txt": text(/\n\n[\s\S]*$/, "\n\n") }),
      /cannot be read|no signatures/,
    ],
    [
      "another key's signature",
      changed(good, { "checkpoint.txt": () => signCheckpoint(signed.checkpoint, other).text }),
      /no key that is trusted/,
    ],
    [
      "another key throughout",
      changed(good, {
        "checkpoint.txt": () => signCheckpoint(signed.checkpoint, other).text,
        "keys.json": () =>
          JSON.stringify([{ vkey: formatVerifierKey(other.verifier), fromSize: 0, note: null }]),
      }),
      /no key that is trusted/,
    ],
    ["the board's tree", changed(good, { [long]: flip(-1) }), /not what was hashed/],
    ["no board", new Map([...good].filter(([name]) => name !== long)), /is missing/],
    ["no answer", new Map([...good].filter(([name]) => name !== "answer.json")), /answer.json is missing/],
    ["nonsense for an answer", changed(good, { "answer.json": () => "{" }), /not what a bundle is made of/],
  ];
  expect((await verdictOn(good, ...KEY)).text).toMatch(/yes\n$/);
  const verdicts = await verdictsOn(
    rows.map(([, files]) => files),
    ...KEY,
  );
  for (const [i, [what, , why]] of rows.entries()) {
    expect(verdicts[i], what).toMatchObject({ status: 1, text: expect.stringMatching(/^no: /) });
    expect(verdicts[i]?.text, what).toMatch(why);
  }
});

/** The bundle with other events, and a proof that these are in the log: what somebody could make up who has all of it but the key. */
function madeOf(good: Files, seqs: readonly number[], question: object = {}): Files {
  const rows = new EntryRows(recording.db);
  const tree = new TreeReader(recording.db);
  const leaves = seqs.map((seq) => ({ start: seq - 1, end: seq }));
  const proof = subsetProof(tree.node, tree.size(), leaves).map((node) => `${toBase64(node)}\n`);
  const asked = { ...JSON.parse(good.get("question.json")?.toString() ?? ""), ...question };
  return new Map([
    ...good,
    ["entries.bin", Buffer.from(entryBundle(seqs.flatMap((seq) => rows.entries(seq, seq))))],
    ["proof.txt", Buffer.from(proof.join(""))],
    ["question.json", Buffer.from(JSON.stringify(asked))],
  ]);
}

const seqsOf = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test.skipIf(!canVerify)(
  "a choice of true events that does not suit the question is no evidence",
  async () => {
    const seqAt = (type: string) =>
      recording.db
        .prepare<[string], number>("SELECT seq FROM events WHERE type = ? ORDER BY seq")
        .pluck()
        .all(type);
    const [firstBoard = 0, secondBoard = 0] = seqAt("host.configured");
    const [firstBoot = 0, secondBoot = 0, thirdBoot = 0, lastBoot = 0] = seqAt("host.booted");
    const [at, time] = [end(7), timeText(timeOf(recording, end(7)))];
    const right = [secondBoard, thirdBoot, ...seqsOf(lastBoot, at)];
    const good = madeOf(filesOf(bundleOf(who, at)), right);
    const values = new Map(
      [...filesOf(bundleOf(who, end(1))), ...good].filter(([name]) => name.startsWith("values/")),
    );
    const made = (seqs: readonly number[], question: object = {}) =>
      new Map([...madeOf(good, seqs, question), ...values]);
    const rows: [what: string, files: Files, why: RegExp][] = [
      ["an older board", made([firstBoard, firstBoot, ...seqsOf(lastBoot, at)]), /a boot between/],
      [
        "an older board with every boot",
        made([firstBoard, firstBoot, secondBoot, thirdBoot, ...seqsOf(lastBoot, at)]),
        /another board was configured/,
      ],
      [
        "an older boot",
        made([secondBoard, ...seqsOf(thirdBoot, at)].filter((seq) => seq !== lastBoot)),
        /event \d+ is missing/,
      ],
      ["a missing event in the middle", made(right.filter((seq) => seq !== at - 2)), /event \d+ is missing/],
      ["a missing event at the end", made(right.slice(0, -1)), /the last of the moment, is missing/],
      ["no event behind a time", made(right, { time }), /behind the moment is missing/],
      [
        "an end before a time",
        made(right, { at: at - 1, time }),
        /too is not after the time|is after the time/,
      ],
      ["no boot", made([secondBoard, ...seqsOf(lastBoot + 1, at)]), /the host boot is missing|is missing/],
      ["no board", made(seqsOf(lastBoot, at)), /configured the host is missing/],
      [
        "not the first boot with the board",
        made([secondBoard, ...seqsOf(lastBoot, at)]),
        /the first boot with the board is missing/,
      ],
    ];
    expect(await verdictOn(good, ...KEY)).toMatchObject({ status: 0 });
    const verdicts = await verdictsOn(
      rows.map(([, files]) => files),
      ...KEY,
    );
    for (const [i, [what, , why]] of rows.entries()) {
      expect(verdicts[i], what).toMatchObject({ status: 1, text: expect.stringMatching(why) });
    }
  },
);

test.skipIf(!canVerify)("keys that vouch for each other are followed, from whichever is known", async () => {
  const log = new Recording(await twoGuests(), { projected: true });
  log.project();
  signLog(log.db);
  const next = generateSignerKey(LOG_KEY.verifier.name, "note");
  const vkey = formatVerifierKey(next.verifier);
  const chained = (note: string | null) => {
    log.db.exec("DELETE FROM audit_keys WHERE number = 2");
    addToChain(log.db, { number: 2, vkey, fromSize: 3, note });
    const moment = { at: log.machine.seq, timeUs: null };
    return whole(evidenceBundle(log.db, { question: who, moment, signed: signLog(log.db, next) }));
  };
  const good = chained(successionNote(LOG_KEY, next, 3));
  const [known, alone, unvouched, elsewhere, foreign] = await Promise.all([
    verdictOn(good, ...KEY),
    verdictOn(good),
    verdictOn(chained(null), ...KEY),
    verdictOn(chained(successionNote(LOG_KEY, next, 4)), ...KEY),
    verdictOn(good, "--key", formatVerifierKey(generateSignerKey("x", "note").verifier)),
  ]);
  expect(known).toMatchObject({ status: 0 });
  expect(alone).toMatchObject({ status: 0, text: expect.stringContaining("the bundle's own word") });
  for (const verdict of [unvouched, elsewhere, foreign]) expect(verdict).toMatchObject({ status: 1 });
});

test.skipIf(!canVerify)("witnesses are held to their word where their keys are given", async () => {
  const witness = generateSignerKey("witness.example/w1", "cosignature");
  const others = formatVerifierKey(generateSignerKey("witness.example/w1", "cosignature").verifier);
  const given = ["--witness", formatVerifierKey(witness.verifier)];
  const { note } = signed;
  const cosigned = formatNote({
    ...note,
    signatures: [...note.signatures, cosign(note.text, witness, 1_800_000_000)],
  });
  const good = filesOf(bundleOf(who, end(9)));
  const withWitness = new Map([...good, ["checkpoint.txt", Buffer.from(cosigned)]]);
  const forged = changed(withWitness, {
    "checkpoint.txt": (before) => before.toString().replace(/.{9}\n$/, "AAAAAAAA\n"),
  });
  const [right, unasked, missing, wrong, other] = await Promise.all([
    verdictOn(withWitness, ...KEY, ...given),
    verdictOn(withWitness, ...KEY),
    verdictOn(good, ...KEY, ...given),
    verdictOn(forged, ...KEY, ...given),
    verdictOn(withWitness, ...KEY, "--witness", others),
  ]);
  expect(right).toMatchObject({
    status: 0,
    text: expect.stringContaining("witness.example/w1 saw it on 2027-01-15T08:00:00"),
  });
  expect(unasked).toMatchObject({ status: 0, text: expect.stringContaining("give its key with --witness") });
  for (const verdict of [missing, wrong, other]) expect(verdict.status).toBe(1);
});

test.skipIf(!canVerify)("wrong usage and missing files are neither yes nor no", async () => {
  const good = bundleOf(who, end(9));
  expect((await verdictOn(good, "--key", "nonsense")).status).toBe(2);
  expect((await verdictOn(good, "--frobnicate")).status).toBe(2);
  expect((await verdictOn(good, "--witness", KEY[1] ?? "")).status).toBe(2);
  expect((await verdictOn(Buffer.from("no archive"))).status).toBe(2);
});

test.skipIf(!canVerify)("on random histories the verifier, the bundle and the whole log agree", async () => {
  const hosts = await Promise.all([
    talking(),
    talking({ supports: { ...NO_RESET } }),
    twoGuests({ profile: "ref" }),
  ]);
  const counted = { uses: 0, denials: 0 };
  for (let seed = 1; seed <= runs(3, 40); seed += 1) {
    const random = new Random(seed);
    const log = new Recording(hosts[seed % hosts.length] as (typeof hosts)[0], { projected: true });
    for (let i = 0; i < 300; i += 1) log.do(randomCommand(random, log.machine.state, hosts));
    log.project();
    const checkpoint = signLog(log.db);
    const asked = Array.from({ length: 8 }, (): { question: Question; at: number } => {
      const [agentId, deviceId, at] = [
        random.below(4),
        random.below(5),
        2 + random.below(log.machine.seq - 1),
      ];
      const question = random.pick<Question>([
        { kind: "who", deviceId },
        { kind: "permissions" },
        { kind: "explain", agentId, deviceId },
        { kind: "exposure" },
        { kind: "use" },
        { kind: "use", deviceId },
        { kind: "use", agentId, deviceId },
      ]);
      return { question, at };
    });
    asked.push({ question: { kind: "use" }, at: log.machine.seq });
    const bundles = asked.map(({ question, at }) => {
      const timeUs = random.chance(30) ? timeOf(log, at) : null;
      const moment = { at: timeUs === null ? at : lastOf(log, timeUs), timeUs };
      const bundle = whole(evidenceBundle(log.db, { question, moment, signed: checkpoint }));
      const place = `seed ${seed}: ${JSON.stringify(question)} at ${moment.at}`;
      const answer = JSON.parse(filesOf(bundle).get("answer.json")?.toString() ?? "");
      expect(answer, place).toEqual(fromWhole(log, question, moment.at));
      if (question.kind === "use") {
        for (const { uses, denials } of answer) {
          counted.uses += uses;
          counted.denials += denials;
        }
      }
      return { bundle, place };
    });
    const verdicts = await verdictsOn(
      bundles.map(({ bundle }) => bundle),
      ...KEY,
    );
    for (const [i, { status, text }] of verdicts.entries()) {
      expect(status, `${bundles[i]?.place}: ${text}`).toBe(0);
    }
  }
  expect(counted.uses * counted.denials, "nothing was used, or nothing denied").toBeGreaterThan(0);
});

test.skipIf(!canVerify)("the verifier and the program agree on what every message is about", () => {
  const code =
    "import runpy, json; m = runpy.run_path('tools/verify_bundle.py'); S = type('S', (), {})\n" +
    "def of(p, i):\n s = S(); s.header, s.request = p << 10 | i, b'\\1\\0\\0\\0\\2\\0\\0\\0'; return m['resource_of'](s)\n" +
    "print(json.dumps([[of(p, i) for i in range(256)] for p in range(256)]))";
  const found = JSON.parse(execFileSync("python3", ["-c", code]).toString());
  for (let protocol = 0; protocol < 256; protocol += 1) {
    const expected = Array.from({ length: 256 }, (_, message) => {
      const about = resourceMessage(protocol, message);
      return about === undefined ? null : [protocol, about.offset === 0 ? 1 : 2, about.isUse];
    });
    expect(found[protocol], `protocol ${protocol}`).toEqual(expected);
  }
});

const NO_RESET = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: false,
};

function timeOf({ db }: Recording, seq: number): number {
  return db.prepare<[number], number>("SELECT time FROM events WHERE seq = ?").pluck().get(seq) as number;
}

function lastOf({ db }: Recording, timeUs: number): number {
  return db
    .prepare<[number], number>("SELECT max(seq) FROM events WHERE time <= ?")
    .pluck()
    .get(timeUs) as number;
}

/** The same answer out of the whole log; but for names, which are of now there, and exposures, which are since ever. */
function fromWhole({ db }: Recording, question: Question, at: number): unknown {
  const page = { limit: 100_000, after: undefined };
  switch (question.kind) {
    case "who":
      return whoHas(db, question.deviceId, at).map((holder) => ({
        ...holder,
        agentName: expect.any(String),
        domainName: holder.domainName === null ? null : expect.any(String),
        uuid: holder.uuid === null ? null : expect.any(String),
      }));
    case "permissions":
      return permissionsAt(db, at, page).items;
    case "explain": {
      const { allowed, chain } = permissionExplain(db, question.agentId, question.deviceId, at);
      return { allowed, chain: chain.map(({ what: _, ...link }) => link) };
    }
    case "exposure":
      return exposures(db, { at, ...page }).items.filter(({ fromSeq }) => fromSeq >= bootBefore(db, at));
    case "use": {
      const { agentId: onlyAgent, deviceId: onlyDevice } = question;
      const asked = { ...page, onlyAgent, onlyDevice };
      const before = permissionUse(db, bootBefore(db, at), asked).items;
      return permissionUse(db, at, asked).items.flatMap((now) => {
        const then = before.find((use) => use.agentId === now.agentId && use.deviceId === now.deviceId);
        const [uses, denials] = [now.uses - (then?.uses ?? 0), now.denials - (then?.denials ?? 0)];
        if (uses + denials === 0 && !now.allowed) return [];
        const last = uses === 0 ? { lastUse: null, lastUseTime: null } : {};
        const lastDenied = denials === 0 ? { lastDenial: null, lastDenialTime: null } : {};
        // The first since ever may have been before the boot: the verifier is asked for this one.
        const [firstUse, firstUseTime] = uses === 0 ? [null, null] : [expect.any(Number), expect.any(String)];
        return [{ ...now, uses, denials, firstUse, firstUseTime, ...last, ...lastDenied }];
      });
    }
  }
}

function bootBefore(db: Recording["db"], at: number): number {
  const booted = db.prepare<[number], number>(
    "SELECT max(from_seq) FROM permission_rules WHERE from_seq <= ?",
  );
  return booted.pluck().get(at) as number;
}
