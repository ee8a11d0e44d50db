import { relative } from 'node:path'
import { dirname } from 'node:path/posix'
import { pathToFileURL } from 'node:url'
import { OUTCOME_WORDS } from '../../grade/outcome-words.ts'
import type { OverviewRow } from '../../grade/overview.ts'
import type { SubmissionRecord } from '../../grade/record.ts'
import type { Io } from '../../io.ts'
import { visible } from '../../text/visible.ts'

/** What was found where: a line a submission, what is missing in it, and what lies elsewhere than usual. */
export function foundText(records: Iterable<SubmissionRecord>, ignored: string[]): string {
  const lines = [...records].flatMap(({ id, from, notes, lessons, wanted }) => {
    const found = wanted.flatMap((lesson) => (lessons[lesson] ? [{ lesson, ...lessons[lesson] }] : []))
    const missing = wanted.filter((lesson) => lessons[lesson] === undefined)
    const what =
      missing.length === 0
        ? 'all lessons'
        : `${found.length} of ${wanted.length} lessons, missing ${missing.map(short).join(' ')}`
    const usual = found.filter(({ path, lesson }) => path.endsWith(`${lesson}/exercise.ts`))
    const bases = [...new Set(usual.map(({ path }) => dirname(dirname(path))))].filter((base) => base !== '.')
    const where = bases.length === 0 ? '' : `, in ${bases.map((base) => `${base}/`).join(' and ')}`
    const odd = found.flatMap(({ lesson, path, notes: own }) =>
      own.length === 0 && path.endsWith(`${lesson}/exercise.ts`)
        ? []
        : [`    ${short(lesson)} in ${[path, ...own].join('. ')}`],
    )
    const names = from === id ? '' : ` (${from})`
    return [`${id}${names}: ${what}${where}`, ...notes.map((note) => `    ${note}`), ...odd]
  })
  const left = ignored.length === 0 ? [] : [`Not a submission: ${ignored.join(', ')}`]
  return [...lines, ...left].map((line) => `${visible(line)}\n`).join('')
}

/** How the class did, and where the results are. Returns the exit code: 0 where every submission was judged. */
export function tellResults(
  out: string,
  rows: OverviewRow[],
  notice: string | undefined,
  here: string,
  io: Io,
): number {
  const cells = rows.flatMap((row) => row.cells)
  const counts = [...Map.groupBy(cells, ({ outcome }) => outcome)].map(
    ([outcome, all]) => `${all.length} ${OUTCOME_WORDS[outcome]}`,
  )
  const open = rows.filter((row) => row.open.length > 0)
  const shown = relative(here, out)
  const lines = [
    `${rows.length} ${rows.length === 1 ? 'submission' : 'submissions'}, ${cells.length} lessons: ${counts.join(', ')}.`,
    ...(open.length === 0
      ? []
      : [
          'Not judged, so without points (exports that need a score leave them out; run the command again to retry them):',
          ...open.map(({ id, open: lessons }) => `  ${id}: ${lessons.join(', ')}`),
        ]),
    ...(notice === undefined ? [] : [notice]),
    `The results are in ${shown.startsWith('..') ? out : `${shown}/`}: ${pathToFileURL(`${out}/index.html`)}`,
  ]
  io.stdout.write(lines.map((line) => `${visible(line)}\n`).join(''))
  return open.length === 0 ? 0 : 2
}

function short(lesson: string): string {
  return lesson.slice(0, 2)
}
