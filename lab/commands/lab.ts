import { mistakesOf } from '../authors/mistakes.ts'
import { inTreeOfItsOwn } from '../authors/tree.ts'
import type { Broker } from '../broker/broker.ts'
import { Session } from '../check/session.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { tree as treeAt } from '../lessons/tree.ts'
import { plainLessons } from '../menu/plain.ts'
import { reportText } from '../report/text.ts'
import { ROOT } from '../root.ts'
import { lookOf } from '../text/look.ts'
import { wideLookOf } from './compare.ts'
import { comparing } from './comparing.ts'
import { Judges } from './judges.ts'
import { judge } from './judging.ts'
import type { Io } from './run.ts'
import { runLesson } from './running.ts'
import { startingLine } from './starting.ts'

/** `npm run lab`: the menu; without a terminal the lessons as text, and one real check. */
export async function lab(_args: string[], io: Io): Promise<number> {
  return io.stdin.isTTY && io.stdout.isTTY ? interactive(io) : plain(io)
}

async function interactive(io: Io): Promise<number> {
  const all = await catalogue(ROOT)
  const tree = await treeAt(ROOT)
  const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))
  // RabbitMQ boots, and the checker loads, while the student reads.
  await using judges = new Judges()
  await using session = new Session({ root: ROOT, broker: null, exports })
  session.warm()
  const titles = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.title]))
  const { menu } = await import('../menu/menu.ts')
  let judgedOn: Awaited<ReturnType<typeof judge>>['broker'] = null
  const judgeOn = async (broker: Broker, lesson: Lesson, signal: AbortSignal) => {
    const tell = (notice: string) => io.stdout.write(`${notice}\n`)
    const report = await judge(session, { lessons: [lesson], tree, advice: true, on: broker, tell, signal })
    judgedOn = report.broker
    const [judged] = report.lessons
    if (!judged) throw new Error(`The check of ${lesson.name} left no report.`)
    return judged
  }
  return await menu({
    root: ROOT,
    io,
    statusLine: () => judges.status,
    check: async (lesson, signal) => judgeOn(await judges.now(), lesson, signal),
    confirm: async (lesson, signal) => (judges.record ? judgeOn(judges.record, lesson, signal) : undefined),
    canConfirm: () => judges.record !== undefined,
    printReport: (report) => {
      io.stdout.write(reportText({ broker: judgedOn, lessons: [report] }, lookOf(io.stdout, io.env), { titles }))
    },
    compare: async (lesson, signal) => {
      const tell = (notice: string) => io.stdout.write(`${notice}\n`)
      const on = await judges.now()
      const comparison = await comparing(session, { lesson, tree, on, signal, tell })
      const { comparisonText } = await import('../compare/text.ts')
      return comparisonText(comparison, wideLookOf(io))
    },
    run: async (lesson, signal) => runLesson(lesson, await judges.now(), exports, tree.dir, io, signal),
  })
}

/** The lesson and the mistake that show best what a check says. */
const SHOWN = { lesson: '04-ack-consumer', mistake: 'acks-on-arrival' }

async function plain(io: Io): Promise<number> {
  const look = lookOf(io.stdout, io.env)
  const all = await catalogue(ROOT)
  io.stdout.write(await plainLessons({ root: ROOT, look }))
  const lesson = all.find(({ name }) => name === SHOWN.lesson) ?? all[0]
  if (!lesson) return 2
  const mistakes = await mistakesOf(ROOT, lesson.name)
  const mistake = mistakes.find(({ name }) => name === SHOWN.mistake) ?? mistakes[0]
  const starting = startingLine(io.stderr)
  const exports = Object.fromEntries(all.map(({ name, exports }) => [name, exports]))
  await using session = new Session({
    root: ROOT,
    broker: { kind: 'auto' },
    exports,
    onStarting: starting.show,
  })
  await session.broker
  starting.end()
  const titles = { [lesson.name]: lesson.title }
  if (mistake) {
    io.stdout.write(`\nThis is what a check says of a mistake that is easy to make (${mistake.name}):\n\n`)
    const report = await inTreeOfItsOwn(lesson.name, mistake.source, (tree) =>
      session.check({ lessons: [lesson.name], tree }),
    )
    io.stdout.write(reportText(report, look, { titles }))
  }
  io.stdout.write('\nAnd this is what it says of the solution:\n\n')
  const report = await session.check({ lessons: [lesson.name], tree: `${ROOT}/solutions` })
  io.stdout.write(reportText(report, look, { titles }))
  return 0
}
