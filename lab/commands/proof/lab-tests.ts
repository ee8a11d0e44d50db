import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ROOT } from '../../root.ts'
import type { BrokerToProve } from './brokers.ts'
import type { FromTests } from './reporter.ts'
import type { Tally } from './tally.ts'

/** The end of the name of a test file that takes long, or needs more than the embedded broker. */
const LONG = '.long.test.ts'
const LAST_LINES = 40

export interface LabTestsOptions {
  /** Those that take long, and no others; else all but these. */
  long: boolean
  /** Those of the proof: the tests run on their RabbitMQs, and on no others. */
  brokers: BrokerToProve[]
  env: NodeJS.ProcessEnv
  tally: Tally
}

/** The tests that take long. */
export function longTests(): string[] {
  return globSync(`test/**/*${LONG}`, { cwd: ROOT }).sort()
}

/** The tests of lab/ itself: plain vitest, in a process of its own. */
export async function labTests({ long, brokers, env, tally }: LabTestsOptions): Promise<void> {
  const image = brokers.findLast((broker) => broker.image !== undefined)?.image
  const named = brokers.map((broker) => (broker.image === undefined ? broker.kind : `${broker.kind}=${broker.image}`))
  const which = long ? [LONG] : ['--exclude', `**/*${LONG}`]
  const vitest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...which,
      `--reporter=${join(import.meta.dirname, 'reporter.ts')}`,
    ],
    {
      cwd: ROOT,
      env: { ...env, ...(image && { LAB_RABBITMQ_IMAGE: image }), LAB_TEST_BROKERS: named.join(',') || 'embedded' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  )
  let printed: string[] = []
  for (const stream of [vitest.stdout, vitest.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = [...printed, ...text.split('\n')].slice(-LAST_LINES)
    })
  }

  /** By folder of test/. */
  const folders = new Map<string, { left: number; passed: number; failed: number }>()
  let failures = 0
  const fail = (what: string, why: string) => {
    failures++
    tally.fail(what, why)
  }
  vitest.on('message', (message: FromTests) => {
    if ('files' in message) {
      for (const file of message.files) {
        const folder = folderOf(file)
        const { left = 0 } = folders.get(folder) ?? {}
        folders.set(folder, { left: left + 1, passed: 0, failed: 0 })
      }
    } else if ('file' in message) {
      const path = relative(ROOT, message.file)
      for (const { name, why } of message.failures) fail([path, name].join(': '), why)
      tally.pass(message.passed)
      const folder = folders.get(folderOf(message.file)) ?? { left: 0, passed: 0, failed: 0 }
      folder.passed += message.passed
      folder.failed += message.failures.length
      if (--folder.left === 0) {
        tally.decided(`tests: ${folderOf(message.file)}`, folder.passed + folder.failed, folder.failed)
      }
    } else {
      for (const why of message.failures) fail('the tests of lab/: an error outside of them', why)
    }
  })
  const [[code]] = await Promise.all([once(vitest, 'close'), once(vitest, 'disconnect')])
  // A run that ended badly without a failed test (a worker that died) has failed all the same.
  if (code !== 0 && failures === 0) {
    fail(`the tests of lab/ ended with exit code ${code}, though no test failed`, printed.join('\n'))
  }
}

/** 'test/amqp' */
function folderOf(file: string): string {
  return relative(ROOT, file).split(/[\\/]/).slice(0, 2).join('/')
}
