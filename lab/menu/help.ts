import type { LessonScreen } from './context.ts'
import { LESSON_KEYS } from './keys.ts'
import { pager } from './pager.ts'
import { lines } from './screen.ts'

const MORE = [
  'Save your file, and it is checked; a save in the middle of a check begins it anew. Nothing goes on by itself.',
  "A check runs on whatever is ready. What passed on the lab's own broker is confirmed on RabbitMQ as soon as that is ready.",
  'Where saves are not noticed, LAB_POLL=1 npm run lab looks at the file again and again; r always checks now.',
  'Arrows, Space, Home and End scroll. Ctrl-C leaves; Ctrl-Z stops the lab for a while, and fg brings it back.',
]

/** All keys, and how the watching works. */
export const help: LessonScreen = async (context, { lesson }) =>
  pager(context, lesson, 'help', () => [
    ...LESSON_KEYS.map(({ key, does }) => `  ${key}   ${does}`),
    '',
    ...MORE.flatMap((text) => [...lines(text, context.theme()), '']),
  ])
