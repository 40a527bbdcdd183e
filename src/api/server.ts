import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import type { z } from "zod";
import type { Witnesses } from "#audit/witnesses/witnesses.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Control } from "#control/control.ts";
import { ReadSide } from "#control/read-side.ts";
import { staleProjections } from "#projections/catalogue.ts";
import { smcCounters } from "#projections/queries/smc-counters.ts";
import { Audience } from "./auth/audience.ts";
import { callerRefusal, knowCallers } from "./auth/authenticate.ts";
import { recordRefusals } from "./auth/record-refusals.ts";
import { TokenStore } from "./auth/token-store.ts";
import type { ApiContext } from "./context.ts";
import { answerError, answerErrors } from "./errors.ts";
import { EventStreams } from "./event-stream.ts";
import { OriginGuard, plain } from "./guard.ts";
import { BODY_BYTES_MAX, readJsonBodies } from "./json-body.ts";
import { isLoopback } from "./listen.ts";
import { createMetrics, measureRequests } from "./metrics.ts";
import { describeCalls } from "./openapi.ts";
import { pathOf } from "./path.ts";
import { PROBLEM_TYPE, problemBody, sendProblem } from "./problem-json.ts";
import { rebuildTables } from "./rebuild-tables.ts";
import { requestId } from "./request-id.ts";
import { agentRoutes } from "./routes/agents.ts";
import { auditRoutes } from "./routes/audit.ts";
import { auditQuestionRoutes } from "./routes/audit-questions.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { domainRoutes } from "./routes/domains.ts";
import { eventRoutes } from "./routes/events.ts";
import { evidenceRoutes } from "./routes/evidence.ts";
import { exchangeRoutes } from "./routes/exchange.ts";
import { exportRoutes } from "./routes/exports.ts";
import { guestRoutes } from "./routes/guest-calls.ts";
import { healthRoutes, UNSIGNED } from "./routes/health.ts";
import { hostRoutes } from "./routes/host.ts";
import { permissionRoutes } from "./routes/permissions.ts";
import { projectionRoutes } from "./routes/projections.ts";
import { stateRoutes } from "./routes/state.ts";
import { tlogRoutes } from "./routes/tlog.ts";
import { whatIfRoutes } from "./routes/what-if.ts";
import { witnessRoutes } from "./routes/witnesses.ts";
import { compileValidator } from "./validation.ts";

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface ServerOptions {
  /** The host that is served. It outlives the server: whoever opened it closes it, after the server. */
  readonly control: Control;
  /** Version of this program. */
  readonly program: string;
  /** What the server says on standard error: requests at `debug`. Default: `warn`. */
  readonly logLevel?: LogLevel;
  /** Milliseconds between two signs of life on a quiet event stream. Default: 15,000. */
  readonly heartbeatMs?: number;
  /** File of the tokens that callers need, which need not be there; null: there are no tokens. Default: null. */
  readonly tokens?: string | null;
  /** Key and certificate to serve TLS with, PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Who cosigns the log's checkpoints. They outlive the server, like the host. Default: nobody. */
  readonly witnesses?: Witnesses;
  /** Every write has to say why. */
  readonly requireReason?: boolean;
  /** Now, UTC, milliseconds. For tests. */
  readonly now?: () => number;
  /** Hold every answer to its description; one that does not fit is an internal error. For tests. */
  readonly checkAnswers?: boolean;
}

export interface Address {
  /** 127.0.0.1, ::1, localhost or another loopback address. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** Where the server listens when nobody says. */
export const DEFAULT_ADDRESS: Address = { host: "127.0.0.1", port: 7420 };

/** The REST server of one host. */
export interface Server {
  /** For more routes, before it listens. */
  readonly app: FastifyInstance;
  /** The token that the server's own program reads with. */
  readonly ownToken: string;
  /** Begins to serve. Returns the URL, or `port-in-use`, `tokens-needed` or `address-unusable`. */
  listen(address?: Address): Promise<string | Problem>;
  /** Refolds the tables that an older version of the program filled, if there are any: until then they are told as stale. */
  rebuildStaleTables(): Problem | null;
  /** Takes no more connections, ends the event streams, finishes the requests under way. */
  close(): Promise<void>;
}

/** Makes the server of a host, not yet listening. Refused where the log cannot be opened a second time, for reading. */
export async function createServer(options: ServerOptions): Promise<Server | Problem> {
  const { control, program, heartbeatMs = 15_000 } = options;
  const reads = ReadSide.open(control.file);
  if (isProblem(reads)) return reads;
  const stringify = options.checkAnswers === true ? checkedJson : plainJson;
  const closing = new AbortController();
  const stale = staleProjections(reads.db);
  const now = options.now ?? Date.now;
  const tokens = new TokenStore(options.tokens ?? null, now);
  const audience = new Audience(control, tokens, now);
  const context: ApiContext = {
    control,
    reads,
    stale,
    program,
    audience,
    isReasonNeeded: options.requireReason === true,
    closing: closing.signal,
    stringify,
  };
  const streams = new EventStreams(context, { heartbeatMs });
  const guard = new OriginGuard();
  const app = createApp(options.logLevel ?? "warn", options.tls ?? null);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => plainJson.bind(null, null as never));
  app.decorateRequest("idempotency", null);
  app.decorateReply("refusal", null);
  knowCallers(app);
  recordRefusals(app, audience);
  readJsonBodies(app);
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    if (closing.signal.aborted) {
      reply.header("connection", "close");
      sendProblem(reply, problem("shutting-down", {}));
      return;
    }
    const refusal = originRefusal(guard, request, tokens) ?? callerRefusal(request, tokens);
    if (refusal === null) done();
    else sendProblem(reply, refusal);
  });
  app.addHook("onResponse", ({ raw }, _reply, done) => {
    // What was under way when the server began to close leaves its connection open behind it, else for minutes.
    if (closing.signal.aborted) raw.socket.destroySoon();
    done();
  });
  const registry = createMetrics(context, {
    witnesses: () => options.witnesses?.statuses() ?? [],
    openStreams: () => streams.count,
    smcTotals: () => smcCounters(reads.db).map((row) => ({ ...row, agent: String(row.agentId ?? "none") })),
  });
  measureRequests(app, registry);

  const urls = new Map<string, string[]>();
  app.addHook("onRoute", ({ url, method, schema }) => {
    if ((schema as { hide?: boolean } | undefined)?.hide === true) return;
    urls.set(url, [...(urls.get(url) ?? []), ...[method].flat()]);
  });
  answerErrors(app, () => [...urls.keys()], control.file);
  await describeCalls(app, program);
  healthRoutes(app, context, registry);
  hostRoutes(app, context);
  agentRoutes(app, context);
  domainRoutes(app, context);
  guestRoutes(app, context);
  deviceRoutes(app, context);
  exportRoutes(app, context);
  permissionRoutes(app, context);
  auditQuestionRoutes(app, context);
  exchangeRoutes(app, context);
  eventRoutes(app, context, streams);
  stateRoutes(app, context);
  whatIfRoutes(app, context);
  projectionRoutes(app, context);
  auditRoutes(app, context);
  tlogRoutes(app, context);
  evidenceRoutes(app, context);
  witnessRoutes(app, context, options.witnesses ?? null);
  refuseOtherMethods(app, urls);
  const tellUnsigned = (why: string | null): void => {
    app.log.warn(why === null ? "the audit log's checkpoints are signed again" : `${UNSIGNED}: ${why}`);
  };
  const { audit } = control;
  if (audit !== null && audit.fault !== null) tellUnsigned(audit.fault);
  const stopTelling = audit?.onFault(tellUnsigned);
  app.addHook("preClose", async () => {
    stopTelling?.();
    closing.abort();
    await streams.closeAll();
  });
  app.addHook("onClose", () => audience.close());
  app.addHook("onClose", async () => reads.close());

  return {
    app,
    ownToken: tokens.own,
    listen: async (address = DEFAULT_ADDRESS) => {
      if (tokens.fault !== null) return tokens.fault;
      if (!isLoopback(address.host) && !tokens.areNeeded)
        return problem("tokens-needed", { host: address.host });
      return listen(app, guard, options.tls === undefined ? "http" : "https", address);
    },
    rebuildStaleTables: () => {
      const report = context.stale.length === 0 ? null : rebuildTables(context);
      return isProblem(report) ? report : null;
    },
    close: () => app.close(),
  };
}

/** Why a request comes from the wrong place, or null. */
function originRefusal(
  guard: OriginGuard,
  { method, headers }: FastifyRequest,
  tokens: TokenStore,
): Problem | null {
  if (tokens.isOwn(headers.authorization)) return null;
  if (tokens.areNeeded) return guard.tokenRefusal(headers.host, headers.origin);
  return method === "GET" || method === "HEAD"
    ? guard.readRefusal(headers.host)
    : guard.writeRefusal(headers.host, headers.origin);
}

function createApp(logLevel: LogLevel, tls: ServerOptions["tls"] | null): FastifyInstance {
  const made: unknown = fastify({
    ...(tls === null ? {} : { https: { ...tls, minVersion: "TLSv1.2" } }),
    logger: logLevel === "silent" ? false : { level: logLevel, stream: process.stderr },
    logController: new LogController({ disableRequestLogging: logLevel !== "debug" }),
    bodyLimit: BODY_BYTES_MAX,
    genReqId: requestId,
    requestTimeout: 300_000,
    return503OnClosing: false,
    // Closing may take as long as what is under way.
    pluginTimeout: 0,
    routerOptions: { maxParamLength: 1000 },
    frameworkErrors: (error, request, reply) => void answerError(error, request as never, reply as never),
    clientErrorHandler(error, socket) {
      if (!socket.writable) return;
      const body = JSON.stringify(problemBody(problem("request-malformed", { why: error.message })));
      socket.end(
        `HTTP/1.1 400 Bad Request\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
          `connection: close\r\n\r\n${body}`,
      );
    },
  });
  // Served over TLS it is the same, but for the type of the server beneath.
  return made as FastifyInstance;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** Tells whoever takes the wrong method which are right. */
function refuseOtherMethods(app: FastifyInstance, urls: ReadonlyMap<string, readonly string[]>): void {
  for (const [url, allowed] of [...urls]) {
    const others = METHODS.filter((method) => !allowed.includes(method));
    app.route({
      method: others,
      url,
      schema: { hide: true },
      onRequest: (request, reply) => {
        reply.header("allow", allowed.join(", "));
        const { method } = request;
        sendProblem(reply, problem("method-not-allowed", { method, path: pathOf(request), allowed }));
      },
      handler: () => undefined,
    });
  }
}

async function listen(
  app: FastifyInstance,
  guard: OriginGuard,
  scheme: "http" | "https",
  address: Address,
): Promise<string | Problem> {
  const { host, port } = address;
  try {
    // For localhost, fastify would start a second server, and let go of its connections when it likes.
    await app.listen({ host: host.toLowerCase() === "localhost" ? "127.0.0.1" : host, port });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "EADDRINUSE") return problem("port-in-use", { host, port });
    if (code === undefined || code.startsWith("FST_")) throw error;
    return problem("address-unusable", { host, port, why: message });
  }
  const { port: served } = app.server.address() as AddressInfo;
  guard.serve(scheme, host, served);
  return `${scheme}://${plain(host)}:${served}`;
}

function plainJson(_schema: z.ZodType, answer: unknown): string {
  return JSON.stringify(answer);
}

function checkedJson(schema: z.ZodType, answer: unknown): string {
  const { error } = schema.safeParse(answer, { reportInput: true });
  if (error !== undefined) throw new Error(`an answer is not as described: ${error.message}`);
  return JSON.stringify(answer);
}
