import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cosignaturesOn } from "#audit/note/cosignature.ts";
import { generateSignerKey, parseVerifierKey, type VerifierKey } from "#audit/note/keys.ts";
import { parseNote } from "#audit/note/note.ts";
import { isProblem } from "#base/problem.ts";
import { parseAddCheckpoint } from "#witness/request.ts";
import { Witness } from "#witness/witness.ts";
import { whole } from "../support/rest.ts";
import { SignedTree } from "../support/signed-tree.ts";

let folder: string;
let tree: SignedTree;
let witness: Witness;
let nowS = 1_800_000_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scmi-witness-"));
  tree = new SignedTree();
  witness = whole(open());
});
afterEach(() => {
  witness.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(logs: readonly VerifierKey[] = [tree.key.verifier]) {
  return Witness.open({
    state: join(folder, "state"),
    key: join(folder, "key"),
    name: "witness.example/w1",
    logs,
    now: () => nowS,
  });
}

function reopen(logs?: readonly VerifierKey[]): void {
  witness.close();
  witness = whole(open(logs));
}

/** When the witness says that it saw a checkpoint; throws where its signature is not right. */
function cosignedAt(checkpoint: string, line: string): number | undefined {
  const note = whole(parseNote(checkpoint + line));
  return whole(cosignaturesOn(note, [whole(parseVerifierKey(witness.verifierKey))]))[0]?.timeS;
}

const statusOf = (body: string) => witness.addCheckpoint(body).status;

test("each checkpoint that goes on from the one before is cosigned, from the first on", () => {
  for (const [from, to] of [
    [0, 3],
    [3, 3],
    [3, 8],
    [8, 300],
  ] as const) {
    const { status, body } = witness.addCheckpoint(tree.grow(to).request(from));
    expect(status, `${from} to ${to}: ${body}`).toBe(200);
    expect(body).toMatch(/^— witness\.example\/w1 \S+\n$/);
    expect(cosignedAt(tree.checkpoint(), body)).toBe(nowS);
  }
  expect(witness.logs()).toEqual([{ origin: "log.example/a", size: 300, contradicted: false }]);
});

test("a log that does not know what the witness has seen is told", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  expect(witness.addCheckpoint(tree.grow(9).request(0))).toEqual({ status: 409, body: "5\n" });
  expect(witness.addCheckpoint(tree.request(3))).toEqual({ status: 409, body: "5\n" });
  expect(statusOf(tree.request(5))).toBe(200);
});

test("a log that was rolled back, or rewritten, is not cosigned", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  // An older copy does not come behind what was seen: whatever old size it gives, it is told of 5.
  expect(witness.addCheckpoint(tree.request(0, 4))).toEqual({ status: 409, body: "5\n" });
  const rewritten = new SignedTree("", tree.key).grow(9, "other ");
  expect(statusOf(rewritten.request(5))).toBe(422);
  expect(witness.logs()[0]?.size).toBe(5);
});

test("two trees of one size are kept as proof against the log", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  const other = new SignedTree("", tree.key).grow(5, "other ");
  expect(statusOf(other.request(5))).toBe(422);
  expect(witness.logs()[0]?.contradicted).toBe(true);
  reopen();
  expect(witness.logs()[0]).toEqual({ origin: "log.example/a", size: 5, contradicted: true });
  expect(readFileSync(join(folder, "state"), "utf8")).toContain(JSON.stringify(other.checkpoint()));
});

test("refusals come in the order of the protocol", () => {
  tree.grow(8);
  const stranger = new SignedTree("log.example/b").grow(3);
  const forged = tree.checkpoint(8).replace(/[A-Za-z]{6}(?=[^\n]*\n$)/, (six) => [...six].reverse().join(""));
  const foreign = new SignedTree("", generateSignerKey("log.example/a", "note")).grow(8);
  witness.addCheckpoint(tree.request(0, 5));
  const proof = tree.proof(5);
  const rows: [body: string, status: number, what: string][] = [
    ["", 400, "nothing"],
    [tree.request(5).replace("old 5", "old 05"), 400, "a zero in front"],
    [tree.request(5).replace("old 5", "size 5"), 400, "another first line"],
    [tree.request(5).replace(/\n\n/, "\n"), 400, "no empty line"],
    [["old 5", ...proof, "AAAA", "", tree.checkpoint()].join("\n"), 400, "a hash of three bytes"],
    [["old 5", ...Array(64).fill(proof[0]), "", tree.checkpoint()].join("\n"), 400, "64 lines"],
    [stranger.request(0), 404, "another log"],
    [`old 9\n\n${forged}`, 403, "a forged signature, of a size too small"],
    [`old 5\n\n${foreign.checkpoint()}`, 403, "another key of the same name"],
    [`old 9\n\n${tree.checkpoint(8)}`, 400, "an old size above the new"],
    [`old 4\n\n${tree.checkpoint(8)}`, 409, "another old size than the witness's"],
    [["old 5", ...proof.slice(1), "", tree.checkpoint()].join("\n"), 422, "a hash less"],
    [["old 5", ...proof, proof[0], "", tree.checkpoint()].join("\n"), 422, "a hash more"],
    [tree.request(5), 200, "all is right"],
  ];
  for (const [body, status, what] of rows) expect(statusOf(body), what).toBe(status);
});

test("the tree without leaves has one root, and the first proof is empty", () => {
  expect(statusOf(`old 0\n\n${tree.grow(0).checkpoint()}`)).toBe(200);
  expect(statusOf(`old 0\n${tree.grow(4).proof(2)[0]}\n\n${tree.checkpoint()}`)).toBe(422);
  expect(statusOf(tree.request(0))).toBe(200);
});

test("what it has seen outlives it, and its key is its own", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  const { verifierKey } = witness;
  expect(statSync(join(folder, "key")).mode & 0o777).toBe(0o600);
  // A draft that a kill left half-written does not hold anything up.
  writeFileSync(join(folder, "state.draft"), "{");
  reopen();
  expect(witness.verifierKey).toBe(verifierKey);
  expect(witness.addCheckpoint(tree.grow(9).request(0))).toEqual({ status: 409, body: "5\n" });
  expect(statusOf(tree.request(5))).toBe(200);
  expect(existsSync(join(folder, "state.draft"))).toBe(false);
});

test("a cosignature is never dated before an earlier one, wherever the clock goes", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  const first = nowS;
  nowS -= 3600;
  const { body } = witness.addCheckpoint(tree.grow(6).request(5));
  expect(cosignedAt(tree.checkpoint(), body)).toBe(first);
  nowS = first;
});

test("where its state cannot be written, nothing is cosigned", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  rmSync(folder, { recursive: true });
  expect(() => witness.addCheckpoint(tree.grow(6).request(5))).toThrow();
  expect(witness.logs()[0]?.size).toBe(5);
});

test("a key without its state, a state without its key, and a state that is none are refused", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  witness.close();
  const [state, key] = ["state", "key"].map((name) => readFileSync(join(folder, name), "utf8")) as [
    string,
    string,
  ];
  const codeOf = (result: unknown) => (isProblem(result) ? result.code : "opened");
  rmSync(join(folder, "state"));
  expect(codeOf(open())).toBe("witness-state-missing");
  for (const broken of [
    "",
    "{}",
    state.slice(0, -9),
    state.replace("old", ""),
    state.replace("log.example/a\\n5", "x"),
  ]) {
    if (broken === state) continue;
    writeFileSync(join(folder, "state"), broken);
    expect(codeOf(open()), broken).toBe("witness-state-invalid");
  }
  writeFileSync(join(folder, "state"), state);
  rmSync(join(folder, "key"));
  expect(codeOf(open())).toBe("witness-key-foreign");
  writeFileSync(join(folder, "key"), key);
  witness = whole(open());
  expect(witness.logs()[0]?.size).toBe(5);
});

test("one state has one witness", () => {
  expect(open()).toMatchObject({ code: "log-in-use" });
});

test("a log goes on under a new key where the witness knows both", () => {
  witness.addCheckpoint(tree.grow(5).request(0));
  const next = generateSignerKey("log.example/a", "note");
  reopen([tree.key.verifier, next.verifier]);
  const body = `old 5\n${tree.grow(7).proof(5).join("\n")}\n\n${tree.checkpoint(7, next)}`;
  expect(statusOf(body)).toBe(200);
});

test("no body breaks it", () => {
  tree.grow(6);
  const right = tree.request(0);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc
          .tuple(fc.nat(right.length), fc.nat(20), fc.string({ unit: "binary" }))
          .map(([at, length, text]) => {
            return right.slice(0, at) + text + right.slice(at + length);
          }),
      ),
      (body) => {
        const asked = parseAddCheckpoint(body);
        if (typeof asked === "string") expect(statusOf(body)).toBe(400);
        else expect([200, 400, 403, 404, 409, 422]).toContain(statusOf(body));
      },
    ),
    { numRuns: 60 },
  );
});
