import { MAP_ROWS, MILESTONES, PIECES } from '../lessons/map.ts'
import { hasPassed } from '../progress/state.ts'
import { canvas } from '../text/canvas.ts'
import type { Theme } from '../text/theme.ts'
import { widthOf } from '../text/wrap.ts'
import type { LessonScreen } from './context.ts'
import type { Overview } from './overview.ts'
import { pager } from './pager.ts'
import { lines } from './screen.ts'

const ASCII: Record<string, string> = { '─': '-', '│': '|', '▶': '>', '◀': '<', '▲': '^' }

/** The picture of all that has passed, and of the lesson that the student is at. */
export const map: LessonScreen = async (context, { lesson }) =>
  pager(context, lesson, `map ${lesson.name}`, () => mapLines(context.view, lesson.number, context.theme()))

/**
 * The picture so far, with what the lesson adds marked, and a line that says so. Where it does not fit, the line alone.
 *
 *   ┌──────┐confirms ┌─ RabbitMQ ────┐          ┌────────┐
 *   │ shop │────────▶│  task_queue   │◀────────▶│worker 1│
 */
export function mapLines(view: Overview, here: number, theme: Theme): string[] {
  const passed = new Set(
    view.lessons.filter(({ lesson }) => hasPassed(view.progress, lesson.name)).map(({ lesson }) => lesson.number),
  )
  const rows = Array.from({ length: MAP_ROWS }, () => canvas(theme.colour))
  for (const { lesson, row, column, text } of PIECES) {
    const isHere = lesson === here
    if (lesson === 0 || isHere || passed.has(lesson))
      rows[row]?.put(column, inCharacters(text, theme), isHere ? 'note' : undefined)
  }
  const drawn = rows.map((row) => row.text())
  while (drawn.at(-1) === '') drawn.pop()
  const milestone = MILESTONES.find(({ lesson }) => lesson === here)
  const isWhole = view.lessons.every(({ lesson }) => passed.has(lesson.number))
  const said = isWhole
    ? `The whole cluster is up: ${passed.size} of ${view.lessons.length} lessons passed.`
    : `You are here: lesson ${here}${milestone ? ` adds ${milestone.adds}` : ''}.`
  const fits = drawn.length > 0 && Math.max(...drawn.map(widthOf)) <= theme.width
  return [...(fits ? [...drawn, ''] : []), ...lines(said, theme)]
}

function inCharacters(text: string, { unicode }: Theme): string {
  return unicode ? text : text.replace(/[─│▶◀▲┌┐└┘├]/g, (character) => ASCII[character] ?? '+')
}
