import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { connect } from 'amqplib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PRODUCTS } from '../broker/ground.ts'
import { until } from '../broker/until.ts'
import { checkJson, labCommand, Submission, startLab } from './lab.ts'

const FIRST = '01-first-connection'
const WRONG = "export function openConnection() { throw new Error('not yet') }\n"

test('a solution passes: exit code 0, and one object with all that the contract names', async () => {
  const { report, code } = await checkJson(['1', '--tree', 'solutions'])
  expect(code).toBe(0)
  expect(report.broker).toEqual({
    kind: expect.any(String),
    product: PRODUCTS.embedded,
    version: expect.stringMatching(/^\d+\.\d+/),
  })
  const [lesson] = report.lessons
  expect(lesson).toMatchObject({ lesson: FIRST, verdict: 'passed', working: true, solutionsUsed: [] })
  expect(lesson?.durationMs).toBeGreaterThan(0)
  expect(lesson?.expectations.length).toBeGreaterThan(4)
  for (const expectation of lesson?.expectations ?? []) {
    expect(expectation).toMatchObject({ step: expect.any(Number), title: expect.any(String), verdict: 'passed' })
  }
})

/** A wrong exercise, judged once, with all that a check can write: what several tests look at. */
const folder = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
const submission = new Submission({ [`${FIRST}/exercise.ts`]: WRONG })
const records = join(folder, 'records')
const junit = join(folder, 'deep', 'report.xml')
let wrong: Awaited<ReturnType<typeof checkJson>>
beforeAll(async () => {
  // A relative tree counts from where the command was typed.
  const tree = ['--tree', basename(submission.tree)]
  wrong = await checkJson([FIRST, ...tree, '--record', records, '--junit', junit], {
    INIT_CWD: dirname(submission.tree),
  })
})
afterAll(() => {
  submission[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

function firstFailed({ report }: typeof wrong) {
  return report.lessons[0]?.expectations.find((expectation) => expectation.verdict === 'failed')
}

test('a wrong exercise, in a tree relative to where the command was typed, fails: exit code 1, with a message, a hint and a trace', () => {
  expect(wrong.code).toBe(1)
  const failed = firstFailed(wrong)
  expect(failed).toMatchObject({ message: expect.stringMatching(/\S/), hint: expect.stringContaining('npm run lab') })
  // By what it does: the file was found.
  expect(failed?.message).toContain('not yet')
  expect(failed?.trace?.[0]).toMatchObject({
    ms: expect.any(Number),
    from: expect.any(String),
    method: expect.any(String),
    fields: expect.any(Object),
  })
})

test('--verbose hands over all that happened in the scenarios of what fell short, and nothing else does', async () => {
  const { everything = [], scenarios } = firstFailed(await checkJson(['1', '--from', records, '--verbose'])) ?? {}
  expect(everything.map(({ scenario }) => scenario)).toEqual(scenarios)
  expect(everything[0]?.trace.map(({ method }) => method)).toEqual(expect.arrayContaining(['ask.open', 'told.settled']))
  expect(firstFailed(wrong)).not.toHaveProperty('everything')
})

test('a submission without the exercise has failed, and is told which file is missing', async () => {
  using other = new Submission({ '02-retrying-connection/exercise.ts': WRONG })
  const { report, code } = await checkJson(['1', '--tree', other.tree])
  expect(code).toBe(1)
  expect(report.lessons[0]?.expectations[0]).toMatchObject({
    misconception: 'file-missing',
    message: expect.stringContaining('exercise.ts'),
  })
})

test.each([
  ['a lesson that is not there', ['99'], /no lesson '99'/],
  ['an option that is not there', ['--frobnicate'], /frobnicate/],
  ['a broker that is not there', ['1', '--broker', 'kafka'], /no broker 'kafka'/],
  ['a tree that is not there', ['1', '--tree', 'no-such-folder'], /no-such-folder/],
  ['--all and a lesson', ['--all', '1'], /not both/],
])('bad usage is told with what to do, and exit code 2: %s', async (_title, args, said) => {
  const ran = await labCommand(['check', '--broker', 'embedded', ...args])
  expect(ran.code).toBe(2)
  expect(ran.stderr).toMatch(said)
  expect(ran.stderr.trimEnd().split('\n').length).toBeGreaterThan(1)
  const { report, code } = await checkJson(args)
  expect(code).toBe(2)
  expect(report).toMatchObject({ lessons: [], error: { message: expect.stringMatching(said) } })
})

test('recordings are kept, and judged again with neither broker nor exercise', async () => {
  expect(readdirSync(join(records, FIRST)).length).toBeGreaterThan(2)
  const judged = await checkJson(['1', '--from', records], {
    DOCKER_HOST: 'unix:///nowhere',
    LAB_HOME: join(folder, 'home'),
    PATH: '',
  })
  const verdicts = ({ report }: typeof wrong) =>
    report.lessons[0]?.expectations.map(({ title, verdict, message }) => ({ title, verdict, message }))
  expect(verdicts(judged)).toEqual(verdicts(wrong))
  expect(judged.code).toBe(1)
  expect(judged.report.broker).toEqual(wrong.report.broker)
})

test('JUnit has a suite a lesson and a case an expectation', () => {
  const xml = readFileSync(junit, 'utf8')
  const expectations = wrong.report.lessons[0]?.expectations ?? []
  expect(expectations.length).toBeGreaterThan(0)
  expect(xml.match(/<testcase /g)?.length).toBe(expectations.length)
  expect(xml.match(/<failure /g)?.length).toBe(expectations.filter((one) => one.verdict === 'failed').length)
})

test('where no broker can be had there is no verdict: exit code 2', async () => {
  const home = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))
  try {
    const { report, code } = await checkJson(['1', '--tree', 'solutions', '--broker', 'container'], {
      DOCKER_HOST: 'unix:///nowhere',
      LAB_HOME: home,
    })
    expect(code).toBe(2)
    expect(report).toMatchObject({ broker: null, lessons: [], error: { message: expect.stringMatching(/Docker/) } })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

test('the broker command prints a URL that a client can use, and ends on Ctrl-C', async () => {
  const running = startLab(['broker'])
  let printed = ''
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  await until('its URL', () => printed.split('\n').length > 2)
  const [url = ''] = printed.split('\n')
  const connection = await connect(url)
  connection.on('error', () => {})
  expect(connection.connection.serverProperties.product).not.toContain('RabbitMQ')
  running.kill('SIGINT')
  const [code] = await once(running, 'exit')
  expect(code).toBe(0)
})
