import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Broker } from '../broker/broker.ts'
import { type OpenOptions, openBroker } from '../broker/choose.ts'
import { clusterOf } from '../broker/kinds/kind.ts'
import { LabError } from '../errors.ts'
import type { Io } from '../io.ts'
import type { Lesson } from '../lessons/lesson.ts'
import { stateFolder } from '../progress/store.ts'
import { ROOT } from '../root.ts'
import { howToRun } from '../service/runnable.ts'
import type { ServiceLaunch } from '../service/service-process.ts'
import { realPath } from '../student/real-path.ts'
import { standInsFolder } from '../which-edition.ts'
import { wideThemeOf } from './compare.ts'
import { startingLine } from './starting.ts'

/** Runs a lesson's exercise as a service, until its end is asked for. @throws LabError 'not-runnable' */
export async function runLesson(
  lesson: Lesson,
  broker: Broker,
  exports: Record<string, string[]>,
  tree: string,
  io: Pick<Io, 'stdin' | 'stdout' | 'env'>,
  signal: AbortSignal,
): Promise<void> {
  const starting = startingLine(io.stdout)
  await using ground = await groundOf(launchOf(lesson, exports, tree), broker, { onStarting: starting.show, signal })
  starting.end()
  const { runService } = await import('../service/run.ts')
  await runService({
    broker: ground.broker,
    lesson: lesson.name,
    launch: ground.launch,
    state: runsFolder(io.env),
    stdin: io.stdin,
    stdout: io.stdout,
    theme: () => wideThemeOf(io),
    ...(io.env.TERM === 'dumb' ? { live: false } : {}),
    signal,
  })
}

/** How the exercise of a lesson in a tree is started as a service. @throws LabError 'not-runnable' */
export function launchOf(lesson: Lesson, exports: Record<string, string[]>, tree: string): ServiceLaunch {
  const how = howToRun(lesson)
  if (how === undefined) {
    const { number } = lesson
    throw new LabError(
      'not-runnable',
      `The exercise of lesson ${number} is a function, and doesn't take tasks by itself.`,
      {
        advice: `Check it instead: npm run check -- ${number}. You can run exercises from lesson 04 on.`,
      },
    )
  }
  const folder = (path: string) => `${pathToFileURL(path).href}/`
  const setting = {
    lab: folder(ROOT),
    tree: folder(realPath(tree)),
    solutions: folder(standInsFolder(ROOT)),
    exports,
    solutionsOnly: false,
    lesson: lesson.name,
  }
  return { exercise: join(tree, lesson.name, basename(lesson.exercise)), setting, ...how }
}

/** What a service is run on: for one that connects to nodes a cluster, where there can be one. */
export interface Ground extends AsyncDisposable {
  broker: Broker
  launch: ServiceLaunch
}

/** @param broker what it is run on where it needs no nodes, and where there are none; it stays open in any case */
export async function groundOf(
  launch: ServiceLaunch,
  broker: Broker,
  options: Pick<OpenOptions, 'onStarting' | 'signal' | 'root'>,
): Promise<Ground> {
  const alone = (noNodes?: string): Ground => ({
    broker,
    launch: { ...launch, ...(noNodes !== undefined && { noNodes }) },
    [Symbol.asyncDispose]: async () => {},
  })
  if (!launch.nodes) return alone()
  const kind = clusterOf(broker.info.kind)
  if (kind === undefined) return alone(`The ${broker.info.kind} broker runs alone and can't form a cluster.`)
  try {
    const cluster = await openBroker({ kind, image: broker.info.image, ...options })
    return { broker: cluster, launch, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() }
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    return alone(`A cluster of three RabbitMQ nodes can't be started here. ${error.message}`)
  }
}

/** Where the runs of this checkout are found by `npm run send`. */
export function runsFolder(env: NodeJS.ProcessEnv): string {
  return env.LAB_HOME ?? stateFolder(ROOT)
}
