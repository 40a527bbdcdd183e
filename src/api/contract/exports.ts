import { z } from "zod";
import { HexBytes } from "./values.ts";

export const ExportedFile = z
  .strictObject({
    name: z.string().describe("What the file may be called."),
    text: z.string().describe("Its text; of a device tree the source."),
    dtb: HexBytes.nullable().describe("A device tree flattened (.dtb or .dtbo), hex; null for a text."),
  })
  .meta({ id: "ExportedFile", description: "A file that makes the same machine, or a part of it." });

export const XlCfgQuery = z.strictObject({
  deviceTree: z
    .string()
    .min(1)
    .optional()
    .describe("`device_tree` of the xl.cfg: where the target has the partial tree."),
});

export const PartialTreeQuery = z.strictObject({
  for: z
    .enum(["xl", "dom0less"], { error: "xl or dom0less" })
    .optional()
    .describe("Who reads it. Default: whoever made the domain."),
});

const AGENTS_ALLOWED = "in-use, all, or agent ids with commas between";

export const HostOverlayQuery = z.strictObject({
  agents: z
    .string({ error: AGENTS_ALLOWED })
    .regex(/^(in-use|all|\d{1,10}(,\d{1,10}){0,254})$/, { error: AGENTS_ALLOWED })
    .optional()
    .describe("Whose channels it lists: `in-use` (the default), `all`, or those in use and these: `2,3`."),
});
