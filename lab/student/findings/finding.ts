import type { FindingEvent } from '../../recording/recording.ts'

/** What the lab finds out about a student's process, in a sentence of its own. */
export type Finding = Pick<FindingEvent, 'id' | 'sentence'> & Partial<Pick<FindingEvent, 'detail' | 'at'>>

/** Evidence and advice, a line each; what is missing is left out. */
export function detail(...lines: (string | false | undefined)[]): string {
  return lines.filter((line) => line).join('\n')
}
