import { exerciseContent } from '../lessons/exercise.ts'
import { readIfThere } from '../lessons/files.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { misnamed } from '../student/findings/missing.ts'

/** The lessons whose exercise is the student's own by now, and those that are missing or still the starter. */
export async function partedByBegun(all: Lesson[]): Promise<{ begun: Lesson[]; notBegun: Lesson[] }> {
  const own = await Promise.all(all.map(isBegun))
  return { begun: all.filter((_, i) => own[i]), notBegun: all.filter((_, i) => !own[i]) }
}

async function isBegun(lesson: Lesson): Promise<boolean> {
  const [content, starter] = await Promise.all([exerciseContent(lesson), readIfThere(lesson.starter)])
  // A file beside it under a wrong name is somebody's work, too: its check says so.
  if (content === undefined) return misnamed(lesson.exercise) !== undefined
  return content !== starter
}
