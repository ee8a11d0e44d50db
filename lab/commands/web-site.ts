import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { mistakesOf } from '../authors/mistakes.ts'
import type { KindName } from '../broker/kinds/kind.ts'
import { Session } from '../check/session.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { ROOT } from '../root.ts'
import { sitePages } from '../web/site.ts'
import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import { SeenRecordings } from './check-page.ts'
import { startingLine } from './starting.ts'

/** Writes all lessons as a site into a folder. Exit code 0. */
export async function writeSite(folder: string, broker: 'auto' | KindName, io: Io): Promise<number> {
  if (studentEdition(ROOT))
    throw new LabError('no-mistakes', 'A site shows mistakes, and this edition has none.', { advice: NO_SOLUTIONS })
  const all = await catalogue(ROOT)
  const seen = await classicMistakes(all, broker, io)
  const pages = await sitePages(all, seen)
  try {
    for (const [path, page] of pages) {
      const file = join(folder, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, page)
    }
  } catch (error) {
    throw new LabError('not-written', `The site can't be written: ${(error as Error).message}.`, {
      advice: 'Give another folder after --static.',
      cause: error,
    })
  }
  for (const { name } of all) {
    if (!seen.has(name)) io.stdout.write(`${name} has no mistake to show: this broker can't play what it needs.\n`)
  }
  io.stdout.write(`The site is in ${folder}\nOpen it in a browser: ${pathToFileURL(join(folder, 'index.html'))}\n`)
  return 0
}

/** Judges the classic mistake of each lesson. @returns by lesson: the page of what was recorded, where it failed as it should */
async function classicMistakes(all: Lesson[], broker: 'auto' | KindName, io: Io): Promise<Map<string, string>> {
  const starting = startingLine(io.stderr)
  await using seen = await SeenRecordings.open(null)
  await using session = new Session({
    root: ROOT,
    broker: { kind: broker },
    exports: Object.fromEntries(all.map(({ name, exports }) => [name, exports])),
    onStarting: starting.show,
  })
  const tree = await mkdtemp(join(tmpdir(), 'cluster-up-site-'))
  try {
    const names = []
    for (const { name } of all) {
      const mistake = (await mistakesOf(ROOT, name)).find(({ classic }) => classic)
      if (mistake === undefined) continue
      names.push(name)
      await mkdir(join(tree, name))
      await writeFile(join(tree, name, 'exercise.ts'), mistake.source)
    }
    await session.broker
    starting.end()
    io.stderr.write('The lab is playing a mistake from each lesson.\n')
    const { lessons, broker } = await session.check({ lessons: names, tree, record: seen.folder })
    const pages = new Map<string, string>()
    for (const report of lessons) {
      if (report.verdict === 'failed')
        pages.set(report.lesson, await seen.page({ lessons: [report], broker }, all, { firstFailureOnly: true }))
    }
    return pages
  } finally {
    await rm(tree, { recursive: true, force: true })
  }
}
