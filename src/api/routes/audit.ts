import type { FastifyInstance } from "fastify";
import { LogView } from "#audit/log-view.ts";
import { leafHash } from "#audit/merkle/hash.ts";
import type { SignedCheckpoint } from "#audit/note/checkpoint.ts";
import { formatTlogProof } from "#audit/note/tlog-proof.ts";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import type { ApiContext } from "../context.ts";
import {
  AuditConsistency,
  AuditConsistencyQuery,
  AuditProof,
  AuditProofQuery,
  AuditState,
} from "../contract.ts";
import { read } from "../define.ts";

const tag = "audit";

export function auditRoutes(app: FastifyInstance, context: ApiContext): void {
  read(app, context, {
    method: "GET",
    url: "/v1/audit",
    id: "getAudit",
    tag,
    summary: "The log's origin, keys and newest checkpoint",
    answer: AuditState,
    problems: ["audit-missing", "audit-unready", "log-unwritable"],
    handle: () => {
      const view = LogView.of(context.reads.db);
      if (isProblem(view)) return view;
      const signed = currentCheckpoint(context, view);
      if (isProblem(signed)) return signed;
      const { size, root } = signed.checkpoint;
      const keys = view.keys().map(({ vkey, fromSize, note }) => ({ vkey, fromSize, note }));
      return { origin: view.origin, keys, size, rootHash: toHex(root), checkpoint: signed.text };
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/audit/proof",
    id: "proveEvent",
    tag,
    summary: "Proof that an event is in the log",
    isAuditData: true,
    query: AuditProofQuery,
    answer: AuditProof,
    problems: ["seq-not-found", "audit-missing", "audit-unready", "log-unwritable"],
    handle: ({ query: { seq } }) => {
      const view = LogView.of(context.reads.db);
      if (isProblem(view)) return view;
      const signed = currentCheckpoint(context, view, seq);
      if (isProblem(signed)) return signed;
      const proved = view.proof(seq, signed);
      if (isProblem(proved)) return proved;
      const { index, extra, path } = proved;
      const { size, root } = signed.checkpoint;
      const entry = extra ?? new Uint8Array(0);
      return {
        seq,
        index,
        size,
        entry: toHex(entry),
        leafHash: toHex(leafHash(entry)),
        proof: path.map(toHex),
        rootHash: toHex(root),
        checkpoint: signed.text,
        tlogProof: formatTlogProof(proved),
      };
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/audit/consistency",
    id: "proveConsistency",
    tag,
    summary: "Proof that a smaller tree of the log is a prefix of a larger one",
    query: AuditConsistencyQuery,
    answer: AuditConsistency,
    problems: ["position-out-of-range", "audit-missing", "audit-unready", "log-unwritable"],
    handle: ({ query: { from, to } }) => {
      const view = LogView.of(context.reads.db);
      if (isProblem(view)) return view;
      const signed = currentCheckpoint(context, view);
      if (isProblem(signed)) return signed;
      const proved = view.consistency(from, to ?? signed.checkpoint.size);
      if (isProblem(proved)) return proved;
      const { before, after, proof } = proved;
      return {
        from: before.size,
        to: after.size,
        fromRoot: toHex(before.root),
        toRoot: toHex(after.root),
        proof: proof.map(toHex),
      };
    },
  });
}

/**
 * The newest checkpoint: of a served log signed now where there is something unsigned, of a file the newest in it.
 *
 * @param seq that it should reach, if it can
 */
export function currentCheckpoint(context: ApiContext, view: LogView, seq = 0): SignedCheckpoint | Problem {
  const { audit } = context.control;
  return audit === null ? view.newest() : audit.checkpoint(seq);
}
