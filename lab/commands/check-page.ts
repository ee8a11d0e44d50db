import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keptIfThere } from '../check/kept.ts'
import { loadCheck } from '../check/load.ts'
import { brokerLine, verdictLine } from '../compare/verdict.ts'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import type { CheckReport, LessonReport } from '../report/report.ts'
import { ROOT } from '../root.ts'
import { capitalised } from '../text/wrap.ts'
import { type Heading, viewerPage } from '../viewer/page.ts'
import type { Show } from '../viewer/shared/film.ts'
import { showsTogether } from '../viewer/show.ts'
import { showOfCheck } from './show-of-check.ts'

/** The recordings of a check, as long as its page is made of them. */
export class SeenRecordings implements AsyncDisposable {
  readonly folder: string
  /** The check has to keep its recordings here: nobody else asked for them. */
  readonly isKept: boolean

  private constructor(folder: string, isKept: boolean) {
    this.folder = folder
    this.isKept = isKept
  }

  /** @param folder where they are, or will be, anyway; null: nowhere */
  static async open(folder: string | null): Promise<SeenRecordings> {
    if (folder !== null) return new SeenRecordings(folder, false)
    return new SeenRecordings(await mkdtemp(join(tmpdir(), 'cluster-up-seen-')), true)
  }

  /**
   * A page that steps through what was recorded of each lesson, with its expectations on the same axis.
   *
   * @param firstFailureOnly leave out all but the first expectation that failed, with its scenarios
   */
  async page(
    { lessons, broker }: Pick<CheckReport, 'lessons' | 'broker'>,
    all: Lesson[],
    { firstFailureOnly = false } = {},
  ): Promise<string> {
    const { heading, show } = await this.seen({ lessons, broker }, all, { firstFailureOnly })
    return viewerPage(heading, show)
  }

  /** What that page is made of. */
  async seen(
    { lessons, broker }: Pick<CheckReport, 'lessons' | 'broker'>,
    all: Lesson[],
    { firstFailureOnly = false } = {},
  ): Promise<{ heading: Heading; show: Show }> {
    const isSingle = lessons.length === 1
    const shows = await Promise.all(
      lessons.map((report) => {
        const lesson = all.find(({ name }) => name === report.lesson)
        const before = isSingle || !lesson ? '' : `${shortName(lesson)}: `
        return this.#show(report, before, firstFailureOnly)
      }),
    )
    const titles = lessons.map(({ lesson }) => {
      const found = all.find(({ name }) => name === lesson)
      return found ? `${shortName(found)} ${found.title}` : lesson
    })
    const lines = lessons.map((report, i) =>
      isSingle ? capitalised(verdictLine(report)) : `${titles[i]}: ${verdictLine(report)}`,
    )
    const title = isSingle ? (titles[0] ?? '') : 'What happened'
    return { heading: { title, lines: [...lines, brokerLine(broker) ?? ''] }, show: showsTogether(shows) }
  }

  async #show({ lesson, expectations }: LessonReport, before: string, firstFailureOnly: boolean): Promise<Show> {
    const failed = expectations.filter(({ verdict }) => verdict === 'failed')
    const shown = firstFailureOnly ? failed.slice(0, 1) : expectations
    const scenarios = new Set(shown.flatMap(({ scenarios = [] }) => scenarios))
    const check = await loadCheck(lesson, ROOT)
    const recordingOf = (scenario: string) => keptIfThere(this.folder, lesson, scenario)
    const isShown = (scenario: string) => !firstFailureOnly || scenarios.has(scenario)
    return showOfCheck(check, shown, recordingOf, { isShown, before })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isKept) await rm(this.folder, { recursive: true, force: true })
  }
}
