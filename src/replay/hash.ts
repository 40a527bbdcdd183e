import { hash } from "node:crypto";
import type { Hash } from "#machine/state/digest.ts";

/** SHA-256, for the pure rooms that are handed one. */
export const sha256: Hash = (data) => hash("sha256", data, "binary");
