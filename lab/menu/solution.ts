import { readIfThere, shown } from '../lessons/files.ts'
import { hasPassed } from '../progress/state.ts'
import { readProgress } from '../progress/store.ts'
import { confirm } from './ask.ts'
import type { LessonScreen, Next } from './context.ts'
import { sayNotice } from './notice.ts'

/** The instructor's solution and why it is written so: after a pass, or for who says that they want it. */
export const solution: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson, at: 'solution' }
  const passed = hasPassed(sayNotice(context, await readProgress(context.root, context.state)), lesson.name)
  const question = 'You have not passed this lesson yet. A hint may be all you need.'
  if (!passed && !(await confirm(context, question, 'show me the solution', 'no, I go on trying'))) return back

  const [code, notes] = await Promise.all([readIfThere(lesson.solution), readIfThere(lesson.notes)])
  if (code === undefined) {
    context.print(`\n${shown(context.root, lesson.solution)} is not there.\n`)
    return back
  }
  const [{ highlight }, { renderMarkdown }] = await Promise.all([
    import('../text/code.ts'),
    import('../text/markdown.ts'),
  ])
  context.print(`\n${shown(context.root, lesson.solution)}\n\n${highlight(code.trimEnd(), 'ts', context.look())}\n`)
  if (notes !== undefined) context.print(renderMarkdown(notes, context.look()))
  return back
}
