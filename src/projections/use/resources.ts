import type { DeviceConfig } from "#config/board/board.ts";
import type { Database } from "#store/database.ts";
import type { TableName } from "../projection.ts";
import { listedResources } from "./resource-messages.ts";

type Listing = ReadonlyMap<number, readonly number[]>;

const NONE: readonly number[] = [];

/** Which devices list a resource, by the board that ruled at an event. */
export class Resources {
  readonly #boardAt;
  readonly #boardBehind;
  readonly #rows;
  readonly #add;
  #current: { readonly from: number; readonly to: number; readonly listing: Listing } | null = null;

  constructor(db: Database, table: TableName) {
    const name = table("use_resources");
    this.#boardAt = db
      .prepare<[number], number | null>(`SELECT max(configured_seq) FROM ${name} WHERE configured_seq <= ?`)
      .pluck();
    this.#boardBehind = db
      .prepare<[number], number | null>(`SELECT min(configured_seq) FROM ${name} WHERE configured_seq > ?`)
      .pluck();
    this.#rows = db
      .prepare<[number | null], [protocol: number, resource: number, deviceId: number]>(
        `SELECT protocol, resource, device_id FROM ${name} WHERE configured_seq = ? ORDER BY protocol, resource, device_id`,
      )
      .raw();
    this.#add = db.prepare<[number, number, number, number]>(
      `INSERT OR IGNORE INTO ${name} (configured_seq, protocol, resource, device_id) VALUES (?, ?, ?, ?)`,
    );
  }

  /** A board that was configured. To write, the connection has to be the writer's. */
  configure(seq: number, devices: readonly DeviceConfig[]): void {
    for (const device of devices) {
      for (const { protocol, id } of listedResources(device)) this.#add.run(seq, protocol, id, device.id);
    }
    // A board that lists nothing rules too: it is kept as a resource that cannot be.
    this.#add.run(seq, 0, 0, 0);
    this.forget();
  }

  /** The devices that listed a resource at event `seq`, ascending. */
  devicesOf(seq: number, protocol: number, resource: number): readonly number[] {
    if (this.#current === null || seq < this.#current.from || seq >= this.#current.to) this.#load(seq);
    return this.#current?.listing.get(keyOf(protocol, resource)) ?? NONE;
  }

  /** Something was configured, or taken back. */
  forget(): void {
    this.#current = null;
  }

  #load(seq: number): void {
    const from = this.#boardAt.get(seq) ?? null;
    const to = this.#boardBehind.get(seq) ?? Number.POSITIVE_INFINITY;
    const listing = new Map<number, number[]>();
    for (const [protocol, resource, deviceId] of this.#rows.all(from)) {
      const key = keyOf(protocol, resource);
      const devices = listing.get(key);
      if (devices === undefined) listing.set(key, [deviceId]);
      else devices.push(deviceId);
    }
    this.#current = { from: from ?? 0, to, listing };
  }
}

function keyOf(protocol: number, resource: number): number {
  return resource * 256 + protocol;
}
