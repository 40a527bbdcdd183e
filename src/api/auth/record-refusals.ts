import type { FastifyInstance } from "fastify";
import type { Problem } from "#base/problem.ts";
import { problemBody } from "../problem-json.ts";
import type { Audience } from "./audience.ts";

declare module "fastify" {
  interface FastifyReply {
    /** What the answer refuses the request for, if it does. */
    refusal: Problem | null;
  }
}

/** Statuses of refusals that are recorded of reads too; of writes all that the caller is to blame for are. */
const NOT_LET_IN = [401, 403];

/** Records every refusal that no event tells of, before it is answered; the answer then names the event. */
export function recordRefusals(app: FastifyInstance, audience: Audience): void {
  app.addHook("onSend", (request, reply, payload, done) => {
    const { refusal, statusCode } = reply;
    const isRecorded =
      refusal !== null &&
      refusal.seq === null &&
      (NOT_LET_IN.includes(statusCode) ||
        (request.routeOptions.config?.isWrite === true && statusCode >= 400 && statusCode < 500));
    if (!isRecorded) {
      done(null, payload);
      return;
    }
    void audience.refused(request, refusal).then((seq) => {
      if (seq === null) return done(null, payload);
      const body = { ...problemBody(refusal), seq, instance: `/v1/events/${seq}` };
      const bytes = Buffer.from(JSON.stringify(body));
      reply.header("content-length", bytes.length);
      done(null, bytes);
    });
  });
}
