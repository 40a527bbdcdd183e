import type { FastifyInstance } from "fastify";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { agent } from "#projections/queries/agents.ts";
import { device } from "#projections/queries/devices.ts";
import { permissionExplain } from "#projections/queries/permission-explain.ts";
import { permissionHistory } from "#projections/queries/permission-history.ts";
import { permissionsAt } from "#projections/queries/permissions-at.ts";
import type { ApiContext } from "../context.ts";
import {
  ExplainQuery,
  Explanation,
  History,
  HistoryQuery,
  Permissions,
  PermissionsQuery,
} from "../contract.ts";
import { read } from "../define.ts";
import { firstSeqOf, seqOfMoment } from "../position.ts";

const tag = "permissions";

export function permissionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control, reads } = context;
  const seqAt = (name: string, moment: string | undefined): number | Problem =>
    moment === undefined ? control.headSeq : seqOfMoment(context, name, moment);

  read(app, context, {
    method: "GET",
    url: "/v1/permissions",
    id: "listPermissions",
    tag,
    summary: "Who may use which device, now or at a moment",
    query: PermissionsQuery,
    answer: Permissions,
    projection: "permission_history",
    problems: ["position-out-of-range"],
    handle: ({ query: { limit = 10_000, after, at: moment } }) => {
      const at = seqAt("at", moment);
      return isProblem(at) ? at : { at, ...permissionsAt(reads.db, at, { limit, after }) };
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/permissions/history",
    isAuditData: true,
    id: "listPermissionHistory",
    tag,
    summary: "Each change of a permission: when, by whom, why",
    query: HistoryQuery,
    answer: History,
    projection: "permission_history",
    problems: ["position-out-of-range"],
    handle: ({ query: { from, to, limit = 1000, ...filter } }) => {
      const fromSeq = from === undefined ? undefined : firstSeqOf(context, "from", from);
      if (isProblem(fromSeq)) return fromSeq;
      const toSeq = to === undefined ? undefined : seqOfMoment(context, "to", to);
      if (isProblem(toSeq)) return toSeq;
      return permissionHistory(reads.db, { ...filter, fromSeq, toSeq, limit });
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/permissions/explain",
    isAuditData: true,
    id: "explainPermission",
    tag,
    summary: "Whether an agent may use a device, and the events that made it so",
    query: ExplainQuery,
    answer: Explanation,
    projection: "permission_history",
    problems: ["position-out-of-range", "agent-not-found", "device-not-found"],
    handle: ({ query: { agentId, deviceId, at: moment } }) => {
      const at = seqAt("at", moment);
      if (isProblem(at)) return at;
      // An earlier board may have had others.
      const isNow = moment === undefined;
      if (isNow && agent(reads.db, agentId) === undefined) return problem("agent-not-found", { agentId });
      if (isNow && device(reads.db, deviceId) === undefined) return problem("device-not-found", { deviceId });
      return { agentId, deviceId, at, ...permissionExplain(reads.db, agentId, deviceId, at) };
    },
  });
}
