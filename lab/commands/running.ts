import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Broker } from '../broker/broker.ts'
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

/** Runs a lesson's exercise as a service, until its end is asked for. @throws LabError 'not-runnable' */
export async function runLesson(
  lesson: Lesson,
  broker: Broker,
  exports: Record<string, string[]>,
  tree: string,
  io: Pick<Io, 'stdin' | 'stdout' | 'env'>,
  signal: AbortSignal,
): Promise<void> {
  const launch = launchOf(lesson, exports, tree)
  const { runService } = await import('../service/run.ts')
  await runService({
    broker,
    lesson: lesson.name,
    launch,
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
      `The exercise of lesson ${number} is a function, and takes no tasks by itself.`,
      {
        advice: `Check it instead: npm run check -- ${number}. The first that can be run is that of lesson 04.`,
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

/** Where the runs of this checkout are found by `npm run send`. */
export function runsFolder(env: NodeJS.ProcessEnv): string {
  return env.LAB_HOME ?? stateFolder(ROOT)
}
