import { type ChildProcess, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { BUNDLES_VARIABLE, type Bundles, exerciseBundle, labBundles } from './bundle.ts'
import { LIMITS, type Limits } from './limits.ts'
import { earlierLessons, SETTING_VARIABLE, type Setting } from './protocol.ts'
import { workersFolder } from './workers-folder.ts'

const PRELOAD = new URL('./preload.mjs', import.meta.url).href
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** A program in any language. */
export interface Command {
  /** The program and its arguments. */
  words: string[]
  /** The folder in which it was typed. */
  cwd: string
}

/** What a student's process is started with. */
export interface Launch {
  setting: Setting
  /** The exercise's path. */
  exercise: string
  /** The driver's path; without it the exercise is run as a program. */
  driver?: string | undefined
  /** Run in the exercise's place: a program without a line to the lab. */
  command?: Command | undefined
  /** Variables that the lesson names. Nothing else of the environment reaches the process. */
  env?: Record<string, string> | undefined
  limits?: Partial<Limits> | undefined
  /** Whether the process may start others. Node hands the permissions of this one on to them. */
  mayFork?: boolean | undefined
}

/** A process that has been started; what it says before somebody listens is kept. */
export interface Launched {
  child: ChildProcess
  /** Ends the keeping, and returns what was said so far. */
  heard(): unknown[]
}

/** Starts a program of which the lab sees only its frames, its output and its end. */
function launchCommand({ words: [file = '', ...args], cwd }: Command, env: Launch['env']): Launched {
  const child = spawn(file, args, {
    cwd,
    // Python keeps back what it prints to a pipe, unless it is told not to.
    env: { ...baseEnvironment(), PYTHONUNBUFFERED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  return { child, heard: () => [] }
}

/** Starts the process. With a driver no code of the student's runs in it until it is told to load the exercise. */
export async function launch({
  setting,
  exercise,
  driver,
  env,
  limits = {},
  mayFork = false,
  command,
}: Launch): Promise<Launched> {
  if (command) return launchCommand(command, env)
  const file = realpathSync(exercise)
  const own = await labBundles(driver, setting)
  const exercises = driver === undefined ? [(await exerciseBundle(file, setting)).path] : []
  const bundles = { ...own, sources: [...own.sources, ...exercises] }
  const entry = driver === undefined ? [file] : [CHILD, pathToFileURL(driver).href]
  const child = spawn(
    process.execPath,
    [...nodeFlags(setting, file, bundles, { ...LIMITS, ...limits }, mayFork), ...entry],
    {
      cwd: dirname(file),
      env: {
        ...baseEnvironment(),
        ...env,
        [SETTING_VARIABLE]: JSON.stringify(setting),
        [BUNDLES_VARIABLE]: JSON.stringify(bundles),
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    },
  )
  const said: unknown[] = []
  const keep = (message: unknown) => said.push(message)
  child.on('message', keep)
  return {
    child,
    heard() {
      child.off('message', keep)
      return said
    },
  }
}

/** How Node is started for a student's process. */
function nodeFlags(setting: Setting, exercise: string, bundles: Bundles, limits: Limits, mayFork: boolean): string[] {
  const lab = fileURLToPath(setting.lab)
  const readable = [
    `${lab}node_modules`,
    `${lab}lab`,
    `${lab}checks`,
    `${lab}package.json`,
    ...earlierLessons(setting).map((lesson) => fileURLToPath(new URL(lesson, setting.solutions))),
    fileURLToPath(setting.tree),
    dirname(exercise),
    ...bundles.sources,
    bundles.amqplib,
    ...(mayFork ? [workersFolder(lab)] : []),
  ]
  return [
    // A submission may use the network and read itself and the lab, and nothing else.
    '--permission',
    '--allow-net',
    ...(mayFork ? ['--allow-child-process'] : []),
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    // node:tls reads the 150 certificates that Node has within it: 27 ms of computing, unused.
    '--use-openssl-ca',
    `--max-old-space-size=${limits.heapMiB}`,
    // Short as it lives, it then collects no garbage at all: 5 ms of computing.
    '--min-semi-space-size=16',
    `--import=${PRELOAD}`,
  ]
}

/** What a process needs to run at all; nothing of the lab's or the instructor's own. */
function baseEnvironment(): Record<string, string> {
  const names = process.platform === 'win32' ? ['SystemRoot', 'Path', 'TEMP'] : ['PATH', 'TZ', 'LANG']
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}
