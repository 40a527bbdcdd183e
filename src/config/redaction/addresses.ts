/** Stand-ins keep an address's place in its frame: alignment, and what lies side by side in one page. */
const FRAME_BYTES = 0x1000n;
/** Where stand-ins begin, and how far apart they are put where the addresses are not neighbours. */
const FIRST_FRAME = 0x6_0000n;
const GAP_FRAMES = 16n;

/**
 * Stand-ins for addresses. Those that are placed together keep their order, and frames that are neighbours stay neighbours; how far
 * apart others lie is not kept. Numbers below a page are no addresses.
 */
export class Addresses {
  readonly #frames = new Map<bigint, bigint>();
  readonly #standIns = new Set<bigint>();
  readonly #seen = new Map<bigint, bigint>();
  #next = FIRST_FRAME;

  /** Gives frames their places, in order; those that have one keep it. */
  place(addresses: Iterable<bigint>): void {
    const frames = new Set<bigint>();
    for (const address of addresses) {
      if (address >= FRAME_BYTES) for (const frame of framesOf(address)) frames.add(frame);
    }
    let before: bigint | null = null;
    for (const frame of [...frames].sort((a, b) => (a < b ? -1 : 1))) {
      if (!this.#frames.has(frame)) {
        if (before === null || frame !== before + 1n) this.#next += GAP_FRAMES;
        while (frames.has(this.#next) || this.#frames.has(this.#next) || this.#standIns.has(this.#next))
          this.#next += 1n;
        this.#frames.set(frame, this.#next);
        this.#standIns.add(this.#next);
        this.#next += 1n;
      }
      before = frame;
    }
  }

  /** The stand-in of an address, placed when it is first met. */
  of(address: bigint): bigint {
    if (address < FRAME_BYTES) return address;
    const frame = address / FRAME_BYTES;
    if (!this.#frames.has(frame)) this.place([address]);
    const standIn = (this.#frames.get(frame) as bigint) * FRAME_BYTES + (address % FRAME_BYTES);
    this.#seen.set(address, standIn);
    return standIn;
  }

  /** The stand-in of what may be an address, or the number of a page, as agents pass them in registers. */
  ofRegister(value: bigint): bigint {
    return this.#frames.get(value) ?? this.of(value);
  }

  /** Every address that was met, with its stand-in. */
  entries(): ReadonlyMap<bigint, bigint> {
    return this.#seen;
  }
}

/** The frame of an address, and the next one where a page at this address would reach into it. */
function framesOf(address: bigint): bigint[] {
  const frame = address / FRAME_BYTES;
  return address % FRAME_BYTES === 0n ? [frame] : [frame, frame + 1n];
}
