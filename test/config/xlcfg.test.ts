import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { XlCfgIssues } from "#config/xlcfg/issues.ts";
import type { XlValue } from "#config/xlcfg/value.ts";
import { parseXlCfg, type XlConfig } from "#config/xlcfg/xlcfg.ts";

function read(text: string): XlConfig {
  const config = parseXlCfg(text);
  if (isProblem(config)) throw new Error(config.detail);
  return config;
}

/** What is wrong with this text, which has to be refused. */
function refusal(text: string): string {
  const config = parseXlCfg(text);
  if (!isProblem(config)) throw new Error("the file was accepted");
  expect(config).toMatchObject({ code: "xlcfg-invalid", errno: "EINVAL" });
  return config.detail.replace("the xl.cfg is refused: ", "");
}

/** A value as JSON says it; numbers keep their text, marked by a #. */
function plain(value: XlValue | undefined): unknown {
  if (value === undefined) return undefined;
  if (value.kind === "list") return value.items.map(plain);
  return value.kind === "number" ? `#${value.text}` : value.text;
}

function settings(text: string): Record<string, unknown> {
  return Object.fromEntries([...read(text).settings].map(([name, { value }]) => [name, plain(value)]));
}

describe("what the grammar accepts", () => {
  test.each<[string, Record<string, unknown>]>([
    ["", {}],
    ["\n\n", {}],
    [";;;", {}],
    ["# only a comment\n", {}],
    ["a=1", { a: "#1" }],
    ["a=1\n", { a: "#1" }],
    ["\t a \t = \t 1 \t \n", { a: "#1" }],
    ["a=1 # comment\nb=2#comment\n", { a: "#1", b: "#2" }],
    ["# a comment ends in a DOS line end\r\na=1", { a: "#1" }],
    ["a=1;b=2;", { a: "#1", b: "#2" }],
    ['a="x"; b="y"', { a: "x", b: "y" }],
    [";;a=1;;\n;b=2", { a: "#1", b: "#2" }],
    ["a_b.c9=1", { "a_b.c9": "#1" }],
    ["a.=1", { "a.": "#1" }],
    ["constructor='x'", { constructor: "x" }],
    // Numbers are texts until they are read as numbers
    ["a=0x1f; b=010; c=1f; d=12fx; e=0xx", { a: "#0x1f", b: "#010", c: "#1f", d: "#12fx", e: "#0xx" }],
    ["a=123456789012345678901234567890", { a: "#123456789012345678901234567890" }],
    // Strings
    [`a='x"y'; b="x'y"; c=''; d=""`, { a: 'x"y', b: "x'y", c: "", d: "" }],
    ['a="#x"; b=";=[]+,"', { a: "#x", b: ";=[]+," }],
    ['a="\t|é|\u20ac|\u{1f600}|\x80|\r|\x01"', { a: "\t|é|\u20ac|\u{1f600}|\x80|\r|\x01" }],
    // Lists
    ["a=[]", { a: [] }],
    ["a=[\n\n]", { a: [] }],
    ["a=[1,2,]", { a: ["#1", "#2"] }],
    ["a=[1,2]", { a: ["#1", "#2"] }],
    ['a=["x",[1,[]],]', { a: ["x", ["#1", []]] }],
    ["a = [ # begins\n  1 # one\n  , # comma first\n\n  2\n  ,\n ]\n", { a: ["#1", "#2"] }],
    // Assignment
    ["a=1\na=2", { a: "#2" }],
    ["a=1\na=[2]", { a: ["#2"] }],
    ["a+=1", { a: "#1" }],
    ['a="x"\na+="y"\na += "z"', { a: "xyz" }],
    ['a="x"\na+=1', { a: "x1" }],
    ["a=1\na+=2", { a: "12" }],
    ["a=[1]\na+=[2,3]\na+=[]", { a: ["#1", "#2", "#3"] }],
    ["a=[1]\nb=[2]\na+=[3]", { a: ["#1", "#3"], b: ["#2"] }],
    ["a+=[1]\na+=[2]\na=[3]", { a: ["#3"] }],
  ])("%j", (text, expected) => {
    expect(settings(text)).toEqual(expected);
  });

  test.each([
    ['\\"', '"'],
    ["\\'", "'"],
    ["\\\\", "\\"],
    ["\\a", "\x07"],
    ["\\b", "\b"],
    ["\\f", "\f"],
    ["\\n", "\n"],
    ["\\r", "\r"],
    ["\\t", "\t"],
    ["\\v", "\v"],
    // Accepted, and nothing: a digit below 8 and two or three more
    ["\\101", ""],
    ["\\1012", ""],
    ["\\199", ""],
    ["\\10123", "3"],
    ["\\000", ""],
    ["\\\\101", "\\101"],
  ])("the escape %s", (written, text) => {
    expect(settings(`a="<${written}>"\nb='<${written}>'`)).toEqual({ a: `<${text}>`, b: `<${text}>` });
  });

  test("a thousand lists in each other", () => {
    expect(read(`a=${"[".repeat(1000)}${"]".repeat(1000)}`).list("a")).toEqual([null]);
  });

  test("a NUL ends a string, as it does in C", () => {
    const config = read('a="x\0y"');
    expect(config.string("a")).toBe("x");
    expect(config.warnings).toEqual(["line 1: a NUL character ends the string for xl"]);
  });
});

describe("where things are", () => {
  /** Each value with its place, lists in the order in which they begin. */
  function places(value: XlValue | undefined): string[] {
    if (value === undefined) return [];
    const own = `${value.at.line}:${value.at.column}`;
    return value.kind === "list" ? [own, ...value.items.flatMap(places)] : [own];
  }

  test.each<[string, string[]]>([
    ["a=1", ["1:3"]],
    ["\t a =\t'x'", ["1:7"]],
    ["b=1\n\na=2", ["3:3"]],
    ["a=[1]", ["1:3", "1:4"]],
    ['a = [ # begins\n  "x", # one\n#"y",\n  [ 2,\n\n 3 ],\n]', ["1:5", "2:3", "4:3", "4:5", "6:2"]],
    ["a=1\na=2", ["2:3"]],
    ["a=[1]\n a+=[2,\n3]", ["1:3", "1:4", "2:6", "3:1"]],
    ["a='x'\na+='y'", ["1:3"]],
  ])("of %j", (text, expected) => {
    expect(places(read(text).settings.get("a")?.value)).toEqual(expected);
  });

  test("the places of what is refused are there for who asks", () => {
    const issues = new XlCfgIssues();
    expect(isProblem(parseXlCfg("a=1\nB=2\n c=\n", issues))).toBe(true);
    expect(issues.first().map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 4],
    ]);
  });
});

describe("what the grammar refuses", () => {
  test.each([
    // The scanner
    ["# c", '1:1: found "#", a comment that the file ends in'],
    ["a=1\n# the last line", '2:1: found "#", a comment that the file ends in'],
    ["a=1#", '1:4: found "#", a comment that the file ends in'],
    [
      "a=1\r\nb=2\r\n",
      '1:4: found "\\r", a line end of DOS: allowed is a newline alone; 2:4: found "\\r", a line end',
    ],
    ["\ufeffa=1", "1:1: found"],
    ["A=1", '1:1: found "A=1", a capital letter: allowed are lower-case names and hex digits'],
    ["aB=1", '1:2: found "B=1", a capital letter'],
    ["_a=1", '1:1: found "_a=1", an underscore: allowed is a name that begins with a letter'],
    ["a-b=1", '1:2: found "-b=1", as in Python, which xl.cfg is not'],
    ["a=True", '1:3: found "True", a capital letter'],
    [
      "a=-1",
      '1:3: found "-1", as in Python, which xl.cfg is not: allowed are numbers of digits, strings ("-1")',
    ],
    ["a=1.5", '1:4: found ".5", as in Python'],
    ["a=(1)", '1:3: found "(1)", as in Python'],
    ["a={}", '1:3: found "{}", allowed are names, numbers, strings in quotes, and = += [ ] , ; #'],
    ["a=0xAB", '1:5: found "AB", a capital letter'],
    ["a=0XAB", '1:4: found "XAB", a capital letter'],
    ["a + = 1", '1:3: found "+", as in Python'],
    ["é=1", '1:1: found "é=1", allowed are names'],
    ['a="x', '1:3: found "\\"x", a string that its line does not end'],
    ['a="x\ny"', '1:3: found "\\"x", a string that its line does not end'],
    ['a="x\\\ny"', '1:3: found "\\"x\\\\", a string that its line does not end'],
    ["a='x\\'", "1:3: found \"'x\\\\'\", a string that its line does not end"],
    ["a=$ b=2", '1:3: found "$", allowed are names'],
    // The parser
    ["a=x", '1:3: found "x", allowed is a string, a number or ['],
    ["a=true", '1:3: found "true", allowed is a string'],
    ["a", "1:2: found the end of the file, allowed is = or +="],
    ["a\n=1", "1:2: found the end of the line, allowed is = or +="],
    ["a=", "1:3: found the end of the file, allowed is a string, a number or ["],
    ["a=\n1", "1:3: found the end of the line, allowed is a string, a number or ["],
    ["a=;", '1:3: found ";", allowed is a string'],
    ['a="x" b="y"', '1:7: found "b", allowed is a newline or ;'],
    ["a='it''s'", "1:7: found \"'s'\", allowed is a newline or ;"],
    ["a=12g", '1:5: found "g", allowed is a newline or ;'],
    ["a==1", '1:3: found "=", allowed is a string'],
    ["1=a", '1:1: found "1", allowed is a name'],
    ["[1]", '1:1: found "[", allowed is a name'],
    ["a=[,]", '1:4: found ",", allowed is a string, a number or ['],
    ["a=[1,,2]", '1:6: found ",", allowed is a string'],
    ['a=["x" "y"]', '1:8: found "\\"y\\"", allowed is , or ]'],
    ["a=[1;2]", '1:5: found ";", allowed is , or ]'],
    ["a=[1", "1:5: found the end of the file, allowed is , or ]"],
    ["a=[", "1:4: found the end of the file, allowed is a string"],
    ["a=1]", '1:4: found "]", allowed is a newline or ;'],
    ["a\n[1]", "1:2: found the end of the line, allowed is = or +="],
    [
      `a=${"[".repeat(1001)}${"]".repeat(1001)}`,
      '1:1003: found "[", allowed is at most 1000 lists in each other',
    ],
    // Escapes
    ['a="\\x41"', "1:4: found \\x, which xl refuses always"],
    ['a="\\x"', "1:4: found \\x, which xl refuses always"],
    ['a="ab\\1"', "1:6: found \\1 with fewer than three digits"],
    ['a="\\12"', "1:4: found \\1 with fewer than three digits"],
    ['a="\\1x23"', "1:4: found \\1 with fewer than three digits"],
    ['a="\\8"', "1:4: found \\8, allowed after a backslash are \\ \" ' a b f n r t v"],
    ['a="\\q"', "1:4: found \\q, allowed after a backslash are"],
    ['a=[ "x",\n "\\e" ]', "2:3: found \\e, allowed after a backslash are"],
    // Assignment
    ['a="x"\na+=[1]', "2:1: found += of a list to a, which is a single value: allowed is one of its kind"],
    ["a=[1]\na+=1", "2:1: found += of a single value to a, which is a list: allowed is one of its kind"],
    // Texts that are not xl.cfg files
    ["a='\ud800'", "found half of a surrogate pair, allowed is UTF-8 text"],
    ["#".repeat(1024 * 1024 + 1), "it has 1048577 bytes or more, at most 1048576 are read"],
    [`#${"é".repeat(1024 * 512)}\n`, "it has 1048578 bytes or more, at most 1048576 are read"],
  ])("%j", (text, expected) => {
    expect(refusal(text).slice(0, expected.length)).toBe(expected);
  });

  test("the rest of the file is read for further errors", () => {
    const text = ['a = [ "x" "y",', '  "z",', "]", "b = -1", "c = 2", "d = x", 'e = "\\q"', "f ="].join("\n");
    expect(refusal(text).match(/\d+:\d+/g)).toEqual(["1:11", "4:5", "6:5", "7:6", "8:4"]);
  });

  test("one wrong statement is one error", () => {
    expect(refusal("a = -1 -2\nb = 1").match(/\d+:\d+/g)).toEqual(["1:5", "1:8"]);
    expect(refusal("a = [ 1 2\n3\n4 5\n]\nb = 1").match(/\d+:\d+/g)).toEqual(["1:9"]);
  });

  test("twenty errors are listed, the rest counted", () => {
    const told = refusal("a=x\n".repeat(50));
    expect(told.match(/\d+:3/g)).toHaveLength(20);
    expect(told).toMatch(/; and 30 more$/);
  });
});

describe("how xl's code reads values", () => {
  test("a number is a string too", () => {
    expect(read("a=010").string("a")).toBe("010");
    expect(read("a=[1f]").list("a")).toEqual(["1f"]);
  });

  test.each<[string, bigint | undefined]>([
    ["a=0", 0n],
    ["a=10", 10n],
    ["a=010", 8n],
    ["a=0x10", 16n],
    ["a=08", undefined],
    ["a=1f", undefined],
    ["a=12fx", undefined],
    ["a=0x", undefined],
    ["a=0xx", undefined],
    ["a='-1'", -1n],
    ["a='+7'", 7n],
    ["a=' \t7'", 7n],
    ["a='7 '", undefined],
    ["a='- 7'", undefined],
    ["a='0X1F'", 31n],
    ["a='-0x10'", -16n],
    ["a=''", undefined],
    ["a='0'", 0n],
    ["a='x'", undefined],
    ["a=9223372036854775807", 9223372036854775807n],
    ["a=9223372036854775808", undefined],
    ["a='-9223372036854775808'", -9223372036854775808n],
    ["a=0x10000000000000000", undefined],
    [`a=${"9".repeat(1000)}`, undefined],
    [`a=${"0".repeat(1000)}17`, 15n],
  ])("as a number, %s", (text, value) => {
    const config = read(text);
    expect(config.integer("a")).toBe(value);
    expect(config.warnings).toEqual(
      value === undefined ? ["line 1: a is not a valid number; it counts as left out"] : [],
    );
  });

  test("what += made is no number, until = makes it one again", () => {
    for (const text of ["a+=1", "a=1\na+=2"]) {
      const config = read(text);
      expect(config.integer("a")).toBeUndefined();
      expect(config.warnings[0]).toMatch(/a is read as a number, which \+= cannot make/);
      expect(config.string("a")).toBeDefined();
    }
    expect(read("a=1\na+=2\na=3").integer("a")).toBe(3n);
  });

  test("the wrong kind is warned of and counts as left out", () => {
    const config = read("\na=[1]\nb=1");
    expect(config.string("a")).toBeUndefined();
    expect(config.integer("a")).toBeUndefined();
    expect(config.list("b")).toBeUndefined();
    expect(config.warnings).toEqual([
      "line 2: a is a list where a single value is read; it counts as left out",
      "line 2: a is a list where a single value is read; it counts as left out",
      "line 3: b is a single value where a list is read; it counts as left out",
    ]);
    expect(config.string("a", true)).toBeUndefined();
    expect(config.warnings).toHaveLength(3);
  });

  test("what is not there is undefined, without a word", () => {
    const config = read("");
    expect([config.string("a"), config.integer("a"), config.list("a")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(config.leadingTexts("a")).toEqual([]);
    expect(config.warnings).toEqual([]);
  });

  test("a list in a list is null, and ends a walk through the leading texts", () => {
    const config = read("a=['x',[1],'y']");
    expect(config.list("a")).toEqual(["x", null, "y"]);
    expect(config.leadingTexts("a")).toEqual(["x"]);
  });
});

describe("any text", () => {
  const pieces = fc.constantFrom(
    ..."abz019fx=+[],;#'\"\\\n\r\t -.()_AZé\0".split(""),
    "+=",
    "name",
    '"x"',
    "'\\n'",
    "[1,2]",
    " = ",
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(pieces, { maxLength: 60 }).map((all) => all.join("")),
  );

  test("is a configuration or a problem, and keeps nothing of a file that is refused", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const config = parseXlCfg(text);
        if (isProblem(config)) expect(config.code).toBe("xlcfg-invalid");
      }),
      { numRuns: 2000 },
    );
  });

  test.each<[string, string]>([
    ["comments that never end", "a #".repeat(300_000)],
    ["one list appended to", "a+=[1]\n".repeat(140_000)],
    ["one string appended to", "a+='x'\n".repeat(140_000)],
    ["lists that never end", `a=${"[".repeat(1_000_000)}`],
    ["a string that never ends", `a="${"\\n".repeat(500_000)}`],
    ["quotes that never end", `"' `.repeat(300_000)],
    ["a long escape", `a="${"\\101".repeat(250_000)}"`],
  ])(
    "of a megabyte takes no time: %s",
    (_what, text) => {
      parseXlCfg(text);
    },
    5_000,
  );

  test("that is written from values gives the values back", () => {
    const name = fc.stringMatching(/^[a-z][._0-9a-z]{0,8}$/);
    const string = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", ""));
    const number = fc.stringMatching(/^[0-9][0-9a-fx]{0,8}$/);
    const at = fc.constant({ line: 1, column: 1 });
    const { value } = fc.letrec<{ value: XlValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        fc.record({ kind: fc.constant("string" as const), text: string, at }),
        fc.record({ kind: fc.constant("number" as const), text: number, at }),
        fc.record({
          kind: fc.constant("list" as const),
          items: fc.array(tie("value"), { maxLength: 4 }),
          at,
        }),
      ),
    }));
    const blank = fc.constantFrom("", " ", "\t ");
    const newlines = fc.constantFrom("", "\n", " # comment\n\n", " ");
    const end = fc.constantFrom("\n", ";", " ;; ", "# comment\n");
    const statements = fc.array(
      fc.record({ name, value, blank, newlines, end, quote: fc.constantFrom("'", '"') }),
    );
    fc.assert(
      fc.property(statements, (all) => {
        const text = all.map(
          (s) => `${s.blank}${s.name}${s.blank}=${s.blank}${write(s.value, s.quote, s.newlines)}${s.end}`,
        );
        const expected = Object.fromEntries(all.map((s) => [s.name, plain(s.value)]));
        expect(settings(text.join(""))).toEqual(expected);
      }),
    );
  });
});

/** A value as somebody could have written it. */
function write(value: XlValue, quote: string, newlines: string): string {
  if (value.kind === "number") return value.text;
  if (value.kind !== "list") return quote + value.text.replaceAll(/[\\'"\n]/g, escapeOf) + quote;
  return `[${newlines}${value.items.map((item) => `${write(item, quote, newlines)}${newlines},${newlines}`).join("")}]`;
}

function escapeOf(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
