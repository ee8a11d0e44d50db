import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { junit } from '../report/junit.ts'
import { writeFileAtomic } from '../write-file-atomic.ts'
import { canvasCsv } from './exports/canvas.ts'
import { classroom50Result } from './exports/classroom50.ts'
import { type CsvRow, gradesCsv } from './exports/csv.ts'
import { gradesEntry, gradesHead } from './exports/grades-json.ts'
import { gradescopeResults } from './exports/gradescope.ts'
import { moodleCsv } from './exports/moodle.ts'
import { feedbackOf } from './feedback.ts'
import { type ClassSetting, type Graded, graded } from './graded.ts'
import { JsonListFile } from './json-file.ts'
import { feedbackMarkdown } from './markdown.ts'
import { OUTCOME_WORDS } from './outcome-words.ts'
import { OverviewBuilder, type OverviewRow } from './overview.ts'
import { overviewPage } from './page/overview-page.ts'
import { similarSection } from './page/similar-list.ts'
import { studentPage } from './page/student-page.ts'
import { Records, type SubmissionRecord } from './record.ts'
import { Similarity } from './similar.ts'

/**
 * Writes the folder of results: pages, tables and exports, all from the records, one student after the other. Where a
 * student is not judged completely, the exports that need a score (Moodle, Canvas, Gradescope, Classroom 50) leave the
 * student out; nothing there is ever a zero that nobody gave.
 *
 * @returns a row for each submission
 */
export function writeResults(
  out: string,
  records: Iterable<SubmissionRecord>,
  setting: ClassSetting,
  env: NodeJS.ProcessEnv,
): OverviewRow[] {
  const overview = new OverviewBuilder(setting)
  const similarity = new Similarity(setting.lessons)
  const rows: CsvRow[] = []
  const json = new JsonListFile(join(out, 'grades.json'), gradesHead(setting), 'students')
  for (const record of records) {
    const one = graded(record, setting)
    overview.add(one)
    json.add(gradesEntry(one))
    for (const [lesson, { code }] of Object.entries(record.lessons)) {
      similarity.add(lesson, { id: record.id, file: one.file }, code)
    }
    rows.push(rowOf(one))
    writeStudent(out, one, setting, env)
  }
  json.end()
  const { lessons, rubric } = setting
  const built = overview.build()
  const write = (name: string, content: string) => writeFileAtomic(join(out, name), content)
  write('grades.csv', gradesCsv(rows, lessons))
  write('moodle.csv', moodleCsv(rows))
  write('canvas.csv', canvasCsv(rows, lessons, rubric))
  write('index.html', overviewPage(built, setting, similarSection(similarity.pairs())))
  return built.rows
}

function writeStudent(out: string, one: Graded, setting: ClassSetting, env: NodeJS.ProcessEnv): void {
  const { record, points, file } = one
  const { notice, at } = setting
  const kept = new Records(out)
  const feedback = feedbackOf(one, setting, (lesson) => kept.seen(record, lesson))
  const put = (folder: string, name: string, content: string) => {
    mkdirSync(join(out, folder), { recursive: true })
    writeFileAtomic(join(out, folder, name), content)
  }
  put('students', `${file}.html`, studentPage(one, feedback, notice))
  put('students', `${file}.md`, feedbackMarkdown(one, feedback, notice))
  const reports = setting.lessons.flatMap(({ name }) => record.lessons[name]?.judged ?? [])
  const broker = reports.find((judged) => judged.broker !== null)?.broker ?? null
  put('junit', `${file}.xml`, junit({ broker, lessons: reports.map(({ report }) => report) }))
  if (points.open.length > 0) {
    // What an earlier run wrote would not be true any more.
    for (const folder of ['gradescope', 'classroom50'])
      rmSync(join(out, folder, file), { recursive: true, force: true })
    return
  }
  const durationMs = reports.reduce((sum, { report }) => sum + report.durationMs, 0)
  const results = gradescopeResults(feedback, { points: points.points, durationMs, notice })
  put(join('gradescope', file), 'results.json', `${JSON.stringify(results, null, 2)}\n`)
  put(join('classroom50', file), 'result.json', `${JSON.stringify(classroom50Result(one, env, at), null, 2)}\n`)
}

function rowOf({ record, student, points }: Graded): CsvRow {
  const lessons = points.lessons.map(
    ({ lesson, points, most, outcome }) =>
      `${lesson.slice(0, 2)}: ${points ?? ''} of ${most}, ${OUTCOME_WORDS[outcome]}`,
  )
  return {
    id: student?.id ?? record.id,
    name: student?.name,
    email: student?.email,
    section: student?.section,
    cells: points.lessons,
    points: points.points,
    most: points.most,
    open: points.open,
    feedback: lessons.join('\n'),
  }
}
