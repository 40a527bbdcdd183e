import type { XenObserved } from "#events/observed.ts";
import type { MachineEvent } from "#events/types.ts";
import { BASE } from "#scmi/protocols/base.ts";
import type { Sides } from "./xen-boot.ts";

const { BASE_DISCOVER_AGENT, BASE_RESET_AGENT_CONFIGURATION, PROTOCOL_ATTRIBUTES } = BASE.commands;

const TOLD_AGAIN = "the next line says it again";
const NO_PAYLOAD = "its payload is not printed";
const OF_NOBODY = "the line does not say of which message, and none before it is known";

/** A line, and where it stands. */
export interface Said {
  readonly seq: number;
  readonly observed: XenObserved;
}

/** What comes of a line: the two sides to compare, or why it cannot be played. */
export type Came = Sides | string;

/**
 * What Xen says it was answered to messages of its own. An error is told first, then the answer that has it, then perhaps the assignment that
 * failed of it: each is held until the next line, and what that says again is not compared twice.
 */
export class XenAnswers {
  readonly #tell: (said: Said, came: Came) => void;
  #held: Said[] = [];
  /** Errno of the reset that freeing a domain sent just before; undefined: no domain was freed just before. */
  #reset: string | null | undefined;
  /** Errnos of the messages that the model's Xen sent at boot, by message, in order. */
  readonly #bootAnswers: Map<number, (string | null)[]>;

  constructor(boot: readonly MachineEvent[], tell: (said: Said, came: Came) => void) {
    this.#bootAnswers = answersIn(boot);
    this.#tell = tell;
  }

  /** Whether a line is an answer, and was taken; any other lets go of what is held. */
  take(said: Said): boolean {
    const { message, fields } = said.observed;
    const isAnswer = message === "error-received" || message === "message-answered";
    const mayRepeat = message === "message-answered" || message === "assignment-failed";
    if (message !== "error-received") this.#settle(mayRepeat ? saysErrno(fields) : null);
    if (isAnswer) this.#held.push(said);
    else if (message !== "message-sent") this.#reset = undefined;
    return isAnswer;
  }

  /** A domain was freed, and the model's reset came to this. */
  freed(errno: string | null): void {
    this.#reset = errno;
  }

  /** There is nothing more to come. */
  end(): void {
    this.#settle(null);
  }

  #settle(again: string | null): void {
    const held = this.#held;
    this.#held = [];
    for (const said of held) {
      const errno = saysErrno(said.observed.fields);
      this.#tell(said, errno === again ? TOLD_AGAIN : this.#answer(said.observed));
    }
  }

  #answer({ message: name, fields }: XenObserved): Came {
    const board = saysErrno(fields);
    const message = name === "message-answered" ? Number(fields["message"]) : null;
    if (message === BASE_DISCOVER_AGENT.id || message === PROTOCOL_ATTRIBUTES.id) {
      const model = this.#bootAnswers.get(message)?.shift();
      return model === undefined
        ? "the model's Xen sent it less often"
        : { board, model: model ?? "SUCCESS" };
    }
    if (message !== null && message !== BASE_RESET_AGENT_CONFIGURATION.id) return NO_PAYLOAD;
    // The reset is what freeing a domain sends.
    const reset = this.#reset;
    this.#reset = undefined;
    if (reset === undefined) return message === null ? OF_NOBODY : NO_PAYLOAD;
    return { board, model: reset ?? "SUCCESS" };
  }
}

/** An errno as it is compared. */
export function saysErrno({ errno }: XenObserved["fields"]): string {
  return errno === 0 || errno === undefined ? "SUCCESS" : String(errno);
}

/** Errnos of Xen's own messages in a boot: of one that failed the errno is that of the outcome behind it. */
function answersIn(boot: readonly MachineEvent[]): Map<number, (string | null)[]> {
  const answers = new Map<number, (string | null)[]>();
  for (const [at, { type, data }] of boot.entries()) {
    if (type !== "smc.forwarded" || data.origin !== "xen" || data.request === null) continue;
    const message = data.request.header & 0xff;
    const isSuccess = data.response?.payload.slice(0, 4).every((byte) => byte === 0) === true;
    const errno = isSuccess ? null : errnoBehind(boot.slice(at + 1));
    answers.set(message, [...(answers.get(message) ?? []), errno]);
  }
  return answers;
}

function errnoBehind(events: readonly MachineEvent[]): string {
  for (const { data } of events) if ("errno" in data && typeof data.errno === "string") return data.errno;
  return "an error";
}
