import type { CheckReport, TraceRow } from '../../lab/report/report.ts'

/**
 * A report without what differs from run to run: times, ports, the names that the lab and the broker make up, and the
 * places of temporary files. All of it is changed here and nowhere else, before it is drawn, so that no column moves.
 */
export function normalised(report: CheckReport): CheckReport {
  const plain = JSON.parse(constant(JSON.stringify(report))) as CheckReport
  for (const lesson of plain.lessons) {
    lesson.durationMs = 1000
    if (lesson.output) lesson.output = whatIsSure(waitingFirst(lesson.output))
    for (const { trace = [] } of lesson.expectations) trace.forEach(onTheClock)
  }
  return { ...plain, broker: plain.broker && { ...plain.broker, version: '1.0.0' } }
}

/** A service may get its first task before or after it says that it waits for one: the contract leaves it open. */
function waitingFirst(lines: string[]): string[] {
  const waiting = lines.filter((line) => line.startsWith(' [*] Waiting'))
  const others = lines.filter((line) => !waiting.includes(line))
  const at = others.findIndex((line) => line.startsWith(' [x] Received'))
  if (at === -1) return lines
  return [...others.slice(0, at), ...waiting, ...others.slice(at)]
}

/**
 * How often a service tries before the broker is up depends on when the broker is. And what it says when the lab breaks
 * its connection off may come when the lab does not listen any more.
 */
function whatIsSure(lines: string[]): string[] {
  const isSure = (line: string, i: number) =>
    !line.startsWith('RabbitMQ connection lost') &&
    (!line.startsWith('RabbitMQ connection failed') || line !== lines[i - 1])
  return lines.filter(isSure)
}

/** Every ten milliseconds something happens. */
function onTheClock(row: TraceRow, i: number): void {
  row.ms = 10 * (i + 1)
}

function constant(text: string): string {
  return text
    .replaceAll(/(127\.0\.0\.1|localhost):\d+/g, '$1:5672')
    .replaceAll(/(lab|student)-[0-9a-f]{8,}/g, '$1-1')
    .replaceAll(/\bamq\.(ctag|gen)-[\w-]+/g, 'amq.$1-1')
    .replaceAll(/(file:\/\/)?[\w/.:\\-]*cluster-up-\w+/g, '/tree')
    .replaceAll(/(file:\/\/)?[\w/.-]*\/node_modules\//g, 'node_modules/')
    .replaceAll(/\b\d+(\.\d+)? ms\b/g, '10 ms')
    .replaceAll(/\b\d+ s later\b/g, '10 s later')
    .replaceAll(/"(waitedMs|limitMs)":[\d.]+/g, '"$1":10000')
    .replaceAll(/\b(worker|process) \d{2,}\b/gi, '$1 4711')
    .replaceAll(/"pid":\d+/g, '"pid":4711')
    .replaceAll(/␛\[\d+m/g, '')
}
