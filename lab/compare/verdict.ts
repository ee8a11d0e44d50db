import type { CheckReport, LessonReport } from '../report/report.ts'

/** One line: 'passed, all 8 expectations'. */
export function verdictLine(report: LessonReport): string {
  const { expectations, verdict } = report
  const all = expectations.length
  const short = expectations.filter(({ verdict }) => verdict !== 'passed' && verdict !== 'not-reached')
  const [first] = short
  switch (verdict) {
    case 'passed':
      return `passed, all ${all} expectations.`
    case 'failed':
      return `not yet, ${short.length} of ${all} expectations failed${first ? `, step ${first.step} first` : ''}.`
    case 'not-judged':
      return `not judged, ${short.length} of ${all} expectations couldn't be judged.`
    case 'error':
      return `no verdict, the lab couldn't judge it.${report.reason === undefined ? '' : ` ${report.reason.split('\n')[0]}`}`
  }
}

/** 'Judged on RabbitMQ 4.3.6 (container).' */
export function brokerLine(broker: CheckReport['broker']): string | undefined {
  return broker === null ? undefined : `Judged on ${broker.product} ${broker.version} (${broker.kind}).`
}

/** Why there are no traces to show. */
export function whyNoTraces({ verdict }: LessonReport): string {
  if (verdict === 'passed') return 'Your exercise fails no expectation, so there are no traces to compare.'
  return 'No expectation was judged as failed, so there are no traces to compare.'
}
