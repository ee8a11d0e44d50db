import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeClass } from '../authors/class.ts'
import { ownEnvironment } from '../bench/measure.ts'
import { besides, type Row } from '../bench/rows.ts'
import { startEmbedded } from '../embedded/embedded.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { obviousDesign } from './obvious-design.ts'

const START = join(ROOT, 'lab', 'start.mjs')
const LESSONS = 7
const STUDENTS = 20
const MANY_STUDENTS = 200
/** With graders at a queue. */
const FEWER_STUDENTS = 3
/** For the memory, one short lesson. */
const MEMORY_LESSON = '1'
const LOOK_EVERY_MS = 100

/** A submission of a class, beside one (a sample: the solutions) that is judged by the obvious design. */
export function classes(broker: string, times: number): Promise<Row[]> {
  return inFolder(async (folder) => {
    const dir = join(folder, 'class')
    await writeClass(dir, { students: STUDENTS, lessons: LESSONS })
    const lessons = (await catalogue(ROOT)).slice(0, LESSONS)
    let nth = 0
    const a = () => obviousDesign(lessons, join(ROOT, 'solutions'))
    const b = async () => {
      const began = performance.now()
      const more = ['--lessons', `1-${LESSONS}`, '--broker', broker]
      await ended(startLab(['grade', dir, '--out', join(folder, `grades-${nth++}`), ...more]))
      return (performance.now() - began) / STUDENTS
    }
    const what = `a submission, lessons 01 to 0${LESSONS}: a container in every check file / in a class of ${STUDENTS}, sandboxed, ${broker}`
    return [await besides(what, a, b, times, 'ms', 'at least 20')]
  })
}

/** A class with one grader and with two: each takes what it has room for, or one lesson at a time. */
export async function graders(broker: string, times: number): Promise<Row[]> {
  return [await twoGraders(broker, times, undefined), await twoGraders(broker, times, 1)]
}

function twoGraders(broker: string, times: number, room: number | undefined): Promise<Row> {
  return inFolder(async (folder) => {
    const dir = join(folder, 'class')
    await writeClass(dir, { students: FEWER_STUDENTS, lessons: LESSONS })
    let nth = 0
    const withGraders = (count: number) => async () => {
      const user = { name: 'grade', password: 'bench', vhosts: ['grading'] }
      await using queue = await startEmbedded({ vhosts: ['grading'], users: [user] })
      const url = `amqp://grade:bench@127.0.0.1:${queue.port}/grading`
      const more = room === undefined ? [] : ['--room', String(room)]
      const all = Array.from({ length: count }, () => startLab(['grader', '--queue', url, ...more]))
      await Promise.all(all.map(ready))
      const began = performance.now()
      const asked = ['--lessons', `1-${LESSONS}`, '--broker', broker, '--queue', url]
      await ended(startLab(['grade', dir, '--out', join(folder, `grades-${nth++}`), ...asked]))
      const ms = performance.now() - began
      const gone = all.map(ended)
      for (const grader of all) grader.kill('SIGTERM')
      await Promise.all(gone)
      return ms
    }
    const each = room === undefined ? 'as many lessons at a time as each has room for' : 'one lesson at a time each'
    const what = `a class of ${FEWER_STUDENTS}, lessons 01 to 0${LESSONS}: one grader / two, ${each}`
    return await besides(what, withGraders(1), withGraders(2), times, 'ms', 'at least 1.5')
  })
}

/** The most memory that `grade` itself has had. What it starts is the same for each check. */
export function memory(): Promise<Row[]> {
  return inFolder(async (folder) => {
    const most = async (students: number) => {
      const dir = join(folder, `class-of-${students}`)
      await writeClass(dir, { students, lessons: Number(MEMORY_LESSON) })
      const how = ['--lessons', MEMORY_LESSON, '--broker', 'embedded', '--sandbox', 'none']
      const grade = startLab(['grade', dir, '--out', join(folder, `grades-of-${students}`), ...how])
      let megabytes = 0
      const timer = setInterval(() => {
        megabytes = peakMegabytes(Number(grade.pid)) ?? megabytes
      }, LOOK_EVERY_MS)
      await ended(grade)
      clearInterval(timer)
      return megabytes
    }
    const what = `memory of grade, lesson 0${MEMORY_LESSON}: ${MANY_STUDENTS} submissions / ${STUDENTS}`
    const many = () => most(MANY_STUDENTS)
    return [await besides(what, many, () => most(STUDENTS), 1, 'MB', 'at most 1.2')]
  })
}

async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cluster-up-bench-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Undefined where it has ended. */
function peakMegabytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
  } catch {
    return undefined
  }
}

function startLab(args: string[]): ChildProcess {
  return spawn(process.execPath, [START, ...args], {
    cwd: ROOT,
    env: ownEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/** A grader says what it takes as soon as it can. */
async function ready({ stderr }: ChildProcess): Promise<void> {
  if (stderr === null) return
  const lines = createInterface({ input: stderr })
  await new Promise<void>((resolve) => lines.on('line', (line) => line.startsWith('Judging up to') && resolve()))
}

/** @throws when it can't have done what it should */
function ended(child: ChildProcess): Promise<void> {
  child.stderr?.resume()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${child.spawnargs.join(' ')}: ${code}`))))
  })
}
