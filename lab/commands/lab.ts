import { mistakesOf } from '../authors/mistakes.ts'
import { inTreeOfItsOwn } from '../authors/tree.ts'
import type { Starting } from '../broker/broker.ts'
import { Session } from '../check/session.ts'
import { lessons as catalogue } from '../lessons/catalogue.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { tree as treeAt } from '../lessons/tree.ts'
import { plainLessons } from '../menu/plain.ts'
import { reportText } from '../report/text.ts'
import { ROOT } from '../root.ts'
import { lookOf } from '../text/look.ts'
import { judge } from './judging.ts'
import type { Io } from './run.ts'
import { startingLine } from './starting.ts'

/** `npm run lab`: the menu; without a terminal the lessons as text, and one real check. */
export async function lab(_args: string[], io: Io): Promise<number> {
  return io.stdin.isTTY && io.stdout.isTTY ? interactive(io) : plain(io)
}

async function interactive(io: Io): Promise<number> {
  const all = await catalogue(ROOT)
  const tree = await treeAt(ROOT)
  const exports = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.exports]))
  let status = 'looking for a broker'
  const onStarting = ({ kind, text, elapsedMs }: Starting) => {
    status = `${kind}: ${text}, ${(elapsedMs / 1000).toFixed(0)} s`
  }
  // The broker boots, and the checker loads, while the student reads.
  let opened: Session | undefined
  const session = (): Session => {
    if (opened) return opened
    const fresh = new Session({ root: ROOT, broker: { kind: 'auto' }, exports, onStarting, workers: 1 })
    opened = fresh
    fresh.broker.then(
      (broker) => {
        if (broker) status = `${broker.info.product} ${broker.info.version} (${broker.info.kind}) is warm`
      },
      (error: Error) => {
        status = error.message.split('\n')[0] ?? 'no broker'
        // What is mended meanwhile (Docker started, an image pulled) counts at the next check.
        opened = undefined
        void fresh[Symbol.asyncDispose]()
      },
    )
    return fresh
  }
  session()
  const titles = Object.fromEntries(all.map((lesson) => [lesson.name, lesson.title]))
  const { menu } = await import('../menu/menu.ts')
  let judgedOn: Awaited<ReturnType<typeof judge>>['broker'] = null
  try {
    return await menu({
      root: ROOT,
      io,
      statusLine: () => status,
      async check(lesson, signal) {
        const tell = (notice: string) => io.stdout.write(`${notice}\n`)
        const report = await judge(session(), { lessons: [lesson], tree, advice: true, tell, signal })
        judgedOn = report.broker
        const [judged] = report.lessons
        if (!judged) throw new Error(`The check of ${lesson.name} left no report.`)
        return judged
      },
      printReport: (report) => {
        io.stdout.write(reportText({ broker: judgedOn, lessons: [report] }, lookOf(io.stdout, io.env), { titles }))
      },
      run: (lesson, signal) => runLesson(lesson, session(), exports, tree.dir, io, signal),
    })
  } finally {
    await opened?.[Symbol.asyncDispose]()
  }
}

async function runLesson(
  lesson: Lesson,
  session: Session,
  exports: Record<string, string[]>,
  tree: string,
  io: Io,
  signal: AbortSignal,
): Promise<void> {
  const [broker, { runService }] = await Promise.all([session.broker, import('../service/run.ts')])
  if (!broker) return
  const setting = { root: ROOT, tree, exports, lesson: lesson.name }
  await runService({ broker, file: lesson.exercise, setting, stdin: io.stdin, stdout: io.stdout, signal })
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
    workers: 1,
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
