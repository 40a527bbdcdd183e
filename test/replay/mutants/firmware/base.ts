import { V32 } from "#firmware/profiles/v32.ts";
import { protocolById } from "#scmi/registry.ts";
import { either, isTrusted, type Mutant, message, profiled } from "../mutant.ts";

/** Rules of the base protocol, and of what all protocols have. */
export const FIRMWARE_BASE: readonly Mutant[] = [
  {
    rule: "An agent asks about itself by 0xffffffff.",
    file: "src/firmware/protocols/base.ts",
    before: "const CALLER = 0xffff_ffff;",
    after: "const CALLER = 0xffff_fffe;",
    hosts: ({ firmware }) => firmware.profile !== "imx",
    decides: message(
      "BASE_DISCOVER_AGENT",
      ({ words, status }) => words[0] === 0xffff_ffff && status === "SUCCESS",
    ),
    path: "data.response.payload",
  },
  {
    rule: "Flags that are reserved are refused.",
    file: "src/firmware/protocols/base.ts",
    before:
      'if (hasStrayBits(context, BASE_SET_DEVICE_PERMISSIONS.a2p.flags, flags)) return "INVALID_PARAMETERS";',
    after: "",
    hosts: profiled("v32"),
    decides: message(
      "BASE_SET_DEVICE_PERMISSIONS",
      (found, seen) =>
        found.status === "INVALID_PARAMETERS" && isTrusted(found, seen) && ((found.words[2] ?? 0) & ~1) !== 0,
    ),
    path: "data.response.payload",
  },
  {
    rule: "A message that a protocol does not have is NOT_FOUND among its attributes.",
    file: "src/firmware/protocols/common.ts",
    before: 'spoken.has(messageId) ? { attributes: 0 } : "NOT_FOUND",',
    after: 'spoken.has(messageId) ? { attributes: 0 } : "NOT_SUPPORTED",',
    decides: message(
      "PROTOCOL_MESSAGE_ATTRIBUTES",
      ({ status, protocolId }, { board }) =>
        status === "NOT_FOUND" &&
        ![0x12, 0x13].includes(protocolId) &&
        !(board.firmware.profile === "scp" && protocolId === 0x18),
    ),
    path: "data.response.payload",
  },
  {
    rule: "The version that is spoken can be negotiated.",
    file: "src/firmware/protocols/common.ts",
    before: "(version & 0xffff) <= (spoken.version & 0xffff);\n    if (!isSpoken)",
    after: "(version & 0xffff) < (spoken.version & 0xffff);\n    if (!isSpoken)",
    hosts: profiled("v32"),
    decides: message("NEGOTIATE_PROTOCOL_VERSION", ({ status, words, protocolId }) => {
      const spoken = V32.protocols[protocolById(protocolId)?.name ?? ""]?.version;
      return status === "SUCCESS" && words[0] === spoken;
    }),
    path: "data.response.payload",
  },
  {
    rule: "v32 speaks version 2.0 of the base protocol.",
    file: "src/firmware/profiles/v32.ts",
    before: "base: { version: 0x2_0000 },",
    after: "base: { version: 0x2_0001 },",
    hosts: profiled("v32"),
    decides: either(
      message("PROTOCOL_VERSION", ({ protocolId, bytes }) => protocolId === 0x10 && bytes === 0),
      message(
        "NEGOTIATE_PROTOCOL_VERSION",
        ({ protocolId, bytes, words: [version = 0] }) =>
          protocolId === 0x10 && bytes === 4 && [0x2_0000, 0x2_0001].includes(version),
      ),
    ),
    path: ["data.response.payload", "data.effects"],
  },
];
