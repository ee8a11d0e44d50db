import { loadCheck } from '../../check/load.ts'
import type { Recording } from '../../recording/recording.ts'
import type { LessonReport } from '../../report/report.ts'
import { ROOT } from '../../root.ts'
import { packedShow } from '../../viewer/pack.ts'
import type { PackedShow } from '../../viewer/shared/film.ts'
import { showOfCheck } from '../show-of-check.ts'

/** Of one lesson. All of its scenarios take less, as a rule far less: a class of 200 has many of them. */
const MOST_BYTES = 512 * 1024

/** What was recorded of a lesson, to step through. What did not pass has the room first. */
export async function seenOf(
  { lesson, expectations }: LessonReport,
  recordings: ReadonlyMap<string, Recording>,
): Promise<PackedShow> {
  const check = await loadCheck(lesson, ROOT)
  const show = showOfCheck(check, expectations, (scenario) => recordings.get(scenario))
  const failed = show.marks.filter(({ verdict }) => verdict === 'failed')
  const wanted = new Set(failed.flatMap(({ decided }) => decided.map(({ scene }) => scene)))
  return packedShow(show, MOST_BYTES, (scene) => wanted.has(scene))
}
