import type { StandIns } from "#config/redaction/stand-ins.ts";
import type { RequestsRefused } from "#events/types.ts";

/** Words of the paths that this program serves; everything else in a path is somebody's own. */
const SERVED: ReadonlySet<string> = new Set(
  (
    "v1 healthz readyz metrics docs openapi.json tlog checkpoint tile audit agents bundle consistency denials export exposure proof " +
    "use who witnesses bisect devices domains guest-tree partial-tree xlcfg p2a ack restart scmi shutdown smc events stream host " +
    "dom0-tree overlay firmware complete reboot permissions diff explain history projections rebuild replay sensors shrink state " +
    "whatif reset"
  ).split(" "),
);
/** Values of a question that are no names: numbers, times, types of events. */
const PLAIN_VALUE = /^(?:\d[\d:.TZ+-]*|true|false|[a-z]+\.[a-z-]+)$/;

/** Requests that were refused, with stand-ins for who asked, from where and for what. */
export function redactRequests({ requests, others }: RequestsRefused, standIns: StandIns): RequestsRefused {
  return {
    requests: requests.map((request) => ({
      ...request,
      path: redactUrlPath(request.path, standIns),
      actor: request.actor === null ? null : standIns.actor(request.actor),
      address: standIns.networkAddress(request.address),
    })),
    others,
  };
}

/** The path of a request: what is served stays readable. */
export function redactUrlPath(path: string, standIns: StandIns): string {
  return path
    .split("/")
    .map((part) => (SERVED.has(part) || /^\d+$/.test(part) ? part : standIns.word(part)))
    .join("/");
}

/** A question, `name=value&…`, with stand-ins for values that may be names. */
export function redactQuery(query: string, standIns: StandIns): string {
  return query
    .split("&")
    .map((pair) => {
      const at = pair.indexOf("=");
      const value = pair.slice(at + 1);
      return at === -1 || PLAIN_VALUE.test(value) ? pair : `${pair.slice(0, at)}=${standIns.word(value)}`;
    })
    .join("&");
}
