import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { check } from "#cli/checking.ts";
import { hostOverlayFile, partialTreeFile, xlCfgFile } from "#config/export/exports.ts";
import { applyOverlay } from "#inputs/fdtoverlay.ts";
import { HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { Random } from "../support/random.ts";
import { ok, randomHost, running } from "../support/random-host.ts";
import { runs } from "../support/runs.ts";
import { scratchFolder } from "../support/scmictl.ts";

const SEEDS = runs(8, 300);

test.skipIf(!HAS_DTC)(
  `what is exported of random hosts passes the check ${HAS_DTC ? "" : NO_DTC}`,
  async () => {
    const folder = scratchFolder();
    try {
      for (let seed = 0; seed < SEEDS; seed++) {
        const files = await exported(seed, join(folder.path, String(seed)));
        const { findings } = await check(files);
        const errors = findings.filter(({ severity }) => severity === "E");
        expect({ seed, errors }).toEqual({ seed, errors: [] });
      }
    } finally {
      folder.remove();
    }
  },
);

/** Writes everything that is exported of a host, as an integrator would lay it out. */
async function exported(seed: number, folder: string) {
  const random = randomHost(new Random(seed));
  const { view } = running(random.host, random.guests);
  mkdirSync(folder);
  const write = (name: string, content: string | Uint8Array): string => {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  const overlay = ok(hostOverlayFile(view, { all: true, agents: [] }));
  write("host.dtb", ok(await applyOverlay(random.bareTree, overlay.dtb as Uint8Array, "overlay.dtbo")));
  const board = write("board.yaml", random.boardText);
  const xlcfg: string[] = [];
  for (const { domid, name, origin } of view.domains) {
    const partial = partialTreeFile(view, { domain: domid }, null);
    const tree = isProblem(partial) ? null : (partial.dtb as Uint8Array);
    if (origin === "dom0less") {
      const given = random.host.partialTrees?.find(({ domain }) => domain === name)?.tree as Uint8Array;
      write(`${name}.dtb`, tree ?? given);
    } else if (origin === "toolstack") {
      if (tree !== null) write(`${domid}.dtb`, tree);
      const deviceTree = tree === null ? null : `/boot/${domid}.dtb`;
      xlcfg.push(write(`${domid}.cfg`, ok(xlCfgFile(view, { domain: domid }, { deviceTree })).text));
    }
  }
  return { board, dts: [], xlcfg, partial: [] };
}
