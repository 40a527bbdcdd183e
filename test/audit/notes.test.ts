import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leafHash } from "#audit/merkle/hash.ts";
import {
  checkpointText,
  openCheckpoint,
  parseCheckpoint,
  parseCheckpointText,
  signCheckpoint,
} from "#audit/note/checkpoint.ts";
import { cosign, cosignaturesOn } from "#audit/note/cosignature.ts";
import {
  formatSignerKey,
  formatVerifierKey,
  generateSignerKey,
  parseSignerKey,
  parseVerifierKey,
} from "#audit/note/keys.ts";
import { formatNote, type Note, parseNote, signersOf, signNote } from "#audit/note/note.ts";
import { formatTlogProof, parseTlogProof } from "#audit/note/tlog-proof.ts";
import { isProblem } from "#base/problem.ts";
import { whole } from "../support/rest.ts";

/** The key and the note that the Go tools for notes are tested with; and the example of C2SP signed-note. */
const VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const SIGNED = `${TEXT}\n${SIGNATURE}`;
const ENOCH =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const C2SP_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const C2SP_NOTE =
  "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

const code = (result: unknown): string => (isProblem(result) ? result.code : "accepted");

describe("keys", () => {
  test("published keys are read, and written as they were", () => {
    expect(formatVerifierKey(whole(parseVerifierKey(VKEY)))).toBe(VKEY);
    expect(formatVerifierKey(whole(parseVerifierKey(C2SP_VKEY)))).toBe(C2SP_VKEY);
    const signer = whole(parseSignerKey(`${SKEY}\n`));
    expect(formatSignerKey(signer)).toBe(SKEY);
    expect(formatVerifierKey(signer.verifier)).toBe(VKEY);
  });

  test("a new key signs what it verifies, of either type", () => {
    for (const type of ["note", "cosignature"] as const) {
      const key = generateSignerKey("example.org/log", type);
      expect(whole(parseSignerKey(formatSignerKey(key))).verifier).toEqual(key.verifier);
      expect(whole(parseVerifierKey(formatVerifierKey(key.verifier)))).toEqual(key.verifier);
    }
  });

  test("no part of a key, and no key with another character in it, is a key", () => {
    for (const [text, parse] of [
      [VKEY, parseVerifierKey],
      [SKEY, parseSignerKey],
    ] as const) {
      for (let i = 0; i < text.length; i += 1) {
        const other = String.fromCharCode(text.charCodeAt(i) + 1);
        expect(code(parse(text.slice(0, i) + other + text.slice(i + 1))), String(i)).toBe("key-invalid");
        expect(code(parse(text.slice(0, i)))).toBe("key-invalid");
        if (i > 0) expect(code(parse(text.slice(i)))).toBe("key-invalid");
      }
    }
  });

  test("a private key's problem tells nothing of it", () => {
    const refusal = parseSignerKey(SKEY.replace("AYEK", "AYEL"));
    expect(isProblem(refusal) && refusal.detail).not.toContain("FALVFGyNhPJEMz");
  });
});

describe("signed notes", () => {
  const peter = whole(parseVerifierKey(VKEY));

  test("published notes verify, and are signed to the byte", () => {
    const note = whole(parseNote(SIGNED));
    expect(note.text).toBe(TEXT);
    expect(whole(signersOf(note, [peter]))).toEqual([peter]);
    expect(formatNote(signNote(TEXT, whole(parseSignerKey(SKEY))))).toBe(SIGNED);
    const example = whole(parseNote(C2SP_NOTE));
    expect(whole(signersOf(example, [whole(parseVerifierKey(C2SP_VKEY))]))).toHaveLength(1);
  });

  test("signatures of unknown keys are passed over, a wrong one of a known key is not", () => {
    expect(whole(signersOf(whole(parseNote(SIGNED + ENOCH)), [peter]))).toEqual([peter]);
    expect(code(signersOf(whole(parseNote(`${TEXT}\n${ENOCH}`)), [peter]))).toBe("note-untrusted");
    expect(code(signersOf(whole(parseNote(SIGNED)), []))).toBe("note-untrusted");
    const wrong = SIGNED.replace("your problem,", "our problem,");
    expect(code(signersOf(whole(parseNote(wrong)), [peter]))).toBe("note-untrusted");
  });

  test("a text may have blank lines: the last one divides", () => {
    const key = generateSignerKey("k", "note");
    const note = whole(parseNote(formatNote(signNote("a\n\nb\n", key))));
    expect(note.text).toBe("a\n\nb\n");
    expect(whole(signersOf(note, [key.verifier]))).toHaveLength(1);
  });

  test.each([
    ["no signature", TEXT],
    ["no signature line", `${TEXT}\n`],
    ["an end cut off", SIGNED.slice(0, -1)],
    ["a control character", `\x01${SIGNED}`],
    ["a carriage return", SIGNED.replaceAll("\n", "\r\n")],
    ["what is no UTF-8", `\ufffd${SIGNED}`],
    ["a lone surrogate", `\ud800${SIGNED}`],
    ["a name with a space", SIGNED.replace("— PeterNeumann", "— Bad Name")],
    ["a name with a plus", SIGNED.replace("— PeterNeumann", "— Bad+Name")],
    ["a line that is no signature", `${SIGNED}Unexpected line.\n`],
    ["base64 with a bit too many", SIGNED.replace("nAM=", "nAN=")],
    ["a signature of four bytes", `${TEXT}\n— PeterNeumann x08gow==\n`],
    ["101 signatures", `${TEXT}\n${SIGNATURE.repeat(101)}`],
    ["more than a megabyte", "x".repeat(1_000_000) + SIGNED],
  ])("a note with %s is refused", (_, text) => {
    expect(code(parseNote(text))).toBe("note-invalid");
  });

  test("every change of one character of a note is noticed", () => {
    const accepted: string[] = [];
    for (let i = 0; i < SIGNED.length; i += 1) {
      const changed = `${SIGNED.slice(0, i)}${SIGNED[i] === "x" ? "y" : "x"}${SIGNED.slice(i + 1)}`;
      const note = parseNote(changed);
      if (!isProblem(note) && !isProblem(signersOf(note, [peter]))) accepted.push(changed);
    }
    expect(accepted).toEqual([]);
  });

  test("any bytes are read as a note or refused, and never throw", () => {
    const near = fc
      .tuple(fc.nat({ max: SIGNED.length }), fc.string({ unit: "binary" }))
      .map(([at, text]) => SIGNED.slice(0, at) + text + SIGNED.slice(at));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
        const note = parseNote(text);
        if (!isProblem(note)) expect(formatNote(note)).toBe(text);
      }),
    );
  });
});

describe("checkpoints", () => {
  const key = generateSignerKey("example.org/log", "note");
  const head = { size: 20_852_163, root: leafHash(Buffer.from("x")) };

  test("a signed one is opened by its log's key", () => {
    const { text } = signCheckpoint(head, key);
    expect(text.split("\n")[1]).toBe("20852163");
    const opened = whole(openCheckpoint(text, [key.verifier]));
    expect(checkpointText(opened.checkpoint)).toBe(
      checkpointText({ origin: "example.org/log", ...head, extensions: [] }),
    );
  });

  test("another log's, another key's and an altered one are not trusted", () => {
    const { text } = signCheckpoint(head, key);
    const other = generateSignerKey("example.org/other", "note");
    const namesake = generateSignerKey("example.org/log", "note");
    expect(code(openCheckpoint(text, [other.verifier]))).toBe("note-untrusted");
    expect(code(openCheckpoint(text, [namesake.verifier]))).toBe("note-untrusted");
    expect(code(openCheckpoint(text.replace("20852163", "20852164"), [key.verifier]))).toBe("note-untrusted");
    // Signed by a key that we know, but for a log that is not its own.
    const foreign = formatNote(
      signNote(checkpointText({ origin: "example.org/other", ...head, extensions: [] }), key),
    );
    expect(code(openCheckpoint(foreign, [key.verifier]))).toBe("note-untrusted");
  });

  test("the published example is read", () => {
    const text =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" +
      "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n" +
      "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    const { checkpoint, note } = whole(parseCheckpoint(text));
    expect(checkpoint).toMatchObject({ origin: "example.com/behind-the-sofa", size: 20852163 });
    expect(note.signatures.map(({ name }) => name)).toEqual([
      "example.com/behind-the-sofa",
      "witness.example.com/w1",
    ]);
  });

  test.each([
    ["no lines", "\n"],
    ["no size", "o\n"],
    ["a size with a zero in front", `o\n01\n${"A".repeat(43)}=\n`],
    ["a negative size", `o\n-1\n${"A".repeat(43)}=\n`],
    ["a size beyond any file", `o\n9007199254740992\n${"A".repeat(43)}=\n`],
    ["a short root", `o\n1\n${"A".repeat(40)}\n`],
    ["an empty extension", `o\n1\n${"A".repeat(43)}=\n\nx\n`],
    ["no end", `o\n1\n${"A".repeat(43)}=`],
  ])("a text with %s is none", (_, text) => {
    expect(code(parseCheckpointText(text))).toBe("checkpoint-invalid");
  });
});

describe("cosignatures", () => {
  const log = generateSignerKey("example.org/log", "note");
  const witness = generateSignerKey("witness.example/w1", "cosignature");
  const { note } = signCheckpoint({ size: 3, root: leafHash(Buffer.from("x")) }, log);
  const cosigned: Note = {
    text: note.text,
    signatures: [...note.signatures, cosign(note.text, witness, 1_679_315_147)],
  };

  test("a witness's word is known by its key, with the time", () => {
    const read = whole(parseNote(formatNote(cosigned)));
    expect(whole(cosignaturesOn(read, [witness.verifier]))).toEqual([
      { key: witness.verifier, timeS: 1_679_315_147 },
    ]);
    expect(whole(signersOf(read, [log.verifier]))).toEqual([log.verifier]);
    expect(whole(cosignaturesOn(read, []))).toEqual([]);
  });

  test("one with another time, text or too few bytes is refused", () => {
    const [first, cosignature] = cosigned.signatures as [Note["signatures"][0], Note["signatures"][0]];
    const bad = [
      { ...cosignature, signature: cosignature.signature.map((byte, i) => (i === 7 ? byte ^ 1 : byte)) },
      { ...cosignature, signature: cosignature.signature.slice(0, 8) },
      { ...cosignature, signature: Uint8Array.from({ length: 72 }, () => 0xff) },
    ];
    for (const signature of bad) {
      const changed = { ...cosigned, signatures: [first, signature] };
      expect(code(cosignaturesOn(changed, [witness.verifier]))).toBe("note-untrusted");
    }
    const other = { ...cosigned, text: cosigned.text.replace("3\n", "4\n") };
    expect(code(cosignaturesOn(other, [witness.verifier]))).toBe("note-untrusted");
  });
});

describe("one-file proofs", () => {
  const key = generateSignerKey("example.org/log", "note");
  const signed = signCheckpoint({ size: 3, root: leafHash(Buffer.from("x")) }, key);
  const path = [leafHash(Buffer.from("a")), leafHash(Buffer.from("b"))];

  test("what is written is read, with and without extra data, with and without a path", () => {
    for (const extra of [null, Buffer.from("entry"), Buffer.alloc(0)]) {
      for (const hashes of [path, []]) {
        const text = formatTlogProof({ extra, index: 2, path: hashes, signed });
        expect(text.startsWith("c2sp.org/tlog-proof@v1\n")).toBe(true);
        expect(formatTlogProof(whole(parseTlogProof(text)))).toBe(text);
      }
    }
  });

  test.each([
    ["another first line", (text: string) => text.replace("@v1", "@v2")],
    ["no index", (text: string) => text.replace("index 2\n", "")],
    ["an index with a zero in front", (text: string) => text.replace("index 2", "index 02")],
    ["extra data that are not base64", (text: string) => text.replace("extra ", "extra !")],
    ["a hash cut short", (text: string) => text.replace(/\n(.{40}).{4}\n/, "\n$1\n")],
    ["no checkpoint", (text: string) => text.slice(0, text.indexOf("\n\n"))],
    ["a checkpoint cut short", (text: string) => text.slice(0, -30)],
  ])("one with %s is refused", (_, change) => {
    const text = formatTlogProof({ extra: Buffer.from("entry"), index: 2, path, signed });
    expect(["proof-invalid", "note-invalid"]).toContain(code(parseTlogProof(change(text))));
  });
});
