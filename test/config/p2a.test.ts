import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseBoard } from "#config/board/file.ts";
import { EXAMPLE } from "../support/boards.ts";

const SECOND = "{ id: 1, name: agent-1, funcId: 0x82000003, shmem: 0x47ff1000 }";

/** The example's second agent with something more. */
function withP2a(p2a: string, other = SECOND): ReturnType<typeof parseBoard> {
  return parseBoard(EXAMPLE.replace(SECOND, other.replace("}", `, p2a: ${p2a} }`)), "board.yaml");
}

test("an agent may have a platform-to-agent page", () => {
  const board = withP2a("0x47fe1000");
  if (isProblem(board)) throw new Error(board.detail);
  expect(board.firmware.agents.map(({ p2a }) => p2a)).toEqual([null, 0x47fe_1000]);
});

test.each([
  ["0x47fe1004", /agents\[1\]\.p2a .*found 0x47fe1004, allowed is an address that is a multiple of 0x1000/],
  ["0x47ff1000", /agents\[1\]\.p2a .*found 0x47ff1000, which agents\[1\]\.shmem has/],
  ["0x47ff0000", /agents\[1\]\.p2a .*found 0x47ff0000, which agents\[0\]\.shmem has/],
  ["on", /agents\[1\]\.p2a/],
])("p2a: %s is refused", (p2a, detail) => {
  const refusal = withP2a(p2a);
  expect(refusal).toMatchObject({ code: "board-invalid", detail: expect.stringMatching(detail) });
});

test("two agents have pages of their own", () => {
  const two = EXAMPLE.replace("shmem: 0x47ff0000 }", "shmem: 0x47ff0000, p2a: 0x47fe0000 }");
  const board = parseBoard(two.replace(SECOND, SECOND.replace("}", ", p2a: 0x47fe0000 }")), "board.yaml");
  expect(board).toMatchObject({ detail: expect.stringContaining("which agents[0].p2a has") });
});
