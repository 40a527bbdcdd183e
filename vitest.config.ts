import { defineConfig, defineProject } from "vitest/config";

const MOCKED = "test/**/*.mocked.test.ts";

/** What every test file runs with. */
const shared = {
  resolve: { conditions: ["scmi-source"] },
  ssr: { resolve: { conditions: ["scmi-source", "node", "import", "default"] } },
};
const settings = { testTimeout: 60_000, hookTimeout: 60_000, setupFiles: ["test/support/seeded.ts"] };

/**
 * Test files share their workers: half of the suite's time was the loading of the same modules for each. A file that
 * replaces modules (`vi.mock`) would replace them for the others too, and has a worker to itself.
 */
export default defineConfig({
  test: {
    globalSetup: ["test/support/temporary-folder.ts", "test/support/build-once.ts"],
    maxWorkers: "100%",
    projects: [
      defineProject({
        ...shared,
        test: {
          ...settings,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [MOCKED],
          isolate: false,
        },
      }),
      defineProject({ ...shared, test: { ...settings, name: "mocked", include: [MOCKED] } }),
    ],
  },
});
