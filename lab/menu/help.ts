import { indent, wrap } from '../text/wrap.ts'
import type { Context, LessonScreen } from './context.ts'
import { LESSON_KEYS } from './keys.ts'
import { pager } from './pager.ts'
import { lines } from './screen.ts'

const MORE = [
  'Each save starts a check. If you save during a check, it starts over. The lab never moves on by itself.',
  "A check runs on whichever broker is ready. If that was the lab's own, the lab confirms a pass as soon as a RabbitMQ is ready.",
  "If the lab doesn't notice your saves, start it with LAB_POLL=1 npm run lab. r always checks now.",
  'Arrows, Space, Home and End scroll. Ctrl-C quits. Ctrl-Z suspends the lab, and fg brings it back.',
]

/** All keys, and how the watching works. */
export const help: LessonScreen = async (context, { lesson }) =>
  pager(context, lesson, 'help', () => [
    ...LESSON_KEYS.flatMap(({ key, does }) => indent(wrap(does, context.theme().width - 6), `  ${key}   `)),
    '',
    ...[brokerText(context), ...MORE].flatMap((text) => [...lines(text, context.theme()), '']),
  ])

/** What checks run on, and why not on another broker. */
function brokerText({ statusLine, passedOver }: Context): string {
  return [`Broker: ${statusLine()}.`, ...(passedOver?.() ?? [])].join('\n')
}
