import type { Scalar } from "#base/cells.ts";
import { hexWord } from "#base/hex.ts";
import { AGENT_OWN, DOMID_XEN } from "#mediator/state.ts";
import type { RowChange } from "./row-changes.ts";
import { about, aboutOne, isGone, isNew, type Teller } from "./teller.ts";
import type { Who } from "./who.ts";

const REGISTERED = [
  "registered",
  "mode",
  "node",
  "passthrough",
  "managementAgent",
  "managementFuncId",
  "managementShmem",
  "probedSeq",
] as const;

const driver: Teller = (change, { who }) => {
  const { after, columns } = change;
  const isProbed = columns.includes("registered") || columns.includes("probedSeq");
  const registered = isProbed ? about(change, REGISTERED, () => registeredText(change, who)) : [];
  return [
    ...registered,
    ...aboutOne(change, "accessController", (path) =>
      path === undefined ? "there is no access controller any more" : `${path} is the access controller`,
    ),
    ...aboutOne(change, "stuckSeq", (seq) =>
      seq === undefined
        ? "Xen's own channel is found FREE again"
        : `Xen never finds its own channel FREE again, since event ${seq}`,
    ),
    ...about(change, ["failedSeq", "failedErrno", "failedMessage"], () =>
      after["failedSeq"] === undefined
        ? "no probe of a mediator has failed"
        : `a mediator's probe failed with event ${after["failedSeq"]}: ${after["failedErrno"]}, ${after["failedMessage"]}`,
    ),
  ];
};

function registeredText({ after }: RowChange, who: Who): string {
  if (after["registered"] !== true) return "no mediator is registered any more";
  const { managementAgent, probedSeq } = after;
  const own = typeof managementAgent === "number" ? `, ${agentText(managementAgent, who)} is Xen's own` : "";
  const mode = after["mode"] === "single-agent" ? "the single-agent mediator" : "the mediator";
  return `${mode} is registered${own}, since event ${probedSeq}`;
}

const channel: Teller = (change, { who }) => {
  const { row, before, after, columns } = change;
  const agent = agentText(after["agentId"] ?? before["agentId"], who);
  if (isNew(change)) {
    const { funcId, shmem, owner } = after;
    const what = `function id ${hexWord(Number(funcId))}, page ${hexWord(Number(shmem))}`;
    return [{ text: `Xen knows the channel of ${agent}: ${what}, ${ownerText(owner, who)}`, columns }];
  }
  if (isGone(change)) return [{ text: `Xen knows channel ${row}, of ${agent}, no more`, columns }];
  return aboutOne(change, "owner", (owner, was) => {
    return `the channel of ${agent} went from ${ownerText(was, who, true)} to ${ownerText(owner, who)}`;
  });
};

function ownerText(owner: Scalar | undefined, who: Who, isEarlier = false): string {
  if (owner === null || owner === undefined) return "free";
  return owner === DOMID_XEN ? "Xen" : who.domain(Number(owner), isEarlier);
}

function agentText(agentId: Scalar | undefined, who: Who): string {
  return agentId === AGENT_OWN ? "an agent that nobody knows" : who.agent(Number(agentId));
}

const domain: Teller = (change, { who }) => {
  const { row, before, after, columns } = change;
  const name = who.domain(Number(row));
  if (isNew(change)) return [{ text: `${name} was created by event ${after["createdSeq"]}`, columns }];
  if (isGone(change)) return [{ text: `${name} is gone`, columns }];
  if (columns.includes("createdSeq")) {
    const was = before["name"] === after["name"] ? "" : `; it was ${before["name"]}`;
    return [{ text: `${name} is another domain, created by event ${after["createdSeq"]}${was}`, columns }];
  }
  return [
    ...about(
      change,
      ["state", "dyingSeq"],
      () => `${name} went from ${before["state"]} to ${after["state"]}`,
    ),
    ...about(change, ["name", "uuid"], () => `${name} was called ${before["name"]} before`),
  ];
};

const assignment: Teller = ({ row, after, columns }, { who }) =>
  columns.map((path) => {
    const said = after[path];
    if (typeof said !== "string")
      return { text: `${who.domain(Number(row), true)} has ${path} no more`, columns: [path] };
    const { deviceIds, ungranted } = JSON.parse(said) as {
      readonly deviceIds: readonly number[];
      readonly ungranted: boolean;
    };
    const devices = deviceIds.map((id) => who.device(id)).join(", ");
    const granted =
      devices === "" ? (ungranted ? ", and was granted nothing" : "") : `, and was granted ${devices}`;
    return { text: `${who.domain(Number(row))} has ${path}${granted}`, columns: [path] };
  });

const iommu: Teller = (change, { who }) =>
  aboutOne(change, "domid", (domid) =>
    domid === undefined
      ? `${change.row} is nobody's behind the IOMMU`
      : `${change.row} is ${who.domain(Number(domid))}'s behind the IOMMU`,
  );

const iomem: Teller = (change) =>
  about(change, ["granted", "bytes"], () => {
    const page = hexWord(Number(change.row));
    return change.after["granted"] === true
      ? `dom0 may map ${page} for a guest`
      : `dom0 may not map ${page} any more`;
  });

const kept: Teller = (change, { who }) =>
  aboutOne(change, "seq", (seq) =>
    seq === undefined
      ? `${who.agent(Number(change.row))} has no permissions any more that a reset left`
      : `${who.agent(Number(change.row))} kept its permissions at its reset, event ${seq}`,
  );

/** What Xen knows, by table. */
export const MEDIATOR_WORDS: { readonly [table: string]: Teller } = {
  "mediator/driver": driver,
  "mediator/channel": channel,
  "mediator/domain": domain,
  "mediator/assignment": assignment,
  "mediator/iommu": iommu,
  "mediator/iomem": iomem,
  "mediator/kept": kept,
};
