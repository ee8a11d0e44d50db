import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEmbedded } from '../../lab/embedded/embedded.ts'
import { LabHashes } from '../../lab/grade/queue/lab-hashes.ts'
import { queueNames } from '../../lab/grade/queue/queues.ts'
import { lessons as catalogue } from '../../lab/lessons/catalogue.ts'
import { random } from '../../lab/random.ts'
import { ROOT } from '../../lab/root.ts'
import { makeRoot, removeRoot } from '../broker/ground.ts'
import { labCommand, startLab } from '../check/lab.ts'
import { openReal, realBrokers } from '../conformance/rabbitmq.ts'
import { FIRST, GRADE, outcomesIn, THIRD } from './a-class.ts'
import { Folder } from './zips.ts'

/**
 * A class is graded over a queue while graders and the coordinator are killed and the broker restarts, on the embedded broker
 * and on each RabbitMQ that is here.
 *
 *   LAB_TEST_KILLS=50 LAB_TEST_BROKERS=native,container npx vitest run test/grade/queue.long.test.ts
 */

const LIMIT_MS = 1_800_000
const GRADERS = 3
const KILLS = Number(process.env.LAB_TEST_KILLS ?? 20)
/** Of the coordinator. */
const CLASS_KILLS = Math.ceil(KILLS / 5)
const RESTARTS = Math.ceil(KILLS / 10)
const STUDENTS = 10
const SEED = 14

interface QueueBroker extends AsyncDisposable {
  url: string
  restart(): Promise<void>
}

/** Every other one is right; each has content of its own, so each is a task. */
function writeStudents(folder: Folder): string {
  for (let nth = 0; nth < STUDENTS; nth++) {
    for (const lesson of [FIRST, THIRD]) {
      const solution = readFileSync(join(ROOT, 'solutions', lesson, 'exercise.ts'), 'utf8')
      const text = nth % 2 === 0 ? solution : solution.replace('durable: true', 'durable: false')
      const file = folder.at('class', `student-${nth}`, lesson, 'exercise.ts')
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `${text}\n// ${nth}\n`)
    }
  }
  return folder.at('class')
}

/** Graders, each in a process group of its own. Told of each task that one begins; one that is killed is replaced. */
class Graders implements AsyncDisposable {
  kills = 0
  readonly #url: string
  readonly #onBegun: (kill: () => void) => void
  readonly #ended = new Set<Promise<unknown>>()
  readonly #pids = new Set<number>()
  #isOver = false

  constructor(url: string, onBegun: (kill: () => void) => void) {
    this.#url = url
    this.#onBegun = onBegun
    for (let nth = 0; nth < GRADERS; nth++) this.#start()
  }

  #start(): void {
    const args = [join(ROOT, 'lab', 'start.mjs'), 'grader', '--queue', this.#url, '--sandbox', 'none', '--room', '2']
    const child = spawn(process.execPath, args, { cwd: ROOT, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    const pid = Number(child.pid)
    this.#pids.add(pid)
    const kill = () => {
      if (!this.#pids.delete(pid)) return
      this.kills++
      process.kill(-pid, 'SIGKILL')
    }
    createInterface({ input: child.stderr }).on('line', (line) => {
      if (line.endsWith(': begun')) this.#onBegun(kill)
    })
    const ended = new Promise((resolve) => child.once('exit', resolve)).then(() => {
      this.#pids.delete(pid)
      this.#ended.delete(ended)
      if (!this.#isOver) this.#start()
    })
    this.#ended.add(ended)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    for (const pid of this.#pids) process.kill(pid, 'SIGTERM')
    await Promise.all(this.#ended)
  }
}

async function embeddedQueue(): Promise<QueueBroker> {
  const user = { name: 'grade', password: 'secret', vhosts: ['grading'] }
  const broker = await startEmbedded({ vhosts: ['grading'], users: [user] })
  return {
    url: `amqp://grade:secret@127.0.0.1:${broker.port}/grading`,
    restart: () => broker.restart(),
    [Symbol.asyncDispose]: () => broker.stop(),
  }
}

async function realQueue(real: Awaited<ReturnType<typeof realBrokers>>[number]): Promise<QueueBroker> {
  const root = makeRoot()
  const ground = await openReal(real, root)
  const vhost = await ground.openVhost()
  return {
    url: vhost.url(),
    async restart() {
      await using turn = await ground.turn()
      await turn.restart()
    },
    async [Symbol.asyncDispose]() {
      await vhost[Symbol.asyncDispose]()
      await ground[Symbol.asyncDispose]()
      await removeRoot(root)
    },
  }
}

async function names(): Promise<ReturnType<typeof queueNames>> {
  const all = (await catalogue(ROOT)).map(({ name }) => name)
  return queueNames(new LabHashes(ROOT, all).version)
}

/** As on a server that has no quorum queues. */
async function withClassicQueues(open: () => Promise<QueueBroker>): Promise<QueueBroker> {
  const broker = await open()
  const { tasks, alone, dead } = await names()
  const connection = await connect(broker.url)
  const channel = await connection.createChannel()
  await channel.assertQueue(dead, { durable: true })
  for (const queue of [tasks, alone]) {
    await channel.assertQueue(queue, { durable: true, deadLetterExchange: '', deadLetterRoutingKey: dead })
  }
  await connection.close()
  return broker
}

/** What is in the queues of the tasks. */
async function depths(url: string): Promise<number[]> {
  const { tasks, alone } = await names()
  const connection = await connect(url)
  try {
    const channel = await connection.createChannel()
    const found = await Promise.all([tasks, alone].map((queue) => channel.checkQueue(queue)))
    return found.map(({ messageCount }) => messageCount)
  } finally {
    await connection.close()
  }
}

const reals = await realBrokers()

describe('graders and the coordinator are killed, the broker restarts', () => {
  const folder = new Folder()
  let dir: string
  let expected: ReturnType<typeof outcomesIn>
  beforeAll(async () => {
    dir = writeStudents(folder)
    const without = folder.at('without')
    expect((await labCommand(['grade', dir, '--out', without, ...GRADE, '--sandbox', 'none'])).code).toBe(0)
    expected = outcomesIn(without)
  })
  afterAll(() => folder[Symbol.dispose]())

  const queues: [string, () => Promise<QueueBroker>][] = [
    ['embedded', embeddedQueue],
    ...reals.map((real): [string, () => Promise<QueueBroker>] => [real.image ?? real.kind, () => realQueue(real)]),
  ]
  const native = reals.find(({ kind }) => kind === 'native')
  if (native) queues.push(['native, with classic queues', () => withClassicQueues(() => realQueue(native))])
  test.each(queues)(
    'on %s nothing is lost, nothing double, and the grades are those without a queue',
    async (name, open) => {
      await using broker = await open()
      const below = random(SEED)
      const restarts: Promise<void>[] = []
      let coordinator: ChildProcess | undefined
      let classKills = 0
      await using graders = new Graders(broker.url, (kill) => {
        if (isDue(classKills, CLASS_KILLS) && coordinator?.kill('SIGKILL')) classKills++
        if (graders.kills >= KILLS || below(2) === 0) return
        kill()
        if (isDue(restarts.length, RESTARTS)) restarts.push(broker.restart())
      })
      /** The others are spread over the kills of graders. */
      function isDue(done: number, of: number): boolean {
        return done < of && done < (graders.kills * of) / KILLS
      }
      // A class is graded as often as it takes to kill so many: each time from nothing, and again where a task was a dead letter.
      for (let nth = 0; graders.kills < KILLS || classKills < CLASS_KILLS; nth++) {
        const out = folder.at(`${name.replaceAll(/\W/g, '-')}-${nth}`)
        const grade = () => {
          const child = startLab(['grade', dir, '--out', out, ...GRADE, '--queue', broker.url])
          coordinator = child
          let text = ''
          for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
          return new Promise<{ code: number | null; text: string }>((resolve) =>
            child.once('close', (code) => resolve({ code, text })),
          )
        }
        let ran = await grade()
        while (ran.code === 2 || ran.code === null) ran = await grade()
        expect(ran.code, ran.text).toBe(0)
        expect(ran.text).toContain('without a sandbox')
        expect(ran.text).not.toContain(new URL(broker.url).password)
        expect(outcomesIn(out)).toEqual(expected)
      }
      await Promise.all(restarts)
      expect(restarts).toHaveLength(RESTARTS)
      expect(classKills).toBe(CLASS_KILLS)
      expect(await depths(broker.url)).toEqual([0, 0])
    },
    LIMIT_MS,
  )
})
