import { existsSync } from "node:fs";
import { createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { isLoopback } from "#api/listen.ts";
import { createServer, type Server } from "#api/server.ts";
import { exposedKeyFile } from "#audit/key-file.ts";
import { Witnesses } from "#audit/witnesses/witnesses.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Control } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import type { Body } from "../client.ts";
import { probeText } from "../host-text.ts";
import { ServerSource } from "../logs/log-source.ts";
import { facts, note, print, refuse } from "../output.ts";
import { QUIET_MS } from "../progress.ts";
import { itemsOf, wholeList } from "../show.ts";
import { VERSION } from "../version.ts";
import { firstSignal } from "./first-signal.ts";
import { readAccess, type ServeOptions, type ServerAccess } from "./server-access.ts";

/** Requests under way are waited for so long, then cut off. */
const DRAIN_MS = 5000;

/** Witnesses are given so long for the last checkpoint. */
const WITNESSES_MS = 2000;

/** Serves a host until the first signal, or says why it cannot. */
export async function serve(options: ServeOptions): Promise<void> {
  const serving = await start(options);
  if (isProblem(serving)) refuse(serving);
  else await untilStopped(serving);
}

/** A server that listens, and the host that it serves. */
interface Serving {
  readonly control: Control;
  readonly server: Server;
  readonly witnesses: Witnesses | null;
}

async function start(options: ServeOptions): Promise<Serving | Problem> {
  const description = await describeHost(options);
  if (isProblem(description)) return description;
  const file = options.db ?? defaultLog(description?.board.name ?? "");
  const access = await readAccess(options, file);
  if (isProblem(access)) return access;
  // Asked before anything is written: a server that cannot listen must not leave a booted log behind.
  const unusable = await addressProblem(options, access);
  if (unusable !== null) return unusable;
  const control = await Control.open({
    file,
    description,
    newBoard: options.newBoard === true,
    newAuditKey: options.newAuditKey === true,
    clock: () => Date.now() * 1000,
    program: VERSION,
    checkInvariants: options.checkInvariants === true,
  });
  if (isProblem(control)) return control;
  const witnesses = askWitnesses(control, options);
  const server = await listeningServer(control, access, witnesses, options);
  if (isProblem(server)) {
    await witnesses?.close(0);
    await control.close();
    return server;
  }
  return { control, server, witnesses };
}

function askWitnesses({ audit, file }: Control, { witness = [] }: ServeOptions): Witnesses | null {
  if (audit === null || witness.length === 0) return null;
  return new Witnesses(audit, { file, witnesses: witness, tell: (line) => note(`scmictl: ${line}`) });
}

async function describeHost({ board, db }: ServeOptions): Promise<HostDescription | null | Problem> {
  if (board !== undefined) return loadHost(board);
  return db === undefined || existsSync(db) ? null : problem("log-not-found", { file: db });
}

function defaultLog(boardName: string): string {
  return join("var", `${boardName.replaceAll(/[^\w.-]/g, "-")}.db`);
}

/** Why the address cannot be had, or null. What cannot be told so early is told when the server listens. */
async function addressProblem(
  { host, port }: ServeOptions,
  { areTokens }: ServerAccess,
): Promise<Problem | null> {
  if (!isLoopback(host) && !areTokens) return problem("tokens-needed", { host });
  return new Promise((resolve) => {
    const probe = createTcpServer();
    probe.once("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code === "EADDRINUSE" ? problem("port-in-use", { host, port }) : null);
    });
    probe.listen({ host, port }, () => probe.close(() => resolve(null)));
  });
}

async function listeningServer(
  control: Control,
  { tokens, tls, areTokens }: ServerAccess,
  witnesses: Witnesses | null,
  options: ServeOptions,
): Promise<Server | Problem> {
  const { host, port, logLevel, requireReason = false } = options;
  if (!isLoopback(host) && tls === undefined) {
    note(`scmictl: ${host} is served without TLS: tokens can be read on the way`);
  }
  const exposedKey = exposedKeyFile(control.file);
  if (exposedKey !== null) {
    note(`scmictl: others can read ${exposedKey}, and sign in this log's name: chmod 600 ${exposedKey}`);
  }
  const server = await createServer({
    control,
    program: VERSION,
    logLevel,
    tokens,
    requireReason,
    ...(tls === undefined ? {} : { tls }),
    ...(witnesses === null ? {} : { witnesses }),
  });
  if (isProblem(server)) return server;
  const url = await server.listen({ host, port });
  if (isProblem(url)) {
    await server.close();
    return url;
  }
  await introduce(control, server, url, areTokens ? tokens : null);
  // Served at once, from tables told as stale; then they are made anew.
  setImmediate(() => {
    const refusal = server.rebuildStaleTables();
    if (refusal !== null) note(`scmictl: the tables stay as they are: ${refusal.detail}`);
  });
  return server;
}

/** Says what was booted, where the log is, and the URL. */
async function introduce(
  control: Control,
  server: Server,
  url: string,
  tokens: string | null,
): Promise<void> {
  const source = new ServerSource(server);
  const host = await source.get("/v1/host");
  const domains = await wholeList(source, "/v1/domains", { state: "running" });
  if (isProblem(host) || isProblem(domains)) {
    await print(
      facts([
        ["scmi-control-plane", VERSION],
        ...(control.hasHost
          ? []
          : [["host", "none: the log holds what was observed on a real machine"] as const]),
        ["log", `${control.file}, ${control.headSeq} events`],
        ...(tokens === null ? [] : [["tokens", tokens] as const]),
        ["url", url],
        ["api", `${url}/docs`],
      ]),
    );
    return;
  }
  const mediator = host["mediator"] as Body;
  const panic = host["panic"] as Body | null;
  const findings = host["findings"] as readonly Body[];
  await print(
    facts([
      ["scmi-control-plane", VERSION],
      ["host", `${host["name"]}, epoch ${host["epoch"]}, firmware profile ${host["profile"]}`],
      ["mediator", `${mediator["mode"]} (${mediator["version"]}), ${probeText(mediator["probe"] as never)}`],
      ...(panic === null ? [] : [["panic", `${panic["errno"]}: ${panic["message"]}`] as const]),
      ["domains", itemsOf(domains).map(domainText)],
      ["findings", findings.map(({ message }) => message)],
      ["log", `${control.file}, ${control.headSeq} events`],
      ...(tokens === null ? [] : [["tokens", tokens] as const]),
      ["url", url],
      ["api", `${url}/docs`],
    ]),
  );
}

function domainText({ domid, name, agentId }: Body): string {
  return `${domid} ${name}${agentId === null ? "" : ` (agent ${agentId})`}`;
}

/** Serves until the first signal, then finishes what is under way; a second signal ends it at once. */
async function untilStopped({ control, server, witnesses }: Serving): Promise<void> {
  await firstSignal();
  const slow = setTimeout(() => note("scmictl: closing; a second signal ends it at once"), QUIET_MS);
  const cutOff = setTimeout(() => server.app.server.closeAllConnections(), DRAIN_MS);
  await server.close();
  clearTimeout(cutOff);
  await witnesses?.close(WITNESSES_MS);
  await control.close();
  clearTimeout(slow);
}
