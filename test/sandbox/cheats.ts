import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadCheck } from '../../lab/check/load.ts'
import { Session } from '../../lab/check/session.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import type { Recording } from '../../lab/recording/recording.ts'
import { ROOT } from '../../lab/root.ts'
import { findSandbox, probeSandboxes } from '../../lab/sandbox/find.ts'

/** An exercise that tries to pass without the work, or to reach what it must not: `cheats/NN-slug/NAME.ts`. */
export interface Cheat {
  lesson: string
  name: string
  path: string
  tries: string
  /** Never run as a process of the lab's own user: it would harm more than the lab. */
  onlyInSandbox: boolean
  /** Why it may reach something, or pass, where there is no sandbox. */
  without: string | undefined
  /** Nothing can tell it from honest work. */
  passes: boolean
}

export type Way = 'none' | 'bubblewrap' | 'docker'

export interface Outcome {
  verdict: string
  /** What it said that it has reached. */
  reached: string[]
}

const FOLDER = join(ROOT, 'cheats')
/** Some of them never end by themselves. */
const LIMIT_MS = 20_000
const exports = Object.fromEntries((await lessons(ROOT)).map((lesson) => [lesson.name, lesson.exports]))

export function allCheats(): Cheat[] {
  return readdirSync(FOLDER).flatMap((lesson) =>
    readdirSync(join(FOLDER, lesson))
      .filter((name) => name.endsWith('.ts'))
      .map((file) => readCheat(lesson, file)),
  )
}

/** The ways in which code can be run here. */
export async function waysHere(): Promise<Way[]> {
  const found = (await probeSandboxes()).flatMap(({ kind, probe }) => (probe.found ? [kind] : []))
  return ['none', ...found]
}

export async function openSession(way: Way): Promise<Session> {
  const sandbox = await findSandbox(way)
  return new Session({ root: ROOT, broker: { kind: 'embedded' }, exports, sandbox })
}

/** Judges a cheat as somebody's submission. Where the first expectation catches it, the others would only take time. */
export async function outcomeOf(cheat: Cheat, session: Session): Promise<Outcome> {
  const { expectations } = await loadCheck(cheat.lesson, ROOT)
  const first = await judged(cheat, session, expectations.slice(0, 1))
  if (first.verdict === 'failed') return first
  const { verdict, reached } = await judged(cheat, session)
  return { verdict, reached: [...new Set([...first.reached, ...reached])] }
}

async function judged({ lesson, path }: Cheat, session: Session, expectations: { title: string }[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-cheat-'))
  try {
    const [tree, record] = [join(folder, 'tree'), join(folder, 'kept')]
    mkdirSync(join(tree, lesson), { recursive: true })
    copyFileSync(path, join(tree, lesson, 'exercise.ts'))
    const only = expectations.map(({ title }) => title)
    const { lessons } = await session.check({
      lessons: [lesson],
      tree,
      record,
      only,
      limitMs: LIMIT_MS,
      directly: true,
    })
    const recordings = filesIn(join(record, lesson)).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Recording)
    const printed = recordings.flatMap(({ events }) =>
      events.flatMap((event) => (event.kind === 'process' && event.text !== undefined ? [event.text] : [])),
    )
    const reached = printed.filter((text) => text.startsWith('REACHED: '))
    return { verdict: lessons[0]?.verdict ?? 'none', reached: [...new Set(reached)] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name))
  } catch {
    return []
  }
}

function readCheat(lesson: string, file: string): Cheat {
  const path = join(FOLDER, lesson, file)
  const text = readFileSync(path, 'utf8')
  const header = (name: string) => new RegExp(`^// ${name}: (.*)$`, 'm').exec(text)?.[1]
  return {
    lesson,
    name: file.replace(/\.ts$/, ''),
    path,
    tries: header('tries') ?? '',
    onlyInSandbox: header('only') === 'in a sandbox',
    without: header('without a sandbox'),
    passes: header('verdict')?.startsWith('passed') ?? false,
  }
}
