import { type Draft, exchangeOf, seen } from "./draft.ts";
import type { Observed, ObservedMessage } from "./observed.ts";
import type { FtraceRecord, MessageDump, MessageKey, RxDone, XferEnd } from "./records.ts";

/** What is given away in its turn: things that began earlier come first. */
type Begun = Draft | ObservedMessage;

/**
 * Things that may wait for one that began before them and has not ended. Linux gives up after seconds at the most; what is not over by
 * then has lost its end.
 */
const WAITING_MAX = 8192;
/**
 * Tokens have ten bits, and Linux takes one after the other: so many commands later, a message with the same token may be another command's.
 */
const COMMANDS_BEFORE_REUSE = 900;
/** Messages whose interrupt is still to be told; only a trace that lost those has so many. */
const DUMPED_MAX = 4096;

/**
 * Puts records together to exchanges and messages, and gives them away in the order in which they began. Tokens are used again and again,
 * so an exchange ends where its end is told or the next of its message and token begins: a trace with losses gives exchanges with
 * parts missing, never parts of two in one, and what may be so old that its token was used again gets no more parts. Keeps the last {@link WAITING_MAX} at the most.
 */
export class Exchanges {
  readonly #give: (observed: Observed) => void;
  /** In the order of their beginnings; those before `#given` are away. */
  #begun: Begun[] = [];
  #given = 0;
  readonly #open = new Map<string, Draft[]>();
  /** Only dumps tell their instance, and one alone cannot be mistaken for another. */
  readonly #hasSeveral: boolean;
  /** Messages whose dump came, and whose interrupt is still to be told. */
  readonly #dumped = new Map<string, number>();
  #last: FtraceRecord | null = null;
  /** Commands that began, and events that are lost: any of those may have begun one. */
  #age = 0;

  /** @param hasSeveral whether the trace is of more than one instance of SCMI */
  constructor(hasSeveral: boolean, give: (observed: Observed) => void) {
    this.#hasSeveral = hasSeveral;
    this.#give = give;
  }

  /** The tracer lost events here. */
  lost(events: number): void {
    this.#age += events;
  }

  /** The trace is at its end: what is still under way is given away as it is. */
  end(): void {
    for (const begun of this.#begun) if ("first" in begun) begun.isClosed = true;
    this.#giveClosed();
  }

  take(record: FtraceRecord): void {
    this.#last = record;
    this.#sort(record);
    const oldest = this.#begun[this.#given];
    if (this.#begun.length - this.#given > WAITING_MAX && oldest !== undefined && "first" in oldest) {
      this.#close(oldest);
    }
    this.#giveClosed();
  }

  #sort(record: FtraceRecord): void {
    switch (record.event) {
      case "begin":
        this.#start(record).begin = record;
        return;
      case "wait":
        (
          this.#find(record, (draft) => draft.wait === null && isOf(draft, record.transferId)) ??
          this.#start(record)
        ).wait = record;
        return;
      case "end":
        this.#end(record);
        return;
      case "rx-done":
        this.#received(record);
        return;
      case "dump":
        this.#dump(record);
        return;
      case "fast-channel":
        return;
    }
  }

  #dump(record: MessageDump): void {
    if (record.kind === "command") {
      const open = this.#find(record, (draft) => draft.command === null && draft.response === null);
      (open ?? this.#start(record)).command = record;
    } else if (record.kind === "response") {
      const open = this.#find(record, (draft) => draft.response === null && isOfInstance(draft, record));
      (open ?? this.#start(record)).response = record;
    } else {
      const { kind, tag, status, payload } = record;
      const told = kind === "notification" ? null : status;
      this.#begun.push({ ...seen(record, record), kind, tag, status: told, payload });
      const type = kind === "delayed" ? 2 : 3;
      if (kind !== "rejected") this.#count(`${type} ${keyText(record)}`, 1);
    }
  }

  /** An interrupt took a message in; where its dump is not in the trace, this is all that is known of it. */
  #received(record: RxDone): void {
    if (record.messageType === 0) {
      const open = this.#find(record, (draft) => draft.rxDone === null && isOf(draft, record.transferId));
      (open ?? this.#start(record)).rxDone = record;
      return;
    }
    if (this.#count(`${record.messageType} ${keyText(record)}`, -1)) return;
    const kind = record.messageType === 2 ? "delayed" : "notification";
    this.#begun.push({ ...seen(record, null), kind, tag: null, status: null, payload: null });
  }

  /** Counts up, or down where there is anything to count down from. */
  #count(key: string, by: 1 | -1): boolean {
    const count = this.#dumped.get(key) ?? 0;
    if (count + by < 0) return false;
    if (count + by === 0) this.#dumped.delete(key);
    else this.#dumped.set(key, count + by);
    const [oldest] = this.#dumped.keys();
    if (this.#dumped.size > DUMPED_MAX && oldest !== undefined) this.#dumped.delete(oldest);
    return true;
  }

  #end(record: XferEnd): void {
    const draft = this.#find(record, (open) => isOf(open, record.transferId)) ?? this.#start(record);
    draft.end = record;
    this.#close(draft);
  }

  /** Nothing more belongs to an exchange. */
  #close(draft: Draft): void {
    draft.isClosed = true;
    const key = keyText(draft.first);
    const left = (this.#open.get(key) ?? []).filter((open) => open !== draft);
    if (left.length === 0) this.#open.delete(key);
    else this.#open.set(key, left);
  }

  #giveClosed(): void {
    for (; this.#given < this.#begun.length; this.#given += 1) {
      const begun = this.#begun[this.#given] as Begun;
      if (!("first" in begun)) this.#give(begun);
      else if (begun.isClosed) this.#give(exchangeOf(begun, begun.first !== this.#last));
      else break;
    }
    if (this.#given < WAITING_MAX && this.#given < this.#begun.length) return;
    this.#begun = this.#begun.slice(this.#given);
    this.#given = 0;
  }

  /** The exchange under way that a record belongs to. */
  #find(record: MessageKey, lacksIt: (draft: Draft) => boolean): Draft | undefined {
    const isRecent = ({ born }: Draft) => this.#age - born <= COMMANDS_BEFORE_REUSE;
    return this.#open.get(keyText(record))?.find((draft) => isRecent(draft) && lacksIt(draft));
  }

  /** An exchange whose first record this is. */
  #start(record: FtraceRecord & MessageKey): Draft {
    const draft: Draft = {
      first: record,
      begin: null,
      command: null,
      wait: null,
      response: null,
      rxDone: null,
      end: null,
      born: this.#age,
      isClosed: false,
    };
    this.#begun.push(draft);
    this.#age += 1;
    const key = keyText(record);
    const open = this.#open.get(key);
    if (open !== undefined && this.#hasSeveral) open.push(draft);
    else {
      for (const before of open ?? []) before.isClosed = true;
      this.#open.set(key, [draft]);
    }
    return draft;
  }
}

function keyText({ protocolId, messageId, token }: MessageKey): string {
  return `${protocolId}/${messageId}/${token}`;
}

/** Whether an exchange may be of a transfer: dumps do not tell theirs. */
function isOf({ begin, wait, rxDone }: Draft, transferId: number): boolean {
  const known = begin ?? wait ?? rxDone;
  return known === null || known.transferId === transferId;
}

/** Whether a response may be an exchange's. */
function isOfInstance({ command }: Draft, { instance }: MessageDump): boolean {
  return command === null || command.instance === instance;
}
