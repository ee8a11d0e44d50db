import { accessSync, constants } from 'node:fs'
import { basename, delimiter, join } from 'node:path'
import { ensureExercise } from '../lessons/exercise.ts'
import { shown } from '../lessons/files.ts'
import type { Context, LessonScreen, Next } from './context.ts'

/** Editors with windows of their own: the terminal stays the lab's. Any other gets the terminal until it ends. */
const WINDOWED =
  /^(code|code-insiders|codium|cursor|windsurf|subl|zed|atom|gedit|kate|mousepad|gvim|mate|bbedit|idea|webstorm|fleet|notepad(\+\+)?)(\.exe|\.cmd|64)?$/i

/** Opens the exercise in `$VISUAL`, `$EDITOR` or code, whichever is there first. */
export const edit: LessonScreen = async (context, { lesson }) => {
  const back: Next = { go: 'lesson', lesson }
  await ensureExercise(lesson)
  const file = shown(context.root, lesson.exercise)
  const command = editorOf(context.env)
  if (command === undefined) {
    const notice = `Open ${file} in your editor. To let this key open it, name your editor first, for example: export VISUAL=nano`
    return { ...back, notice }
  }
  const [program = '', ...args] = command
  const isWindowed = WINDOWED.test(basename(program))
  const failed = isWindowed
    ? await beside(program, [...args, lesson.exercise], context)
    : await context.window.handOver(() =>
        // Ctrl-C is the editor's.
        context.interrupts.stopping(() => inTerminal(program, [...args, lesson.exercise], context)),
      )
  if (failed !== undefined) return { ...back, notice: failed }
  return isWindowed ? { ...back, notice: `${file} is open in ${basename(program)}.` } : back
}

/** The command and its arguments; quotes keep a path with spaces together. */
export function editorOf(env: NodeJS.ProcessEnv): string[] | undefined {
  const said = [env.VISUAL, isOfNpm(env) ? undefined : env.EDITOR].find(
    (each) => each !== undefined && each.trim() !== '',
  )
  if (said !== undefined) return [...said.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '')
  return isOnPath('code', env) ? ['code'] : undefined
}

/** npm gives its scripts an EDITOR of its own where the student has set none. Who wants vi says so with VISUAL. */
function isOfNpm({ EDITOR, npm_lifecycle_event }: NodeJS.ProcessEnv): boolean {
  return npm_lifecycle_event !== undefined && (EDITOR === 'vi' || EDITOR === 'notepad.exe')
}

function isOnPath(name: string, env: NodeJS.ProcessEnv): boolean {
  const names = process.platform === 'win32' ? [`${name}.cmd`, `${name}.exe`] : [name]
  return (env.PATH ?? env.Path ?? '').split(delimiter).some((folder) =>
    names.some((each) => {
      try {
        accessSync(join(folder, each), constants.X_OK)
        return true
      } catch {
        return false
      }
    }),
  )
}

/** A sentence where it failed. */
async function inTerminal(program: string, args: string[], { env, root }: Context): Promise<string | undefined> {
  const spawn = await loadSpawn()
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env, cwd: root })
    child.on('error', (error) => resolve(notStarted(program, error)))
    child.on('exit', (code, signal) => {
      if (signal !== null) resolve(`${basename(program)} was killed by ${signal}. What you saved is still there.`)
      else resolve(code === 0 ? undefined : `${basename(program)} ended with exit code ${code}.`)
    })
  })
}

async function beside(program: string, args: string[], { env, root }: Context): Promise<string | undefined> {
  const spawn = await loadSpawn()
  return new Promise((resolve) => {
    // On Windows, a detached command file would open a window of its own.
    const child = spawn(program, args, { stdio: 'ignore', detached: process.platform !== 'win32', env, cwd: root })
    child.on('error', (error) => resolve(notStarted(program, error)))
    child.on('spawn', () => {
      child.unref()
      resolve(undefined)
    })
  })
}

/** Node's spawn(), which starts command files on Windows as well, and keeps a path with spaces together there. */
async function loadSpawn() {
  return (await import('cross-spawn')).default
}

function notStarted(program: string, error: Error): string {
  return `${program} could not be started: ${error.message}. Set $VISUAL or $EDITOR to the editor you want.`
}
