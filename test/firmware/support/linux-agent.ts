import { isProblem } from "#base/problem.ts";
import { packHeader } from "#scmi/header.ts";
import { findCommand } from "#scmi/registry.ts";
import { statusName } from "#scmi/status.ts";
import { type TestFirmware, words } from "./firmware.ts";

/** The newest versions that Linux's drivers know. */
const DRIVER_VERSIONS: Readonly<Record<string, number>> = {
  base: 0x2_0001,
  power: 0x3_0001,
  system: 0x2_0000,
  performance: 0x4_0000,
  clock: 0x3_0000,
  sensor: 0x3_0001,
  reset: 0x3_0001,
  voltage: 0x2_0000,
  powercap: 0x3_0000,
  pinctrl: 0x1_0000,
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  17: "power",
  18: "system",
  19: "performance",
  20: "clock",
  21: "sensor",
  22: "reset",
  23: "voltage",
  24: "powercap",
  25: "pinctrl",
};

/**
 * A kernel's SCMI drivers, as far as what they send: the sequences of scmi-reference.md, Appendix C, each message depending on the
 * answers before. Tokens count up, as a kernel's do.
 */
export class LinuxAgent {
  readonly #firmware: TestFirmware;
  readonly #agentId: number;
  #token = 0;
  /** Every message that was not answered SUCCESS, or whose answer had not the size that a driver expects. */
  readonly complaints: string[] = [];
  /** How many messages were sent. */
  sent = 0;

  constructor(firmware: TestFirmware, agentId: number) {
    this.#firmware = firmware;
    this.#agentId = agentId;
  }

  /** Sends a message; gives the words that follow the status. What is not SUCCESS is a complaint. */
  send(protocol: string, message: string, ...payload: number[]): number[] {
    const { name, answer } = this.#exchange(protocol, message, ...payload);
    if (name !== "SUCCESS") this.complaints.push(`${protocol} ${message} ${payload.join(" ")}: ${name}`);
    return name === "SUCCESS" ? answer : [];
  }

  /** Asks whether a message is there: both answers are. */
  #has(protocol: string, messageId: number): boolean {
    return this.#exchange(protocol, "PROTOCOL_MESSAGE_ATTRIBUTES", messageId).name === "SUCCESS";
  }

  #exchange(protocol: string, message: string, ...payload: number[]): { name: string; answer: number[] } {
    const command = findCommand(protocol, message);
    if (isProblem(command)) throw new Error(command.detail);
    this.#token = (this.#token + 1) & 0x3ff;
    this.sent += 1;
    const header = packHeader(command.protocolId, command.id, this.#token);
    const { response } = this.#firmware.send(this.#agentId, { header, payload });
    const [status = 0, ...answer] = words(response?.payload ?? new Uint8Array(0));
    if (response?.header !== header)
      this.complaints.push(`${protocol} ${message}: header ${response?.header}`);
    return { name: statusName(status | 0), answer };
  }

  /** Base, and then every protocol that it lists. Gives the protocols' names. */
  probe(): string[] {
    this.#version("base");
    const [attributes = 0] = this.send("base", "PROTOCOL_ATTRIBUTES");
    this.send("base", "BASE_DISCOVER_VENDOR");
    this.send("base", "BASE_DISCOVER_SUB_VENDOR");
    this.send("base", "BASE_DISCOVER_IMPLEMENTATION_VERSION");
    const ids: number[] = [];
    while (ids.length < (attributes & 0xff)) {
      const [count = 0, ...list] = this.send("base", "BASE_DISCOVER_LIST_PROTOCOLS", ids.length);
      const bytes = new Uint8Array(Uint32Array.from(list).buffer);
      if (count === 0 || list.length !== Math.ceil(count / 4)) {
        this.complaints.push("malformed list of protocols");
        break;
      }
      ids.push(...bytes.subarray(0, count));
    }
    for (let id = 0; id < ((attributes >>> 8) & 0xff); id += 1) this.send("base", "BASE_DISCOVER_AGENT", id);
    const names = ids.map((id) => PROTOCOLS[id] ?? `0x${id.toString(16)}`);
    for (const name of names) this.#probes[name]?.();
    return names;
  }

  readonly #probes: Readonly<Record<string, () => void>> = {
    power: () => {
      for (const id of this.#domains("power", 0xffff)) {
        const [attributes = 0] = this.send("power", "POWER_DOMAIN_ATTRIBUTES", id);
        if (bit(attributes, 27)) this.send("power", "POWER_DOMAIN_NAME_GET", id);
        this.send("power", "POWER_STATE_GET", id);
      }
    },
    system: () => {
      this.#version("system");
      if (this.#has("system", 0x5)) this.send("system", "SYSTEM_POWER_STATE_NOTIFY", 1);
    },
    performance: () => {
      for (const id of this.#domains("performance", 0xffff)) {
        const [attributes = 0] = this.send("performance", "PERFORMANCE_DOMAIN_ATTRIBUTES", id);
        if (bit(attributes, 26)) this.send("performance", "PERFORMANCE_DOMAIN_NAME_GET", id);
        this.#walk("performance", "PERFORMANCE_DESCRIBE_LEVELS", id, 0xfff);
        if (bit(attributes, 29)) this.send("performance", "PERFORMANCE_NOTIFY_LIMITS", id, 1);
        this.send("performance", "PERFORMANCE_LEVEL_GET", id);
      }
    },
    clock: () => {
      const clocks = this.#domains("clock", 0xffff);
      const isNotifying = [0x9, 0xa].map((id) => this.#has("clock", id)).every(Boolean);
      for (const id of clocks) {
        const [attributes = 0] = this.send("clock", "CLOCK_ATTRIBUTES", id);
        if (bit(attributes, 29)) this.send("clock", "CLOCK_NAME_GET", id);
        if (bit(attributes, 28)) {
          this.#walk("clock", "CLOCK_POSSIBLE_PARENTS_GET", id, 0xff, 24);
          this.send("clock", "CLOCK_PARENT_GET", id);
        }
        if (bit(attributes, 1)) this.send("clock", "CLOCK_GET_PERMISSIONS", id);
        const isRestricted = bit(attributes, 1);
        if (isNotifying && bit(attributes, 31) && !isRestricted)
          this.send("clock", "CLOCK_RATE_NOTIFY", id, 1);
        this.#walk("clock", "CLOCK_DESCRIBE_RATES", id, 0xfff);
        this.send("clock", "CLOCK_RATE_GET", id);
        this.send("clock", "CLOCK_CONFIG_GET", id, 0);
      }
    },
    sensor: () => {
      const count = this.#domains("sensor", 0xffff).length;
      for (let index = 0; index < count; ) {
        const [word = 0, ...descriptors] = this.send("sensor", "SENSOR_DESCRIPTION_GET", index);
        for (let at = 0, i = 0; i < (word & 0xfff); i += 1) {
          const [id = 0, low = 0, high = 0] = descriptors.slice(at);
          at += bit(low, 8) ? 13 : 7;
          this.#probeSensor(id, low, high);
        }
        if ((word & 0xfff) === 0) break;
        index += word & 0xfff;
      }
    },
    reset: () => {
      const domains = this.#domains("reset", 0xffff);
      this.#has("reset", 0x5);
      for (const id of domains) {
        const [attributes = 0] = this.send("reset", "RESET_DOMAIN_ATTRIBUTES", id);
        if (bit(attributes, 29)) this.send("reset", "RESET_DOMAIN_NAME_GET", id);
      }
    },
    voltage: () => {
      for (const id of this.#domains("voltage", 0xffff)) {
        const [attributes = 0] = this.send("voltage", "VOLTAGE_DOMAIN_ATTRIBUTES", id);
        if (bit(attributes, 30)) this.send("voltage", "VOLTAGE_DOMAIN_NAME_GET", id);
        this.#walk("voltage", "VOLTAGE_DESCRIBE_LEVELS", id, 0xfff);
        this.send("voltage", "VOLTAGE_CONFIG_GET", id);
        this.send("voltage", "VOLTAGE_LEVEL_GET", id);
      }
    },
    powercap: () => {
      const domains = this.#domains("powercap", 0xffff);
      for (const id of domains) {
        const [attributes = 0, ...rest] = this.send("powercap", "POWERCAP_DOMAIN_ATTRIBUTES", id);
        if (bit(attributes, 28)) this.send("powercap", "POWERCAP_DOMAIN_NAME_GET", id);
        this.#checkPowercap(id, domains.length, attributes, rest.slice(4));
        this.send("powercap", "POWERCAP_CAP_GET", id);
        this.send("powercap", "POWERCAP_PAI_GET", id);
        if (bit(attributes, 26)) this.send("powercap", "POWERCAP_MEASUREMENTS_GET", id);
      }
    },
    pinctrl: () => {
      this.#version("pinctrl");
      const [low = 0, functions = 0] = this.send("pinctrl", "PROTOCOL_ATTRIBUTES");
      const counts = [low & 0xffff, low >>> 16, functions & 0xffff];
      for (const [selector, count] of counts.entries()) {
        for (let id = 0; id < count; id += 1) {
          const [attributes = 0] = this.send("pinctrl", "PINCTRL_ATTRIBUTES", id, selector);
          if (bit(attributes, 31)) this.send("pinctrl", "PINCTRL_NAME_GET", id, selector);
          if (selector > 0) this.#walkAssociations(id, selector);
        }
      }
    },
  };

  #probeSensor(id: number, low: number, high: number): void {
    if (bit(low, 29)) this.send("sensor", "SENSOR_NAME_GET", id);
    const axes = bit(high, 8) ? (high >>> 16) & 0x3f : 0;
    if (axes > 0) {
      const [word = 0] = this.send("sensor", "SENSOR_AXIS_DESCRIPTION_GET", id, 0);
      if ((word & 0x3f) === 0) this.complaints.push(`sensor ${id} has axes, and describes none`);
    }
    this.send("sensor", "SENSOR_CONFIG_GET", id);
  }

  /** Version, and the driver's own where the platform's is newer. */
  #version(protocol: string): void {
    const [version = 0] = this.send(protocol, "PROTOCOL_VERSION");
    const newest = DRIVER_VERSIONS[protocol] ?? 0;
    if (version > newest) this.send(protocol, "NEGOTIATE_PROTOCOL_VERSION", newest);
  }

  /** The ids of a protocol's domains, after its version and attributes. */
  #domains(protocol: string, mask: number): number[] {
    this.#version(protocol);
    const [attributes = 0] = this.send(protocol, "PROTOCOL_ATTRIBUTES");
    return Array.from({ length: attributes & mask }, (_, id) => id);
  }

  /** Asks until nothing remains. */
  #walk(protocol: string, message: string, id: number, returnedMask: number, remainingShift = 16): void {
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [word = 0] = this.send(protocol, message, id, index);
      const returned = word & returnedMask;
      if (returned === 0) {
        this.complaints.push(`${protocol} ${message} ${id} ${index} returns nothing`);
        return;
      }
      index += returned;
      remaining = word >>> remainingShift;
    }
  }

  #walkAssociations(id: number, selector: number): void {
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [word = 0] = this.send("pinctrl", "PINCTRL_LIST_ASSOCIATIONS", id, selector, index);
      if ((word & 0xfff) === 0) return;
      index += word & 0xfff;
      remaining = word >>> 16;
    }
  }

  /** The rules by which Linux drops the whole protocol. */
  #checkPowercap(id: number, count: number, attributes: number, fields: readonly number[]): void {
    const [minPai = 0, maxPai = 0, paiStep = 0, minCap = 0, maxCap = 0, capStep = 0, , , parent = 0] = fields;
    const ranges = [
      { min: minPai, max: maxPai, step: paiStep, isConfigurable: bit(attributes, 25) },
      { min: minCap, max: maxCap, step: capStep, isConfigurable: bit(attributes, 27) },
    ];
    for (const { min, max, step, isConfigurable } of ranges) {
      const isSane = min > 0 && max > 0 && isConfigurable === (min !== max) && (min === max || step > 0);
      if (!isSane) this.complaints.push(`powercap ${id} has a range that Linux drops`);
    }
    const hasParent = parent !== 0xffff_ffff;
    if (hasParent && (parent >= count || parent === id)) {
      this.complaints.push(`powercap ${id} has a parent that Linux drops`);
    }
  }
}

function bit(word: number, at: number): boolean {
  return ((word >>> at) & 1) === 1;
}
