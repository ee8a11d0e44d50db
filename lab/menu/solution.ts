import { readIfThere, shown } from '../lessons/files.ts'
import { NO_SOLUTIONS, studentEdition } from '../which-edition.ts'
import type { LessonScreen, Next } from './context.ts'
import { mayShowSolution } from './may-show-solution.ts'
import { pager } from './pager.ts'

/** The instructor's solution and why it is written so: after a pass, or for who says that they want it. */
export const solution: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson }
  if (studentEdition(context.root)) return { ...back, notice: NO_SOLUTIONS }
  if (!(await mayShowSolution(context, lesson))) return back

  const [code, notes] = await Promise.all([readIfThere(lesson.solution), readIfThere(lesson.notes)])
  const file = shown(context.root, lesson.solution)
  if (code === undefined) return { ...back, notice: `${file} is not there.` }
  const [{ highlight }, { renderMarkdown }] = await Promise.all([
    import('../text/code.ts'),
    import('../text/markdown.ts'),
  ])
  return pager(context, lesson, `solution ${lesson.name}`, () => {
    const theme = context.theme()
    const why = notes === undefined ? '' : renderMarkdown(notes, theme)
    return `${file}\n\n${highlight(code.trimEnd(), 'ts', theme)}\n\n${why}`.trimEnd().split('\n')
  })
}
