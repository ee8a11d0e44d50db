import { shortName } from '../lessons/lesson.ts'
import { symbolsOf } from '../text/symbols.ts'
import { ask } from './ask.ts'
import type { Context, LessonAction, LessonScreen } from './context.ts'
import { sayNotice } from './notice.ts'
import { overview, type Standing, stateText } from './overview.ts'
import { type Choice, Separator } from './pick.ts'

/** The first lesson whose exercise takes tasks. */
const FIRST_RUN = 4

type Picked = LessonAction | 'next' | 'back' | 'quit'

/** What can be done with a lesson. After each of it the student is here again: nothing goes on by itself. */
export const lesson: LessonScreen = async (context, next) => {
  const view = await overview(context.root, context.state)
  sayNotice(context, view.progress)
  const index = view.lessons.findIndex((each) => each.lesson.name === next.lesson.name)
  const standing = view.lessons[index]
  if (!standing) return { go: 'list' }
  const following = view.lessons[index + 1]
  const picked = await ask<Picked>(context, {
    message: heading(context, standing),
    choices: choices(context, standing, following),
    at: next.at ?? whereToBegin(standing, following),
  })
  if (picked === 'quit') return { go: 'leave' }
  if (picked === 'back') return { go: 'list' }
  if (picked === 'next') return following ? { go: 'lesson', lesson: following.lesson } : { go: 'list' }
  return { go: picked, lesson: standing.lesson }
}

function heading(context: Context, standing: Standing): string {
  const { dash } = symbolsOf(context.look())
  const state = stateText(standing)
  return `${shortName(standing.lesson)} ${standing.lesson.title}${state === '' ? '' : ` ${dash} ${state}`}`
}

function choices(
  context: Context,
  standing: Standing,
  following: Standing | undefined,
): (Choice<Picked> | Separator)[] {
  const runs = context.run !== undefined && standing.lesson.number >= FIRST_RUN
  const onward = following?.isOpen === true
  const confirms = standing.standIn !== undefined && context.canConfirm?.() === true
  const after = following ? `on to ${shortName(following.lesson)} ${following.lesson.title}` : ''
  return [
    { value: 'read', key: 'r', name: 'read the lesson' },
    { value: 'check', key: 'c', name: 'check my exercise' },
    ...(confirms ? [{ value: 'confirm', key: 'v', name: 'confirm my pass on RabbitMQ' } as const] : []),
    { value: 'hint', key: 'h', name: 'show a hint' },
    ...(runs ? [{ value: 'run', key: 'u', name: 'run my service, and send it tasks' } as const] : []),
    { value: 'reset', key: 'x', name: 'reset my exercise to the starter' },
    { value: 'solution', key: 's', name: 'see the solution' },
    ...(context.compare ? [{ value: 'compare', key: 'm', name: 'compare with the solution' } as const] : []),
    ...(onward ? [{ value: 'next', key: 'n', name: after } as const] : []),
    new Separator(' '),
    { value: 'back', key: 'b', name: 'all lessons' },
    { value: 'quit', key: 'q', name: 'quit' },
  ]
}

/** Reading for what is new, checking for what is in hand, going on from what has passed. */
function whereToBegin({ state }: Standing, following: Standing | undefined): Picked {
  if (state === 'new') return 'read'
  return state === 'passed' && following?.isOpen ? 'next' : 'check'
}
