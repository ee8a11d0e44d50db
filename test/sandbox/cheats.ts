import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Session } from '../../lab/check/session.ts'
import { lessons } from '../../lab/lessons/catalogue.ts'
import { findings } from '../../lab/recording/ask.ts'
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
  findings: string[]
  messages: string[]
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

/** Judges a cheat as somebody's submission. */
export async function outcomeOf({ lesson, path }: Cheat, session: Session): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-up-cheat-'))
  try {
    const tree = join(folder, 'tree')
    mkdirSync(join(tree, lesson), { recursive: true })
    copyFileSync(path, join(tree, lesson, 'exercise.ts'))
    return await outcomeOfTree(lesson, tree, session, join(folder, 'kept'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function outcomeOfTree(lesson: string, tree: string, session: Session, record: string): Promise<Outcome> {
  const wanted = { lessons: [lesson], tree, record, limitMs: LIMIT_MS, directly: true }
  const { lessons: judged } = await session.check(wanted)
  const folder = join(record, lesson)
  const recordings = filesIn(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recording)
  const printed = recordings.flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'process' && event.text !== undefined ? [event.text] : [])),
  )
  return {
    verdict: judged[0]?.verdict ?? 'none',
    reached: [...new Set(printed.filter((text) => text.startsWith('REACHED: ')))],
    findings: [...new Set(recordings.flatMap(findings).map(({ id }) => id))],
    messages: [...new Set(judged.flatMap(({ expectations }) => expectations.map(({ message }) => message ?? '')))],
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
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
