import { expect, test } from 'vitest'
import type { TestModule } from 'vitest/node'
import type { ExpectationMeta } from '../../lab/check/config.ts'
import { lessonReport } from '../../lab/check/outcome.ts'

interface FakeTest {
  name: string
  state: 'passed' | 'failed' | 'skipped' | 'pending'
  meta?: ExpectationMeta
}

/** As much of vitest's TestModule as the outcome looks at. */
function moduleOf(tests: FakeTest[], errors: Error[] = []): TestModule {
  const allTests = () =>
    tests.map(({ name, state, meta }) => ({
      name,
      meta: () => (meta === undefined ? {} : { expectation: meta }),
      result: () => ({ state, errors: [] }),
      diagnostic: () => ({ duration: 1 }),
    }))
  return {
    children: { allTests },
    errors: () => errors,
    diagnostic: () => ({ prepareDuration: 1, collectDuration: 1, setupDuration: 0, duration: 5 }),
  } as unknown as TestModule
}

const passed: ExpectationMeta = { step: 1, stepTitle: 'One', verdict: 'passed' }
const failed: ExpectationMeta = { step: 2, stepTitle: 'Two', verdict: 'failed', message: 'no' }
const judge = (module: TestModule | undefined, errors: unknown[] = [], only: string[] = []) =>
  lessonReport('01-first-connection', module, errors, { only })

test('every expectation ran and passed: passed, and working', () => {
  expect(judge(moduleOf([{ name: 'a', state: 'passed', meta: passed }]))).toMatchObject({
    verdict: 'passed',
    working: true,
  })
})

test('a failure in a later step: failed, but working', () => {
  const report = judge(
    moduleOf([
      { name: 'a', state: 'passed', meta: passed },
      { name: 'b', state: 'failed', meta: failed },
    ]),
  )
  expect(report).toMatchObject({ verdict: 'failed', working: true })
})

test.each<[string, TestModule | undefined, unknown[]]>([
  ['the file did not run', undefined, []],
  ['there was not one expectation', moduleOf([]), []],
  [
    'a killed worker left expectations pending',
    moduleOf([
      { name: 'a', state: 'passed', meta: passed },
      { name: 'b', state: 'pending' },
    ]),
    [],
  ],
  ['a test passed without a word on what it judged', moduleOf([{ name: 'a', state: 'passed' }]), []],
  ['the test and its word differ', moduleOf([{ name: 'a', state: 'failed', meta: passed }]), []],
  [
    'a test was skipped',
    moduleOf([
      { name: 'a', state: 'passed', meta: passed },
      { name: 'b', state: 'skipped' },
    ]),
    [],
  ],
  ['the file itself failed', moduleOf([{ name: 'a', state: 'passed', meta: passed }], [new Error('oh')]), []],
  ['an error was not handled', moduleOf([{ name: 'a', state: 'passed', meta: passed }]), [new Error('oh')]],
])('no pass where %s: that is an error', (_title, module, errors) => {
  expect(judge(module, errors)).toMatchObject({ verdict: 'error', working: false })
})

test('what can not be judged here is no pass', () => {
  const notJudged: ExpectationMeta = { step: 2, stepTitle: 'Two', verdict: 'not-judged', message: 'not here' }
  const module = moduleOf([
    { name: 'a', state: 'passed', meta: passed },
    { name: 'b', state: 'skipped', meta: notJudged },
  ])
  expect(judge(module)).toMatchObject({ verdict: 'not-judged', working: true })
})

test('expectations that were not asked for are left out', () => {
  const module = moduleOf([
    { name: 'a', state: 'passed', meta: passed },
    { name: 'b', state: 'skipped' },
  ])
  expect(judge(module, [], ['a']).expectations.map(({ title }) => title)).toEqual(['a'])
})
