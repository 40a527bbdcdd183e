import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["scmi-source"] },
  ssr: { resolve: { conditions: ["scmi-source", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build-once.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
