import { hintsOf } from '../lessons/hints.ts'
import { markHint, nextHint, stepToHint } from '../progress/hints.ts'
import { readProgress } from '../progress/store.ts'
import type { LessonScreen, Next } from './context.ts'
import { sayNotice } from './notice.ts'

/** One hint more, for the step that the last check fell short of. */
export const hint: LessonScreen = async (context, { lesson }) => {
  const look = context.look()
  const { renderMarkdown } = await import('../text/markdown.ts')
  const entry = sayNotice(context, await readProgress(context.root, context.state)).lessons[lesson.name]
  const step = stepToHint(entry)
  const hints = await hintsOf(lesson, step)
  const back: Next = { go: 'lesson', lesson, at: 'hint' }
  if (hints.length === 0) {
    context.print(
      `\nThere are no hints for step ${step} of this lesson. Read its text again: it has what the step needs.\n`,
    )
    return back
  }
  const next = nextHint(entry, step, hints.length)
  const text = [
    `### Step ${step}, hint ${next.number} of ${hints.length}`,
    hints[next.number - 1] ?? '',
    next.locked ?? '',
  ]
  context.print(`\n${renderMarkdown(text.join('\n\n'), look)}`)
  await markHint(context.root, lesson.name, next, context.state)
  return back
}
