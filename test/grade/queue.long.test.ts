import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { startEmbedded } from '../../lab/embedded/embedded.ts'
import { random } from '../../lab/random.ts'
import { ROOT } from '../../lab/root.ts'
import { labCommand } from '../check/lab.ts'
import { FIRST, GRADE, outcomesIn, THIRD } from './a-class.ts'
import { Folder } from './zips.ts'

const LIMIT_MS = 1_800_000
const GRADERS = 3
const KILLS = Number(process.env.LAB_TEST_KILLS ?? 50)
const RESTART_EVERY = 10
const STUDENTS = 24
const SEED = 14

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

test(
  'graders are killed and the broker restarts: nothing lost, nothing double, the same grades as without a queue',
  async () => {
    using folder = new Folder()
    const dir = writeStudents(folder)
    const without = folder.at('without')
    expect((await labCommand(['grade', dir, '--out', without, ...GRADE, '--sandbox', 'none'])).code).toBe(0)

    const user = { name: 'grade', password: 'secret', vhosts: ['grading'] }
    await using broker = await startEmbedded({ vhosts: ['grading'], users: [user] })
    const url = `amqp://grade:secret@127.0.0.1:${broker.port}/grading`
    const below = random(SEED)
    const restarts: Promise<void>[] = []
    await using graders = new Graders(url, (kill) => {
      if (graders.kills >= KILLS || below(2) === 0) return
      kill()
      if (graders.kills % RESTART_EVERY === 0) restarts.push(broker.restart())
    })
    // A class is graded as often as it takes to kill so many: each time from nothing, and again where a task was a dead letter.
    for (let nth = 0; graders.kills < KILLS; nth++) {
      const out = folder.at(`queue-${nth}`)
      const grade = () => labCommand(['grade', dir, '--out', out, ...GRADE, '--queue', url])
      let ran = await grade()
      while (ran.code === 2) {
        expect(ran.stdout).toContain('Not judged')
        ran = await grade()
      }
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('without a sandbox') })
      expect(`${ran.stdout}${ran.stderr}`).not.toContain('secret')
      expect(outcomesIn(out)).toEqual(outcomesIn(without))
    }
    await Promise.all(restarts)
    expect(restarts.length).toBe(Math.floor(KILLS / RESTART_EVERY))
    const left = broker.queues('grading').filter(({ name }) => !name.endsWith('.dead'))
    expect(left.map(({ name }) => name.replace(/.*\./, '')).toSorted()).toEqual(['alone', 'tasks'])
  },
  LIMIT_MS,
)
