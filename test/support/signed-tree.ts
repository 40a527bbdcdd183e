import { Frontier } from "#audit/merkle/frontier.ts";
import { leafHash, perfectRoot } from "#audit/merkle/hash.ts";
import { consistencyProof } from "#audit/merkle/proofs.ts";
import { toBase64 } from "#audit/note/base64.ts";
import { signCheckpoint } from "#audit/note/checkpoint.ts";
import { generateSignerKey, type SignerKey } from "#audit/note/keys.ts";

/** A log as a witness sees it: leaves of which nobody knows what they are, signed. */
export class SignedTree {
  readonly key: SignerKey;
  readonly #leaves: Uint8Array[] = [];

  constructor(name = "log.example/a", key: SignerKey = generateSignerKey(name, "note")) {
    this.key = key;
  }

  /** Grows to `size` leaves; `salt` makes them others than another tree's. */
  grow(size: number, salt = ""): this {
    while (this.#leaves.length < size)
      this.#leaves.push(leafHash(Buffer.from(`${salt}${this.#leaves.length}`)));
    return this;
  }

  /** The checkpoint over the first `size` leaves. */
  checkpoint(size: number = this.#leaves.length, key: SignerKey = this.key): string {
    const tree = new Frontier();
    for (const leaf of this.#leaves.slice(0, size)) tree.append(leaf);
    return signCheckpoint({ size, root: tree.root() }, key).text;
  }

  proof(from: number, to: number = this.#leaves.length): string[] {
    const node = (height: number, index: number): Uint8Array =>
      perfectRoot(Buffer.concat(this.#leaves.slice(index * 2 ** height, (index + 1) * 2 ** height)));
    return consistencyProof(node, from, to).map(toBase64);
  }

  /** The body of an `add-checkpoint`. */
  request(from: number, to: number = this.#leaves.length): string {
    return [`old ${from}`, ...this.proof(from, to), "", this.checkpoint(to)].join("\n");
  }
}
