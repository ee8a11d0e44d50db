import type { Check } from '../check/check.ts'
import { decidedIn } from '../check/decided.ts'
import type { Recording } from '../recording/recording.ts'
import type { ExpectationReport } from '../report/report.ts'
import type { Show } from '../viewer/shared/film.ts'
import { type Played, showOf } from '../viewer/show.ts'

/**
 * What was recorded of a check, with its expectations where each is decided.
 *
 * @param recordingOf undefined where a scenario has left no recording
 * @param isShown which scenarios are shown; by default all
 * @param before put before the name of each scenario
 */
export function showOfCheck(
  check: Check,
  expectations: ExpectationReport[],
  recordingOf: (scenario: string) => Recording | undefined,
  { isShown = () => true, before = '' }: { isShown?: (scenario: string) => boolean; before?: string } = {},
): Show {
  const decided = decidedIn(check, recordingOf)
  const played = check.scenarios.flatMap(({ name }): Played[] => {
    const recording = isShown(name) ? recordingOf(name) : undefined
    return recording === undefined ? [] : [{ name: `${before}${name}`, recordings: [recording], decided }]
  })
  return showOf(played, expectations)
}
