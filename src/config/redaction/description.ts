import type { HostDescription } from "../board/board.ts";
import { redactBoard } from "./board.ts";
import type { StandIns } from "./stand-ins.ts";
import { redactTree } from "./tree.ts";
import { redactXlCfg } from "./xlcfg.ts";

/** All that a host is configured from, with stand-ins. */
export function redactDescription(description: HostDescription, standIns: StandIns): HostDescription {
  const { board, deviceTree, autostart, partialTrees } = description;
  const trees = partialTrees?.map(({ domain, tree }) => ({
    domain: standIns.name(domain),
    tree: redactTree(tree, domain, standIns),
  }));
  return {
    board: redactBoard(board, standIns),
    deviceTree: redactTree(deviceTree, board.deviceTree, standIns),
    autostart: autostart.map(({ file, text }) => ({
      file: standIns.word(file),
      text: redactXlCfg(text, standIns),
    })),
    ...(trees === undefined ? {} : { partialTrees: trees }),
  };
}
