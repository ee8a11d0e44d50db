import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { outermost } from '../outermost.ts'
import { BUNDLES_VARIABLE, type Bundles, exerciseBundle, labPart, pathsOf } from './bundle.ts'
import { MARK_VARIABLE } from './descendants.ts'
import { LIMITS, type Limits } from './limits.ts'
import { StudentLine } from './line.ts'
import { earlierLessons, FROM_LAB, SETTING_VARIABLE, type Setting, TO_LAB } from './protocol.ts'
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

/** A process, here or in a sandbox: the part of Node's ChildProcess that the lab needs. */
export interface Running {
  readonly pid?: number | undefined
  readonly exitCode: number | null
  readonly signalCode: string | null
  readonly stdout: Readable | null
  readonly stderr: Readable | null
  kill(signal: NodeJS.Signals): boolean
  on(event: 'exit' | 'close', listener: (code: number | null, signal: string | null) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'exit' | 'error', listener: () => void): unknown
}

/** A process that has been started; what it says before somebody listens is kept. */
export interface Launched {
  child: Running
  /** None to a program in any language. */
  line?: StudentLine
  /** Ends it and all of its group at once. */
  killGroup(): void
  /** Its numbers are those of this machine: the broker's keeper can guard it. In a sandbox they mean nothing outside. */
  isGuardable: boolean
  /** Of a process that may start others, on this machine; see descendants.ts. */
  mark?: string
}

/** How a process is started: on this machine, or in a sandbox. */
export type Launcher = (how: Launch) => Promise<Launched>

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
  return { child, killGroup: () => killGroup(child), isGuardable: true }
}

/** Starts the process. With a driver no code of the student's runs in it until it is told to load the exercise. */
export async function launch(how: Launch): Promise<Launched> {
  if (how.command) return launchCommand(how.command, how.env)
  const { args, cwd, env } = await nodeCommand(how)
  const mark = how.mayFork ? randomUUID() : undefined
  const child = spawn(process.execPath, args, {
    cwd,
    env: mark === undefined ? env : { ...env, [MARK_VARIABLE]: mark },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const line = new StudentLine(child.stdio[FROM_LAB] as Writable, child.stdio[TO_LAB] as Readable)
  return { child, line, killGroup: () => killGroup(child), isGuardable: true, ...(mark !== undefined && { mark }) }
}

/** How Node is called for a student's process. */
export async function nodeCommand({
  setting,
  exercise,
  driver,
  env,
  limits = {},
  mayFork = false,
}: Launch): Promise<{ args: string[]; cwd: string; env: Record<string, string> }> {
  const file = realpathSync(exercise)
  const { bundles: own, files } = await labPart(driver, setting)
  const exercises = driver === undefined ? [(await exerciseBundle(file, setting)).path] : []
  const bundles = { ...own, sources: [...own.sources, ...exercises] }
  const entry = driver === undefined ? [file] : [CHILD, pathToFileURL(driver).href]
  return {
    args: [...nodeFlags(setting, file, files, bundles, { ...LIMITS, ...limits }, mayFork), ...entry],
    cwd: dirname(file),
    env: {
      ...baseEnvironment(),
      ...env,
      [SETTING_VARIABLE]: JSON.stringify(setting),
      [BUNDLES_VARIABLE]: JSON.stringify(bundles),
    },
  }
}

function killGroup(child: Running): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: the group is gone already, which is what is wanted.
  }
}

/** How Node is started for a student's process. */
function nodeFlags(
  setting: Setting,
  exercise: string,
  own: string[],
  bundles: Bundles,
  limits: Limits,
  mayFork: boolean,
): string[] {
  const lab = fileURLToPath(setting.lab)
  const readable = [
    `${lab}node_modules`,
    ...own,
    `${lab}package.json`,
    ...earlierLessons(setting).map((lesson) => fileURLToPath(new URL(lesson, setting.solutions))),
    fileURLToPath(setting.tree),
    dirname(exercise),
    ...pathsOf(bundles),
    ...(mayFork ? [workersFolder(lab)] : []),
  ]
  return [
    // A submission may use the network and read itself and the lab, and nothing else.
    '--permission',
    '--allow-net',
    // No signal opens the inspector, in which there are no limits.
    '--disable-sigusr1',
    ...(mayFork ? ['--allow-child-process'] : []),
    // Node 26 refuses what is beside a file that was allowed together with its folder.
    ...outermost(readable).map((path) => `--allow-fs-read=${path}`),
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
