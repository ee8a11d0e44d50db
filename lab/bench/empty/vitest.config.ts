import { defineConfig } from 'vitest/config'

/** The empty run: what vitest costs before anything is tested. */
export default defineConfig({ test: { include: ['*.test.ts'] } })
