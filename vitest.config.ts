import { defineConfig } from 'vitest/config'

/** The tests of lab/ itself. The checks of the lessons are run by the lab, with a configuration of their own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many of them start processes and wait for what happens in them; each of those waits has its own, named limit.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    maxWorkers: 4,
    // A test that is sent somewhere else by the caller's environment would prove nothing.
    env: { NO_COLOR: '', FORCE_COLOR: '0' },
  },
})
