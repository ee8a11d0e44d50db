import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ports } from '../ports.ts'
import { Sandbox } from '../sandbox/sandbox.ts'
import type { SandboxLimits } from '../sandbox/sandbox-kind.ts'
import { exerciseBundle, labPart, pathsOf } from '../student/bundle.ts'
import { isSource } from '../student/findings/source.ts'
import { type Launched, type Launcher, launch, nodeCommand } from '../student/launch.ts'
import { StudentLine } from '../student/line.ts'
import { earlierLessons } from '../student/protocol.ts'
import { realPath } from '../student/real-path.ts'
import { writeWorkerFile } from '../student/workers.ts'
import { LOOPBACK } from '../wire/port.ts'
import type { PlayConfig } from './config.ts'
import { launchOf } from './launch.ts'

/** Where the processes of a check run: on this machine as they are, or in a sandbox. */
export interface Enclosure extends AsyncDisposable {
  /** Resolves when processes can be launched. @throws LabError 'sandbox-failed' */
  ready: Promise<void>
  launch: Launcher
  /** Where the lab listens for them. */
  ports: Ports
  /** Puts a file of the lab's where they can read it. */
  writeFile(path: string, text: string): Promise<void>
}

const MIB = 1024 * 1024
/** For ten scenarios side by side with five processes each; Node has a dozen threads in each process. */
const LIMITS: SandboxLimits = { memoryBytes: 3072 * MIB, processes: 1024, temporaryBytes: 64 * MIB }

const OPEN: Enclosure = {
  ready: Promise.resolve(),
  launch,
  ports: LOOPBACK,
  writeFile: writeWorkerFile,
  [Symbol.asyncDispose]: async () => {},
}

/** Begins to get the place ready in which a lesson of a submission is played. */
export async function openEnclosure(config: PlayConfig, lesson: string): Promise<Enclosure> {
  const { sandbox: found, root, tree } = config
  if (!found) return OPEN
  const elsewhere = config.files[lesson]
  const folders = elsewhere === undefined ? [realPath(tree)] : [realPath(tree), realPath(dirname(elsewhere))]
  const running = new Set<Launched>()
  const sandbox = await Sandbox.open({
    found,
    root,
    folders,
    limits: LIMITS,
    onMemory: () => {
      for (const { line } of running) line?.ranOutOfMemory()
    },
  })
  const ready = sandbox.ready(labFiles(config, lesson))
  ready.catch(() => {})
  return {
    ready,
    async launch(how) {
      const process = sandbox.start(await nodeCommand(how))
      const line = new StudentLine(process.toDriver, process.fromDriver)
      const launched: Launched = { child: process, line, killGroup: () => process.killGroup(), isGuardable: false }
      running.add(launched)
      process.once('close', () => running.delete(launched))
      return launched
    },
    ports: sandbox.ports,
    writeFile: async (path, text) => sandbox.staging.write(path, text),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  }
}

/** What of the lab can be read in there. */
async function labFiles(config: PlayConfig, lesson: string): Promise<string[]> {
  const { setting, exercise, driver } = launchOf(config, lesson, 'driver')
  const [withDriver, alone, own] = await Promise.all([
    labPart(driver, setting),
    labPart(undefined, setting),
    exerciseBundle(exercise, setting),
  ])
  const solutions = earlierLessons(setting).map((name) =>
    fileURLToPath(new URL(`${name}/exercise.ts`, setting.solutions)),
  )
  return [
    ...withDriver.files,
    ...[withDriver, alone].flatMap(({ bundles }) => pathsOf(bundles)),
    own.path,
    ...solutions.filter(isSource),
    ...amqplib(config.root),
    join(config.root, 'package.json'),
  ]
}

/** The one package that an exercise needs. */
function amqplib(root: string): string[] {
  const folder = join(root, 'node_modules', 'amqplib')
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && /\.js$|^package\.json$/.test(entry.name) && !entry.parentPath.includes('examples')
      ? [join(entry.parentPath, entry.name)]
      : [],
  )
}
