import type { VerifierKey } from "#audit/note/keys.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import { serveWitness, type WitnessServer } from "#witness/server.ts";
import { Witness } from "#witness/witness.ts";
import { facts, note, print, refuse } from "../output.ts";
import { firstSignal } from "./first-signal.ts";
import { readTls } from "./server-access.ts";

/** What a witness is started with. */
export interface WitnessServeOptions {
  readonly state: string;
  readonly key?: string;
  readonly name?: string;
  readonly log?: readonly VerifierKey[];
  readonly host: string;
  readonly port: number;
  readonly tlsKey?: string;
  readonly tlsCert?: string;
}

/** Serves a witness until the first signal, or says why it cannot. */
export async function witnessServe(options: WitnessServeOptions): Promise<void> {
  const serving = await start(options);
  if (isProblem(serving)) return refuse(serving);
  const { witness, server } = serving;
  await introduce(witness, server);
  await firstSignal();
  await server.close();
  witness.close();
}

async function start(
  options: WitnessServeOptions,
): Promise<{ readonly witness: Witness; readonly server: WitnessServer } | Problem> {
  const { state, key = `${state}.key`, name, log = [], host, port } = options;
  const tls = await readTls(options);
  if (isProblem(tls)) return tls;
  const witness = Witness.open({
    state,
    key,
    logs: log,
    now: () => Math.floor(Date.now() / 1000),
    ...(name === undefined ? {} : { name }),
  });
  if (isProblem(witness)) return witness;
  const server = await serveWitness(witness, { host, port, tls, tell: note });
  if (isProblem(server)) {
    witness.close();
    return server;
  }
  return { witness, server };
}

async function introduce(witness: Witness, { url }: WitnessServer): Promise<void> {
  const logs = witness.logs();
  if (logs.length === 0) note("scmictl: no --log is given: every checkpoint is answered with 404");
  for (const { origin } of logs.filter(({ contradicted }) => contradicted))
    note(`scmictl: ${origin} signed two trees of one size; the state has both checkpoints`);
  await print(
    facts([
      ["witness", witness.verifierKey],
      ["logs", logs.map(({ origin, size }) => `${origin} (${size} events)`)],
      ["url", url],
      ["for a log", `scmictl serve --witness '${url}=${witness.verifierKey}'`],
    ]),
  );
}
