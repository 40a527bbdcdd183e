import { V32 } from "#firmware/profiles/v32.ts";
import { unpackHeader } from "#scmi/header.ts";
import { commandById, PROTOCOL_IDS } from "#scmi/registry.ts";
import { CHANNEL_ERROR } from "#scmi/shmem.ts";
import { anyMessage, inDigest, type Mutant, profiled, recorded } from "../mutant.ts";

/** Profiles that refuse a ring of a channel which is FREE or has ERROR, and a length that cannot be. */
const refusing = profiled("v32", "ref", "ref-rpi5", "ref-rcar", "tfa");

/** Profiles of what TF-A's server became. */
const refs = profiled("ref", "ref-rpi5", "ref-rcar", "tfa");

/** Rules of the channel and of dispatch. */
export const FIRMWARE_CHANNEL: readonly Mutant[] = [
  {
    rule: "A ring that is refused sets ERROR.",
    file: "src/firmware/channel/smt.ts",
    before: "const DONE = CHANNEL_FREE | CHANNEL_ERROR;",
    after: "const DONE = CHANNEL_FREE;",
    hosts: profiled("v32"),
    decides: recorded(
      "smc.forwarded",
      ({ response }) => response !== null && (response.channelStatus & CHANNEL_ERROR) !== 0,
    ),
    path: "data.response.channelStatus",
  },
  {
    rule: "In ref a ring that is refused leaves the channel busy for ever.",
    file: "src/firmware/channel/smt.ts",
    before: 'if (switches.smtBusyLeak) draft.set("channel", agentId, "wedged", true);',
    after: "",
    decides: recorded("smc.forwarded", ({ effects }) => effects.some(({ column }) => column === "wedged")),
    path: "data.effects",
  },
  {
    rule: "A channel is wedged since the event that made it so.",
    file: "src/firmware/apply.ts",
    before: 'state.channel.set(row, "wedgedSeq", seq);',
    after: 'state.channel.set(row, "wedgedSeq", seq - 1);',
    decides: inDigest(
      recorded("smc.forwarded", ({ effects }) => effects.some(({ column }) => column === "wedged")),
    ),
    path: "digest",
  },
  {
    rule: "A message may have no payload.",
    file: "src/firmware/channel/smt.ts",
    before: "const isSized = found.length >= 4 &&",
    after: "const isSized = found.length > 4 &&",
    hosts: refusing,
    decides: anyMessage(({ bytes }) => bytes === 0),
    path: "data.response",
  },
  {
    rule: "A protocol that the firmware does not speak is NOT_SUPPORTED.",
    file: "src/firmware/dispatch.ts",
    before: "if (protocol === undefined) return statusAnswer(SCMI_STATUS.NOT_SUPPORTED);",
    after: "if (protocol === undefined) return statusAnswer(SCMI_STATUS.NOT_FOUND);",
    hosts: profiled("v32"),
    decides: anyMessage(({ protocolId }, { board }) => {
      const listed = board.firmware.protocols.map((name) =>
        typeof name === "number" ? name : PROTOCOL_IDS[name],
      );
      return protocolId !== 0x10 && !listed.includes(protocolId);
    }),
    path: "data.response.payload",
  },
  {
    rule: "A request is as long as its fields.",
    file: "src/firmware/dispatch.ts",
    before: "return requests.find((layout) => isSizeOf(layout, bytes));",
    after: "return requests.find((layout) => bytes >= layout.size);",
    hosts: profiled("v32"),
    decides: anyMessage(({ name, status, bytes }, { event }) => {
      if (event.type !== "smc.forwarded" || event.data.request === null) return false;
      const { protocolId, messageId } = unpackHeader(event.data.request.header);
      const command = name === "" ? undefined : commandById(protocolId, messageId);
      const spoken = V32.protocols[command?.protocolName ?? ""]?.version ?? 0;
      const layouts = command?.requestLayouts.filter(({ from }) => from <= spoken) ?? [];
      const isLonger =
        layouts.some(({ size }) => bytes > size) && layouts.every(({ size }) => bytes !== size);
      return status === "PROTOCOL_ERROR" && isLonger && layouts.every(({ list }) => list === null);
    }),
    path: "data.response",
  },
  {
    rule: "TF-A's services keep an unknown function id's answer in 32 bits.",
    file: "src/firmware/channel/smccc.ts",
    before: "export const UNKNOWN_32 = 0xffff_ffffn;",
    after: "export const UNKNOWN_32 = 0xffff_ffff_ffff_ffffn;",
    hosts: refs,
    decides: recorded("smc.forwarded", ({ caller }) => caller === null),
    path: "data.xOut",
  },
];
