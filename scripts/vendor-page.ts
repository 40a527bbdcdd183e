import { readFileSync } from "node:fs";

/** The example, which a test compiles and runs as it stands. */
const EXAMPLE = new URL("../test/firmware/vendor/leds.ts", import.meta.url);

/** docs/vendor-protocols.md: how to add a vendor's own protocol, shown by an example. */
export function vendorPage(): string {
  const source = readFileSync(EXAMPLE, "utf8")
    // Inside its room a file names its neighbours by their paths.
    .replace("#scmi/protocols/common.ts", "./common.ts")
    .replaceAll("#scmi/", "../");
  return `${[...BEFORE, "```ts", source.trimEnd(), "```", ...AFTER].join("\n")}\n`;
}

const BEFORE = [
  "# Protocols of vendors' own",
  "",
  "SCMI leaves the protocol ids from 0x80 to 0xff to vendors. One more such protocol is one file and one line.",
  "",
  "The file says which messages there are, field by field, and what the firmware does with them. This one has the lights of a front",
  "panel, `src/scmi/protocols/vendor-leds.ts`:",
  "",
];

const AFTER = [
  "",
  "The line is in `src/scmi/vendor-protocols.ts`:",
  "",
  "```ts",
  "export const VENDOR_PROTOCOLS: readonly VendorProtocol[] = [LEDS];",
  "```",
  "",
  "A board has the protocol when it lists its id, beside the standard ones:",
  "",
  "```yaml",
  "firmware:",
  "  protocols: [power, clock, 0x80]",
  "```",
  "",
  "All else follows from that:",
  "",
  "- **Served** by every profile: unknown messages, wrong sizes, padding and headers are the profile's business. A handler gets fields",
  "  and gives a status, or the fields of its answer. PROTOCOL_VERSION, PROTOCOL_MESSAGE_ATTRIBUTES and NEGOTIATE_PROTOCOL_VERSION",
  "  need none.",
  "- **Listed** by BASE_DISCOVER_LIST_PROTOCOLS, and counted.",
  "- **Called and shown by name**: `leds LED_SET {ledId: 2, brightness: 50}` works in typed calls, on the command line, and in the decoded",
  "  events, and [protocols.md](protocols.md) has its tables after `npm run docs`.",
  "- **Kept**: what a handler writes is part of the event, replays, is hashed into the state's digest, and shows as `firmware.vendor`",
  "  under the protocol's id. It is gone at power-on.",
  "- **Guarded**: `call.mayUse(deviceId)` says whether the caller has the permission for a device of the board;",
  "  BASE_SET_PROTOCOL_PERMISSIONS can take this protocol away alone.",
  "",
  "A handler is a pure function of the request, the caller and what was kept: no clock, no randomness, nothing of its own between two",
  "messages, or a log would not replay.",
  "",
  "`test/firmware/vendor-protocol.mocked.test.ts` runs this example. Made from `test/firmware/vendor/leds.ts` by `npm run docs`.",
];
