import { about, isGone, type Teller } from "./teller.ts";

/** What agents may use: which event made it so goes with it. */
const permission: Teller = ({ row, after, columns }, { who, take }) =>
  columns.map((device) => {
    const since = take("permissionSince", row, device);
    const granted = take("granted", row, device);
    const what = mayUse(who.agent(Number(row)), after[device], who.device(Number(device)));
    const how = typeof granted === "number" ? ", granted outside an assignment" : "";
    const when = typeof since === "number" ? `, since event ${since}` : "";
    return { text: `${what}${how}${when}`, columns: [device] };
  });

/** A permission that is not kept is what it was at power-on. */
function mayUse(agent: string, allowed: unknown, device: string): string {
  if (allowed === undefined) return `what ${agent} may do with ${device} is as at power-on again`;
  return `${agent} ${allowed === true ? "may now use" : "may no longer use"} ${device}`;
}

const since: Teller = ({ row, after, columns }, { who }) =>
  columns.map((device) => {
    const what = `permission of ${who.agent(Number(row))} for ${who.device(Number(device))}`;
    const seq = after[device];
    const text =
      seq === undefined ? `the ${what} is as at power-on` : `the ${what} is what event ${seq} made it`;
    return { text, columns: [device] };
  });

const granted: Teller = ({ row, after, columns }, { who }) =>
  columns.map((device) => {
    const what = `${who.device(Number(device))} to ${who.agent(Number(row))} outside an assignment`;
    const seq = after[device];
    return {
      text: seq === undefined ? `nobody granted ${what} any more` : `event ${seq} granted ${what}`,
      columns: [device],
    };
  });

const protocolPermission: Teller = ({ row, after, columns }, { who }) =>
  columns.map((column) => {
    const at = column.indexOf(".");
    const device = who.device(Number(column.slice(0, at)));
    const what = mayUse(who.agent(Number(row)), after[column], device);
    return { text: `${what}, for ${column.slice(at + 1)}`, columns: [column] };
  });

const owner: Teller = (change, { who }) =>
  about(change, ["agentId"], () => {
    const device = who.device(Number(change.row));
    const agentId = change.after["agentId"];
    return isGone(change) || agentId === undefined
      ? `${device} belongs to no agent any more`
      : `${device} belongs to ${who.agent(Number(agentId))}`;
  });

/** Who may use what, by table. */
export const PERMISSION_WORDS: { readonly [table: string]: Teller } = {
  "firmware/permission": permission,
  "firmware/protocolPermission": protocolPermission,
  "firmware/owner": owner,
  permissionSince: since,
  granted,
};
