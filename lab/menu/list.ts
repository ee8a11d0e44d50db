import pc from 'picocolors'
import { type Lesson, shortName } from '../lessons/lesson.ts'
import { hasPassed } from '../progress/state.ts'
import { bar } from '../text/bar.ts'
import { pad, widthOf } from '../text/wrap.ts'
import { ask, confirm } from './ask.ts'
import type { Context, ListScreen } from './context.ts'
import { sayNotice } from './notice.ts'
import { type Overview, overview, type Standing, stateMark, stateText } from './overview.ts'
import { type Choice, Separator } from './pick.ts'

/** What stands beside a title: pointer, number, mark, length and a state of some words. */
const ROOM_BESIDE_TITLE = 36

/** The lessons, with the one to go on with under the pointer. */
export const list: ListScreen = async (context) => {
  const view = await overview(context.root, context.state)
  sayNotice(context, view.progress)
  const picked = await ask<Lesson | 'quit'>(context, {
    message: heading(context, view),
    choices: [...choices(context, view), new Separator(' '), { value: 'quit', name: 'quit', key: 'q' }],
    at: view.goOn,
  })
  if (picked === 'quit') return { go: 'leave' }
  const standing = view.lessons.find(({ lesson }) => lesson === picked)
  if (standing && !standing.isOpen && !(await openAllTheSame(context, standing))) return { go: 'list' }
  return { go: 'lesson', lesson: picked }
}

function heading(context: Context, view: Overview): string {
  const passed = view.lessons.filter(({ lesson }) => hasPassed(view.progress, lesson.name)).length
  const whither = view.goOn ? `go on with ${shortName(view.goOn)}` : 'all lessons passed'
  return `Cluster Up   ${bar(passed, view.lessons.length, context.look(), 14)} passed   ${whither}`
}

/** Title, length and state in columns; in a narrow window the length is left out. */
function choices(context: Context, view: Overview): Choice<Lesson>[] {
  const look = context.look()
  const { dim } = pc.createColors(look.colour)
  const widest = Math.max(...view.lessons.map(({ lesson }) => widthOf(lesson.title)))
  const isWide = widest + ROOM_BESIDE_TITLE <= look.width
  return view.lessons.map((standing) => {
    const { lesson } = standing
    const length = isWide ? `  ${dim(`${lesson.minutes} min`.padStart('100 min'.length))}` : ''
    const name = `${stateMark(standing, look)} ${pad(lesson.title, widest)}${length}  ${stateText(standing)}`
    return { value: lesson, key: String(lesson.number), name: name.trimEnd() }
  })
}

function openAllTheSame(context: Context, { lesson, before }: Standing): Promise<boolean> {
  const message = `Lesson ${shortName(lesson)} opens when ${before ? shortName(before) : 'the one before it'} works.`
  return confirm(context, message, 'open it all the same', 'back to the lessons')
}
