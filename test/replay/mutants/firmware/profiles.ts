import { anyMessage, type Mutant, message, profiled, recorded } from "../mutant.ts";

/** Profiles of what TF-A's server became. */
const refs = profiled("ref", "ref-rpi5", "ref-rcar", "tfa");

/** Rules in which profiles differ. */
export const FIRMWARE_PROFILES: readonly Mutant[] = [
  {
    rule: "In ref x1 to x3 come back as the caller passed them.",
    file: "src/firmware/profiles/ref.ts",
    before: 'returnRegisters: "passed",',
    after: 'returnRegisters: "zero",',
    hosts: refs,
    decides: recorded("smc.forwarded", ({ x }) => x.slice(1, 4).some((word) => word !== 0n)),
    path: "data.xOut",
  },
  {
    rule: "ref tells a reset latency of 0x7fffffff.",
    file: "src/firmware/profiles/ref.ts",
    before: "resetLatencyUs: 0x7fff_ffff,",
    after: "resetLatencyUs: 0xffff_ffff,",
    hosts: profiled("ref", "ref-rpi5", "ref-rcar"),
    decides: message("RESET_DOMAIN_ATTRIBUTES", ({ status }) => status === "SUCCESS"),
    path: "data.response.payload",
  },
  {
    rule: "In ref the end of the list of protocols is a list of none.",
    file: "src/firmware/profiles/ref.ts",
    before: 'listProtocolsPastEnd: "SUCCESS",',
    after: 'listProtocolsPastEnd: "INVALID_PARAMETERS",',
    hosts: refs,
    decides: message(
      "BASE_DISCOVER_LIST_PROTOCOLS",
      ({ status, answer }) => status === "SUCCESS" && answer[0] === 0,
    ),
    path: "data.response.payload",
  },
  {
    rule: "R-Car's firmware does not reset agents.",
    file: "src/firmware/profiles/rcar/handlers.ts",
    before: '? "NOT_SUPPORTED" : noSuchId(context.board);',
    after: '? "SUCCESS" : noSuchId(context.board);',
    hosts: profiled("ref-rcar"),
    decides: message("BASE_RESET_AGENT_CONFIGURATION", ({ status }) => status === "NOT_SUPPORTED"),
    path: "data.response.payload",
  },
  {
    rule: "Raspberry Pi 5 loses the sign of a status.",
    file: "src/firmware/profiles/ref-rpi5.ts",
    before: "pinctrlPlus2Bug: true,",
    after: "pinctrlPlus2Bug: false,",
    hosts: profiled("ref-rpi5"),
    decides: recorded(
      "smc.forwarded",
      ({ response }) => response !== null && response.payload.length === 4 && response.payload[0] === 2,
    ),
    path: "data.response.payload",
  },
  {
    rule: "In Raspberry Pi 5's firmware resets that no device lists are agent 0's.",
    file: "src/firmware/profiles/rpi5/may-change.ts",
    before: 'unlisted: "denied" };',
    after: 'unlisted: "allowed" };',
    hosts: profiled("ref-rpi5"),
    decides: anyMessage(({ name, status, words }, { board }) => {
      const isListed = board.firmware.devices.some(({ resets, pins }) =>
        (name === "RESET" ? resets : pins).includes(words[0] ?? -1),
      );
      return status === "DENIED" && /^(RESET|PINCTRL_)/.test(name) && !isListed;
    }),
    path: ["data.response.payload", "data.effects"],
  },
  {
    rule: "SCP's commands for permissions change nothing.",
    file: "src/firmware/profiles/scp.ts",
    before: "scpPermNoop: true,",
    after: "scpPermNoop: false,",
    hosts: profiled("scp"),
    decides: message(
      ["BASE_SET_DEVICE_PERMISSIONS", "BASE_SET_PROTOCOL_PERMISSIONS"],
      ({ name, status, words }, { board }) => {
        const [agentId = 0, deviceId = 0] = words;
        const flags = words.at(-1) ?? 0;
        const device = board.firmware.devices.find(({ id }) => id === deviceId);
        const isOfProtocol =
          name === "BASE_SET_DEVICE_PERMISSIONS" || words[2] === (deviceId === 1 ? 0x14 : words[2]);
        const access = device?.defaultAccess ?? "all";
        const has = access === "all" || (access !== "none" && access.includes(agentId));
        return (
          status === "SUCCESS" && agentId !== 0 && deviceId < 2 && isOfProtocol && has !== ((flags & 1) === 1)
        );
      },
    ),
    path: "data.effects",
  },
  {
    rule: "In SCP the platform has every permission.",
    file: "src/firmware/profiles/scp/permissions.ts",
    before: 'if (agentId === 0) return "SUCCESS";',
    after: 'if (agentId === 0) return "DENIED";',
    hosts: profiled("scp"),
    decides: message(
      ["BASE_SET_DEVICE_PERMISSIONS", "BASE_SET_PROTOCOL_PERMISSIONS", "BASE_RESET_AGENT_CONFIGURATION"],
      ({ status, words }) => status === "SUCCESS" && words[0] === 0,
    ),
    path: "data.response.payload",
  },
  {
    rule: "In imx who has not PRIV on a device gives it to nobody.",
    file: "src/firmware/profiles/imx/base.ts",
    before: 'if (!hasLevel(board, caller, "device", deviceId, "PRIV")) return "DENIED";',
    after: "",
    hosts: profiled("imx"),
    decides: message("BASE_SET_DEVICE_PERMISSIONS", ({ status }) => status === "DENIED"),
    path: "data.response.payload",
  },
  {
    rule: "In imx an agent that resets itself is not answered.",
    file: "src/firmware/profiles/imx/base.ts",
    before: 'return agent === caller ? null : "SUCCESS";',
    after: 'return "SUCCESS";',
    hosts: profiled("imx"),
    decides: recorded(
      "smc.forwarded",
      ({ request, response, effects, caller }) =>
        request !== null &&
        (request.header & 0x3ffff) === ((0x10 << 10) | 0xb) &&
        response?.payload.length === 0 &&
        effects.some(
          ({ table, row, column }) => table === "channel" && row === caller && column === "initialised",
        ),
    ),
    path: "data.response",
  },
  {
    rule: "In imx an agent below SET starts no clock.",
    file: "src/firmware/profiles/imx/clock.ts",
    before: 'const refused = refusal(context, "clock", clockId, type === 0 ? "SET" : "EXCLUSIVE");',
    after: 'const refused: "DENIED" | null = null;',
    hosts: profiled("imx"),
    decides: message("CLOCK_CONFIG_SET", ({ status }) => status === "DENIED"),
    path: ["data.response.payload", "data.effects"],
  },
];
