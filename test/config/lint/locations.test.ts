import { describe, expect, test } from "vitest";
import { readAnnotations } from "#config/lint/locations.ts";
import { mayRepeatLabels } from "#config/lint/repeated-labels.ts";

const ANNOTATED = `/dts-v1/;

/ { /* host.dts:2 */
	#address-cells = <0x02>; /* host.dts:3 */
	text = "a { /* x.dts:99 */"; /* host.dts:4 */

	l1: l2: foo { /* host.dts:5, parts/a.dtsi:8 */
		x = <0x01>, <0x02>; /* parts/a.dtsi:9 */
		flag; /* host.dts:6, host.dts:7 */
		phandle = <0x01>;

		bar@1 { /* a b.dtsi:6 */
		}; /* a b.dtsi:7 */
	}; /* host.dts:10, parts/a.dtsi:11 */

	__symbols__ {
		l1 = "/foo";
	};
}; /* host.dts:12 */
`;
const places = readAnnotations(ANNOTATED, (file) => `in/${file}`);

describe("dtc's annotations", () => {
  test.each([
    ["/", undefined, "host.dts", 2],
    ["/", "#address-cells", "host.dts", 3],
    ["/", "text", "host.dts", 4],
    ["/foo", undefined, "host.dts", 5],
    ["/foo", "x", "parts/a.dtsi", 9],
    ["/foo", "flag", "host.dts", 6],
    // What dtc adds has no place but its node's.
    ["/foo", "phandle", "host.dts", 5],
    ["/foo", "absent", "host.dts", 5],
    ["/foo/bar@1", undefined, "a b.dtsi", 6],
  ])("tell the line of %s %s", (path, property, file, line) => {
    expect(places.find(path, property)).toEqual({ file: `in/${file}`, line });
  });

  test("tell nothing of what dtc made, or what is not there", () => {
    expect(places.find("/__symbols__", "l1")).toBeNull();
    expect(places.find("/none")).toBeNull();
  });

  test("of an overlay count before those of its base, but a node stays where it was", () => {
    const overlay = readAnnotations(
      "/ {\n\tfragment@0 {\n\t\t__overlay__ { /* o.dtso:4 */\n\t\t\tx = <0>; /* o.dtso:5 */\n\t\t};\n\t};\n};\n",
      (file) => file,
    ).renamed((path) => (path === "/fragment@0/__overlay__" ? "/foo" : null));
    const merged = places.overlaidWith(overlay);
    expect(merged.find("/foo", "x")).toEqual({ file: "o.dtso", line: 5 });
    expect(merged.find("/foo", "flag")?.file).toBe("in/host.dts");
    expect(merged.find("/foo")).toEqual({ file: "in/host.dts", line: 5 });
    expect(merged.find("/fragment@0")).toBeNull();
  });
});

test.each([
  ["a: x {\nb: y {", false],
  ["a: x {\na: y {", true],
  ["a: x {\np = <a: 0x01>;", true],
  ["a: x {\nb: p = <0x01>;", false],
])("labels that may be there twice are noticed: %j", (text, may) => {
  expect(mayRepeatLabels(text)).toBe(may);
});
