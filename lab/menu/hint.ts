import { hintsOf } from '../lessons/hints.ts'
import { markHint, nextHint, stepToHint } from '../progress/hints.ts'
import type { LessonScreen } from './context.ts'
import { pager } from './pager.ts'

/** One hint more, for the step that the last check fell short of. */
export const hint: LessonScreen = async (context, { lesson }) => {
  const { renderMarkdown } = await import('../text/markdown.ts')
  const { progress } = await context.refresh()
  const entry = progress.lessons[lesson.name]
  const step = stepToHint(entry)
  const hints = await hintsOf(lesson, step)
  if (hints.length === 0) {
    const notice = `There are no hints for step ${step} of this lesson. Read its text again: everything that you need is there.`
    return { go: 'lesson', lesson, notice }
  }
  const next = nextHint(entry, step, hints.length)
  const text = [
    `### Step ${step}, hint ${next.number} of ${hints.length}`,
    hints[next.number - 1] ?? '',
    next.locked ?? (next.number < hints.length ? 'h shows the next hint.' : ''),
  ]
  const source = text.join('\n\n')
  await markHint(context.root, lesson.name, next, context.state)
  const id = `hint ${lesson.name} ${step} ${next.number}`
  return pager(context, lesson, id, () => renderMarkdown(source, context.theme()).trimEnd().split('\n'))
}
