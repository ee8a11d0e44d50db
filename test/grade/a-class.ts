import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { ROOT } from '../../lab/root.ts'
import { type Folder, zipOf } from './zips.ts'

export const FIRST = '01-first-connection'
export const THIRD = '03-durable-queue'
/** How a class of the tests is graded: the lab's own broker, two short lessons. */
export const GRADE = ['--broker', 'embedded', '--lessons', '1,3']

const solution = (lesson: string) => readFileSync(join(ROOT, 'solutions', lesson, 'exercise.ts'), 'utf8')
const starter = (lesson: string) => readFileSync(join(ROOT, 'lessons', lesson, 'starter.ts'), 'utf8')

/** What each student of a small mixed class handed in, by path. */
function mixed(): Record<string, string | Uint8Array> {
  return {
    [`right/${FIRST}/exercise.ts`]: solution(FIRST),
    [`right/${THIRD}/exercise.ts`]: solution(THIRD),
    [`windows/lessons/${FIRST}/exercise.ts`]: `\ufeff${solution(FIRST).replaceAll('\n', '\r\n')}`,
    [`windows/lessons/${THIRD}/exercise.ts`]: solution(THIRD),
    'zipped.zip': zipOf({ 'my work/1/exercise.ts': solution(FIRST), 'my work/3/exercise.ts': solution(THIRD) }),
    [`in-starter/${FIRST}/starter.ts`]: solution(FIRST),
    [`in-starter/${THIRD}/exercise.ts`]: starter(THIRD),
    [`wrong/${FIRST}/exercise.ts`]: solution(FIRST),
    [`wrong/${THIRD}/exercise.ts`]: solution(THIRD).replace('durable: true', 'durable: false'),
    [`broken/${FIRST}/exercise.ts`]: 'export function openConnection( {\n',
    [`endless/${FIRST}/exercise.ts`]: 'while (true) {}\nexport function openConnection() {}\n',
    'empty/readme.md': 'I was ill.',
  }
}

export const OUTCOMES = {
  broken: { [FIRST]: 'failed', [THIRD]: 'missing' },
  empty: { [FIRST]: 'missing', [THIRD]: 'missing' },
  endless: { [FIRST]: 'failed', [THIRD]: 'missing' },
  'in-starter': { [FIRST]: 'passed', [THIRD]: 'failed' },
  right: { [FIRST]: 'passed', [THIRD]: 'passed' },
  windows: { [FIRST]: 'passed', [THIRD]: 'passed' },
  wrong: { [FIRST]: 'passed', [THIRD]: 'failed' },
  zipped: { [FIRST]: 'passed', [THIRD]: 'passed' },
}

/** Writes the class, or some of it, into a folder. */
export function writeClass(folder: Folder, ids: string[] = Object.keys(OUTCOMES)): string {
  for (const [path, content] of Object.entries(mixed())) {
    if (!ids.includes(path.split(/[/.]/)[0] ?? '')) continue
    const file = folder.at('class', path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return folder.at('class')
}

export interface Grades {
  students: {
    id: string
    points: number
    lessons: {
      lesson: string
      outcome: string
      points: number | null
      judged: { at: string; sandbox: string } | null
      earlier?: { why: string }
    }[]
  }[]
}

export function gradesIn(out: string): Grades {
  return JSON.parse(readFileSync(join(out, 'grades.json'), 'utf8')) as Grades
}

/** By student and lesson. */
export function outcomesIn(out: string): Record<string, Record<string, string>> {
  return Object.fromEntries(
    gradesIn(out).students.map(({ id, lessons }) => [
      id,
      Object.fromEntries(lessons.map(({ lesson, outcome }) => [lesson, outcome])),
    ]),
  )
}

export function csvIn(out: string, name: string): Record<string, string>[] {
  return parse(readFileSync(join(out, name), 'utf8'), { columns: true })
}
