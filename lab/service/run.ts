import { createInterface } from 'node:readline/promises'
import { pathToFileURL } from 'node:url'
import type { Broker } from '../broker/broker.ts'
import { Observer } from '../check/observer.ts'
import { Recorder } from '../recording/recorder.ts'
import type { Setting } from '../student/protocol.ts'
import { startStudent } from '../student/student.ts'

export interface RunOptions {
  broker: Broker
  /** The program's file. */
  file: string
  setting: Pick<Setting, 'exports' | 'lesson'> & { root: string; tree: string }
  stdin: NodeJS.ReadableStream
  stdout: NodeJS.WritableStream
  /** Ctrl-C: the program gets SIGINT, as it would in a terminal of its own. */
  signal: AbortSignal
}

const QUEUE = 'task_queue'
/** After SIGINT a program that does not end is ended. */
const LAST_MOMENTS_MS = 5000

/**
 * Runs the student's service against the broker, in a virtual host of its own. Each line that is typed becomes a task.
 *
 *   keyboard ──▶ task_queue ──▶ the program ──▶ what it prints
 */
export async function runService(options: RunOptions): Promise<void> {
  const { broker, file, setting, stdin, stdout, signal } = options
  const folder = (path: string) => `${pathToFileURL(path).href}/`
  const recorder = new Recorder()
  await using vhost = await broker.openVhost()
  const observer = new Observer(vhost.url(), recorder)
  const say = (text: string) => stdout.write(`${text}\n`)
  recorder.listen((event) => {
    if (event.kind === 'process' && event.text !== undefined) say(`  | ${event.text}`)
    if (event.kind === 'finding') say(`${event.sentence}${event.detail === undefined ? '' : `\n${event.detail}`}`)
  })
  say('Your service runs. Type a task and press Enter; each dot is a second of work. Ctrl-C ends it.')
  await using program = await startStudent({
    recorder,
    number: 1,
    exercise: file,
    setting: {
      lab: folder(setting.root),
      tree: folder(setting.tree),
      solutions: folder(`${setting.root}/solutions`),
      exports: setting.exports,
      solutionsOnly: false,
      lesson: setting.lesson,
    },
    env: { AMQP_URL: vhost.url(), QUEUE, PREFETCH: '1', RETRY_DELAY_MS: '1000', DOT_MS: '1000' },
    guard: (pid) => broker.guard(pid),
    unguard: (pid) => broker.unguard(pid),
  })
  const lines = createInterface({ input: stdin, terminal: false })
  lines.on('line', (task) => {
    if (task === '') return
    // The queue may not be there yet: a publisher must not need to know that.
    const publish = async () => {
      await observer.declare(QUEUE, { durable: true })
      await observer.publish(QUEUE, [task])
    }
    publish().catch((error: Error) => say(`The task could not be published: ${error.message}`))
  })
  const ended = program.ends({ limitMs: 24 * 3600_000 })
  const stop = () => {
    program.mayEnd()
    program.signal('SIGINT')
    setTimeout(() => void program.kill(), LAST_MOMENTS_MS).unref()
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const event = await ended
    if (event.kind === 'process')
      say(`It ended with ${event.signal ? `signal ${event.signal}` : `exit code ${event.code}`}.`)
  } finally {
    signal.removeEventListener('abort', stop)
    lines.close()
    await observer.close()
  }
}
