import type { CheckReport, LessonReport } from './report.ts'

/** The report as JUnit XML: a test suite a lesson, a test case an expectation. Times are in seconds. */
export function junit(report: CheckReport): string {
  const suites = report.lessons.map(suite).join('')
  const about = report.broker
    ? `${report.broker.product} ${report.broker.version} (${report.broker.kind})`
    : 'no broker'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(`Cluster Up on ${about}`)}">\n${suites}</testsuites>\n`
}

function suite(lesson: LessonReport): string {
  const cases = lesson.expectations.map((expectation) => {
    const open = `    <testcase classname="${escaped(lesson.lesson)}" name="${escaped(expectation.title)}" time="${(expectation.durationMs ?? 0) / 1000}"`
    const text = expectation.message ?? ''
    if (expectation.verdict === 'passed') return `${open}/>\n`
    if (/^not-/.test(expectation.verdict)) return `${open}><skipped message="${escaped(text)}"/></testcase>\n`
    const element = expectation.verdict === 'failed' ? 'failure' : 'error'
    const type = expectation.misconception ?? expectation.verdict
    return `${open}><${element} type="${escaped(type)}" message="${escaped(firstLine(text))}">${escaped(text)}</${element}></testcase>\n`
  })
  // A check that could not be run must not look like a suite in which nothing failed.
  if (lesson.verdict === 'error' && !lesson.expectations.some((expectation) => expectation.verdict === 'error')) {
    const reason = escaped(lesson.reason ?? 'the check could not be run')
    cases.push(
      `    <testcase classname="${escaped(lesson.lesson)}" name="the check"><error message="${reason}"/></testcase>\n`,
    )
  }
  const count = (verdict: string) => lesson.expectations.filter((expectation) => expectation.verdict === verdict).length
  const errors = lesson.verdict === 'error' ? Math.max(1, count('error')) : count('error')
  return (
    `  <testsuite name="${escaped(lesson.lesson)}" tests="${cases.length}" failures="${count('failed')}" errors="${errors}"` +
    ` skipped="${count('not-judged') + count('not-reached')}" time="${lesson.durationMs / 1000}">\n${cases.join('')}  </testsuite>\n`
  )
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function escaped(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll('\n', '&#10;')
      // XML 1.0 has no place for other control characters, not even escaped.
      .replaceAll(/\p{Cc}/gu, '')
  )
}
