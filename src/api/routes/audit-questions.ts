import type { FastifyInstance } from "fastify";
import { isProblem, type Problem } from "#base/problem.ts";
import { denials } from "#projections/queries/audit/denials.ts";
import { exposures } from "#projections/queries/audit/exposure.ts";
import { permissionsDiff } from "#projections/queries/audit/permissions-diff.ts";
import { timeOfSeq } from "#projections/queries/audit/time-of-seq.ts";
import { permissionUse } from "#projections/queries/audit/use.ts";
import { whoHas } from "#projections/queries/audit/who.ts";
import type { ApiContext } from "../context.ts";
import {
  Denials,
  DenialsQuery,
  ExposureQuery,
  Exposures,
  Holders,
  MatrixDiff,
  MatrixDiffQuery,
  UseQuery,
  Uses,
  WhoQuery,
} from "../contract/audit-questions.ts";
import { read } from "../define.ts";
import { firstSeqOf, seqOfMoment } from "../position.ts";
import { deviceOf, subjectOf } from "../subject.ts";

/** What every question of the audit has: it is for auditors, is recorded, and may name what is not there. */
const QUESTION = {
  method: "GET",
  tag: "audit",
  access: "audit",
  isAuditData: true,
  problems: ["position-out-of-range", "subject-not-found"],
} as const;

/** Questions about permissions: who had them, whether they were used, what was denied, and where the firmware allowed too much. */
export function auditQuestionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control, reads } = context;
  const seqAt = (moment: string | undefined): number | Problem =>
    moment === undefined ? control.headSeq : seqOfMoment(context, "at", moment);

  read(app, context, {
    ...QUESTION,
    url: "/v1/audit/who",
    id: "whoHasDevice",
    summary: "Who could use a device at a moment, and how that came about",
    query: WhoQuery,
    answer: Holders,
    projection: "permission_history",
    handle: ({ query: { device, at: moment } }) => {
      const at = seqAt(moment);
      if (isProblem(at)) return at;
      const deviceId = deviceOf(context, device);
      if (isProblem(deviceId)) return deviceId;
      return { at, time: timeOfSeq(reads.db, at), deviceId, items: whoHas(reads.db, deviceId, at) };
    },
  });

  read(app, context, {
    ...QUESTION,
    url: "/v1/audit/use",
    id: "listPermissionUse",
    summary: "Each permission with its first and last use, and how often it was used or denied",
    query: UseQuery,
    answer: Uses,
    projection: "permission_use",
    handle: ({ query: { at: moment, limit = 10_000, after, ...asked } }) => {
      const at = seqAt(moment);
      if (isProblem(at)) return at;
      const subject = subjectOf(context, asked, at);
      if (isProblem(subject)) return subject;
      const { agentId: onlyAgent, deviceId: onlyDevice } = subject;
      // A domain without an agent never had any.
      if (asked.domain !== undefined && onlyAgent === undefined) return { at, items: [], next: null };
      return { at, ...permissionUse(reads.db, at, { limit, after, onlyAgent, onlyDevice }) };
    },
  });

  read(app, context, {
    ...QUESTION,
    url: "/v1/audit/exposure",
    id: "listExposures",
    summary:
      "When the firmware allowed what it should not have: after a reset or a revocation that failed, or by itself",
    query: ExposureQuery,
    answer: Exposures,
    projection: "exposures",
    handle: ({ query: { at: moment, limit = 1000, after, open, ...asked } }) => {
      const at = seqAt(moment);
      if (isProblem(at)) return at;
      const subject = subjectOf(context, asked, at);
      if (isProblem(subject)) return subject;
      const { agentId, deviceId } = subject;
      if (asked.domain !== undefined && agentId === undefined) return { at, items: [], next: null };
      return { at, ...exposures(reads.db, { at, agentId, deviceId, open: open === "true", limit, after }) };
    },
  });

  read(app, context, {
    ...QUESTION,
    url: "/v1/audit/denials",
    id: "listDenials",
    summary: "Messages that the firmware answered DENIED",
    query: DenialsQuery,
    answer: Denials,
    projection: "permission_use",
    handle: ({ query: { from, to, limit = 1000, after, ...asked } }) => {
      const fromSeq = from === undefined ? 1 : firstSeqOf(context, "from", from);
      if (isProblem(fromSeq)) return fromSeq;
      const toSeq = to === undefined ? control.headSeq : seqOfMoment(context, "to", to);
      if (isProblem(toSeq)) return toSeq;
      const subject = subjectOf(context, asked, toSeq);
      if (isProblem(subject)) return subject;
      return { at: toSeq, ...denials(reads.db, { ...subject, fromSeq, toSeq, limit, after }) };
    },
  });

  read(app, context, {
    ...QUESTION,
    url: "/v1/permissions/diff",
    id: "diffPermissions",
    tag: "permissions",
    access: "view",
    summary: "The permissions that differ between two moments, and the events that changed them",
    query: MatrixDiffQuery,
    answer: MatrixDiff,
    projection: "permission_history",
    problems: ["position-out-of-range"],
    handle: ({ query }) => {
      const from = seqOfMoment(context, "from", query.from);
      if (isProblem(from)) return from;
      const to = seqOfMoment(context, "to", query.to);
      return isProblem(to) ? to : { from, to, items: permissionsDiff(reads.db, from, to) };
    },
  });
}
