import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { toHex } from "#base/hex.ts";
import { forwardedSmc } from "#cli/bench/example.ts";
import { inTurns, rate } from "#cli/bench/turns.ts";
import { inFolder } from "./host.ts";
import { ROUNDS, report } from "./report.ts";

const POSTS_A_TURN = 20;

/**
 * A forwarded SMC over HTTP (durable before its answer), beside a POST of the same server that checks its body and does nothing.
 */
export async function benchHttp(): Promise<void> {
  await inFolder(async (folder) => {
    const server = spawn(
      process.execPath,
      ["--import", "tsx", new URL("./http-server.ts", import.meta.url).pathname, folder],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const [line] = (await once(server.stdout, "data")) as [Buffer];
    const port = Number(new URL(line.toString().trim()).port);
    const command = forwardedSmc(1);
    if (command.kind !== "smc") throw new Error("not an SMC");
    const body = JSON.stringify({
      x: [`0x${command.x[0]?.toString(16)}`],
      shmem: toHex(command.shmem as Uint8Array),
    });
    for (const [connections, wanted] of [
      [64, "≥ 0.65"],
      [1, "≥ 0.25"],
    ] as const) {
      const clients = await Promise.all(Array.from({ length: connections }, () => Client.open(port)));
      // Every client goes on by itself, so that none waits for the slowest of a round.
      const posts = (path: string) => async () => {
        await Promise.all(clients.map((client) => client.posts(path, body, POSTS_A_TURN)));
        return connections * POSTS_A_TURN;
      };
      const rates = await inTurns(
        [
          { name: "nothing", turn: posts("/bench/nothing") },
          { name: "smc", turn: posts("/v1/domains/1/smc") },
        ],
        ROUNDS,
      );
      const [nothing = 1, smc = 0] = [rates.get("nothing"), rates.get("smc")];
      report(
        `SMC over HTTP, ${connections} connections, of a trivial POST`,
        smc / nothing,
        wanted,
        `${rate(smc)} of ${rate(nothing)}`,
      );
      for (const client of clients) client.close();
    }
    server.kill("SIGTERM");
    await once(server, "exit");
  });
}

/** The least that keeps a connection busy: one request at a time, the answer read to its end. */
class Client {
  readonly #socket: Socket;
  readonly #host: string;
  #received = "";
  #done: (() => void) | null = null;

  private constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#host = `127.0.0.1:${port}`;
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => this.#take(chunk));
  }

  static async open(port: number): Promise<Client> {
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    await once(socket, "connect");
    return new Client(socket, port);
  }

  async posts(path: string, body: string, count: number): Promise<void> {
    for (let i = 0; i < count; i += 1) await this.#post(path, body);
  }

  #post(path: string, body: string): Promise<void> {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#socket.write(
        `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? 0);
    if (this.#received.length < head + 4 + length) return;
    if (!this.#received.startsWith("HTTP/1.1 200")) throw new Error(this.#received.slice(0, 400));
    this.#received = "";
    this.#done?.();
  }
}
