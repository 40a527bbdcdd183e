import { bits, i32, u32, word } from "#scmi/fields.ts";
import { COMMON } from "#scmi/protocols/common.ts";
import { vendorProtocol } from "#scmi/vendor.ts";

const LED_COUNT = 3;
/** The board's device that stands for the front panel. */
const PANEL = 0;

const brightness = word({ unit: "percent" });

/** The lights of a front panel. */
export const LEDS = vendorProtocol(
  {
    name: "leds",
    protocolId: 0x80,
    version: 0x1_0000,
    doc: "The lights of the front panel.",
    commands: {
      PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
      PROTOCOL_ATTRIBUTES: {
        id: 0x1,
        since: "1.0",
        doc: "How many lights there are.",
        a2p: {},
        p2a: { status: i32, attributes: word({ bits: { leds: bits(15, 0, "number of lights") } }) },
      },
      PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
      LED_SET: {
        id: 0x3,
        since: "1.0",
        doc: "Sets a light.",
        a2p: { ledId: u32, brightness },
        p2a: { status: i32 },
      },
      LED_GET: {
        id: 0x4,
        since: "1.0",
        doc: "How bright a light is.",
        a2p: { ledId: u32 },
        p2a: { status: i32, brightness },
      },
    },
  },
  {
    PROTOCOL_ATTRIBUTES: () => ({ attributes: LED_COUNT }),

    LED_SET: (call, { ledId, brightness: percent }) => {
      if (ledId >= LED_COUNT) return "NOT_FOUND";
      if (!call.mayUse(PANEL)) return "DENIED";
      if (percent > 100) return "INVALID_PARAMETERS";
      call.write(`led${ledId}`, percent === 0 ? undefined : percent);
      return "SUCCESS";
    },

    LED_GET: (call, { ledId }) => {
      if (ledId >= LED_COUNT) return "NOT_FOUND";
      return { brightness: Number(call.read(`led${ledId}`) ?? 0) };
    },
  },
);
