import type { Scalar } from "#base/cells.ts";
import { waitingIn } from "#firmware/p2a/outbox.ts";
import { quantityText } from "#scmi/quantity.ts";
import { PERMISSION_WORDS } from "./permissions.ts";
import type { RowChange } from "./row-changes.ts";
import { about, aboutOne, isGone, isNew, type Said, type Teller } from "./teller.ts";
import type { Who } from "./who.ts";

/** A resource's sentences: what it is called, then its columns by name. */
function resource(
  word: string,
  protocol: string,
  field: string,
  tell: (change: RowChange, name: string, who: Who) => readonly Said[],
): Teller {
  return (change, { who }) => {
    const name = who.resource(word, protocol, field, Number(change.row));
    return tell(change, name, who);
  };
}

/** `400 MHz → 800 MHz`, or only what it is now. */
function arrow(
  after: Scalar | undefined,
  before: Scalar | undefined,
  text: (value: Scalar) => string,
): string {
  if (after === undefined) return `it was ${text(before ?? null)}`;
  return before === undefined ? text(after) : `${text(before)} → ${text(after)}`;
}

function quantity(unit: string): (value: Scalar) => string {
  return (value) => (typeof value === "number" ? quantityText(value, unit) : String(value));
}

const plain = (value: Scalar): string => String(value);

/** The agent that changed something last. */
function setBy(change: RowChange, column: string, name: string, what: string, who: Who): Said[] {
  return aboutOne(change, column, (agentId) =>
    agentId === undefined
      ? `nobody has set ${what} of ${name}`
      : `${who.agent(Number(agentId))} set ${what} of ${name} last`,
  );
}

const clock = resource("clock", "clock", "clockId", (change, name, who) => {
  const { after, columns } = change;
  if (isNew(change)) {
    const rate = quantity("Hz")(after["rate"] ?? null);
    return [
      { text: `${name} is there: ${rate}, ${after["enabled"] === true ? "running" : "stopped"}`, columns },
    ];
  }
  if (isGone(change)) return [{ text: `${name} is gone`, columns }];
  return [
    ...aboutOne(change, "rate", (rate, before) => `${name}: rate ${arrow(rate, before, quantity("Hz"))}`),
    ...aboutOne(change, "enabled", (enabled) => `${name} ${enabled === true ? "runs" : "is stopped"}`),
    ...aboutOne(change, "parent", (parent, before) => {
      const feeds = (id: Scalar) => who.resource("clock", "clock", "clockId", Number(id));
      return `${name}: fed by ${arrow(parent, before, feeds)}`;
    }),
    ...setBy(change, "setBy", name, "the rate", who),
  ];
});

const powerDomain = resource("power domain", "power", "domainId", (change, name) => {
  const { after, columns } = change;
  if (isNew(change)) return [{ text: `${name} is there, ${after["on"] === true ? "on" : "off"}`, columns }];
  if (isGone(change)) return [{ text: `${name} is gone`, columns }];
  return [
    ...aboutOne(change, "on", (on) => `${name} is ${on === true ? "on" : "off"}`),
    ...aboutOne(change, "count", (count, before) => `${name}: use count ${arrow(count, before, plain)}`),
  ];
});

const reset = resource("reset", "reset", "domainId", (change, name, who) => [
  ...about(change, ["lastAgent", "lastFlags", "lastState"], () =>
    isGone(change)
      ? `${name} has not been reset`
      : `${who.agent(Number(change.after["lastAgent"]))} reset ${name} last, flags ${change.after["lastFlags"]}`,
  ),
  ...aboutOne(change, "assertedBy", (agentId) =>
    agentId === undefined
      ? `${name} is held by nobody any more`
      : `${who.agent(Number(agentId))} holds ${name} asserted`,
  ),
]);

const performance = resource("performance domain", "performance", "domainId", (change, name, who) => [
  ...aboutOne(change, "level", (level, before) => `${name}: level ${arrow(level, before, plain)}`),
  ...about(change, ["min", "max"], () => {
    const { after } = change;
    return `${name}: limits ${after["min"]} to ${after["max"]}`;
  }),
  ...setBy(change, "limitsBy", name, "the limits", who),
]);

const voltage = resource("voltage domain", "voltage", "domainId", (change, name) => [
  ...aboutOne(change, "level", (level, before) => `${name}: ${arrow(level, before, quantity("µV"))}`),
  ...aboutOne(change, "on", (on) => `${name} is ${on === true ? "on" : "off"}`),
]);

const sensor = resource("sensor", "sensor", "sensorId", (change, name) => [
  ...aboutOne(change, "enabled", (enabled) => `${name} is ${enabled === true ? "enabled" : "disabled"}`),
  ...aboutOne(
    change,
    "intervalUs",
    (us, before) => `${name}: update interval ${arrow(us, before, quantity("µs"))}`,
  ),
  ...change.columns
    .filter((column) => column.startsWith("reading"))
    .map((column) => ({
      text: `${name} reads ${change.after[column] ?? "what the board says"}`,
      columns: [column],
    })),
]);

const channel = resource("agent", "base", "agentId", (change, name) => [
  ...about(change, ["wedged", "wedgedSeq"], () =>
    change.after["wedged"] === true
      ? `the firmware refuses the channel of ${name} for ever, since event ${change.after["wedgedSeq"]}`
      : `the firmware takes messages on the channel of ${name}`,
  ),
  ...aboutOne(
    change,
    "initialised",
    (count) => `the channel of ${name} was made anew ${count ?? 0} times since power-on`,
  ),
]);

/** Agents that want something on, each a column; `boot` is the platform's own wish. */
function votes(word: string, protocol: string, field: string): Teller {
  return (change, { who }) => {
    const name = who.resource(word, protocol, field, Number(change.row));
    return change.columns.map((column) => {
      const agent = /^\d+$/.test(column)
        ? who.agent(Number(column))
        : column === "boot"
          ? "the platform"
          : column;
      const wish = change.after[column] === true ? `wants ${name} on` : `does not want ${name} on`;
      return { text: `${agent} ${wish}`, columns: [column] };
    });
  };
}

const subscription: Teller = ({ row, after, columns }, { who }) =>
  columns.map((what) => ({
    text: `${who.agent(Number(row))} ${after[what] === undefined ? "is no longer told of" : "asked to be told of"} ${what}`,
    columns: [what],
  }));

const negotiated: Teller = ({ row, after, columns }, { who }) =>
  columns.map((protocol) => {
    const version = after[protocol];
    const what = version === undefined ? "the newest version" : `version 0x${Number(version).toString(16)}`;
    return { text: `${who.agent(Number(row))} speaks ${what} of ${protocol}`, columns: [protocol] };
  });

const pending: Teller = (change, { who }) => {
  const { before, after, columns } = change;
  const agent = who.agent(Number(after["agentId"] ?? before["agentId"]));
  if (isNew(change)) {
    return [
      { text: `a command that ${agent} sent with event ${after["sinceSeq"]} is not done yet`, columns },
    ];
  }
  if (isGone(change)) {
    return [
      { text: `the command that ${agent} sent with event ${before["sinceSeq"]} is pending no more`, columns },
    ];
  }
  return [];
};

const p2a: Teller = (change, { who }) =>
  aboutOne(change, "queue", (queue) => {
    const count = waitingIn(typeof queue === "string" ? queue : undefined).length;
    return `${count} ${count === 1 ? "message waits" : "messages wait"} for the page of ${who.agent(Number(change.row))}`;
  });

/** What the firmware keeps, by table; the tables of vendors and of rarer protocols are told by their paths. */
export const FIRMWARE_WORDS: { readonly [table: string]: Teller } = {
  ...PERMISSION_WORDS,
  "firmware/clock": clock,
  "firmware/powerDomain": powerDomain,
  "firmware/reset": reset,
  "firmware/performance": performance,
  "firmware/voltage": voltage,
  "firmware/sensor": sensor,
  "firmware/channel": channel,
  "firmware/clockVote": votes("clock", "clock", "clockId"),
  "firmware/voltageVote": votes("voltage domain", "voltage", "domainId"),
  "firmware/subscription": subscription,
  "firmware/negotiated": negotiated,
  "firmware/pending": pending,
  "firmware/p2a": p2a,
};
