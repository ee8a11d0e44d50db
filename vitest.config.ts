import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The longest first: a fresh checkout knows no durations, and one that begins last would be waited for alone. */
const LONGEST = [
  'transcripts/',
  'sandbox/cheats',
  'grade/thirty',
  'grade/queue',
  'broker/cluster',
  'broker/leftovers',
  'menu/terminal',
  'conformance/rabbitmq',
  'check/',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.includes(`/test/${name}`))
      return at === -1 ? LONGEST.length : at
    }
    return (await super.sort(files)).toSorted((a, b) => place(a) - place(b))
  }
}

/** The tests of lab/ itself. The checks of the lessons are run by the lab, with a configuration of their own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Many of them start processes and wait for what happens in them; each of those waits has its own, named limit.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
    maxWorkers: 4,
    // A process for each file takes twice the computing of the tests in most of them. What a test changes it puts back.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // A test that is sent somewhere else by the caller's environment would prove nothing.
    env: { NO_COLOR: '', FORCE_COLOR: '0' },
  },
})
