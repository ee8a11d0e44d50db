import type { ErrorSeen } from '../recording/error-seen.ts'

/** What a lesson's driver is made of. It runs in the student's process and is all that calls the exercise. */

type Imports = ErrorSeen['imports']

/** The other end of the line to the lab. */
export interface Line {
  /** Tells the lab that something happened: `data` must be what JSON can hold. */
  tell(name: string, data?: unknown): void
  /** Calls `listener` whenever the lab tells `name`, also for what it told before. */
  heard(name: string, listener: (data: never) => void): void
  /** From now on only what the exercise has going keeps the process alive. */
  mayEnd(): void
}

export interface Driver<Exercise> {
  /** The exports that the lesson asks for; each must be a function. */
  exports: (keyof Exercise & string)[]
  /** What the lab can ask for. The result must be what JSON can hold. */
  calls: Record<string, (exercise: Exercise, args: never, line: Line) => unknown>
}

/** Gives a driver its type. */
export function drive<Exercise>(driver: Driver<Exercise>): Driver<Exercise> {
  return driver
}

/** An error as plain data. Works for anything that was thrown. */
export function errorSeen(thrown: unknown): ErrorSeen {
  if (!(thrown instanceof Error)) return { name: typeof thrown, message: cut(String(thrown), 4000) }
  const { code, imports, resource } = thrown as { code?: unknown; imports?: Imports; resource?: unknown }
  return {
    name: cut(String(thrown.name), 200),
    message: cut(String(thrown.message), 4000),
    ...(typeof code === 'string' ? { code: cut(code, 100) } : typeof code === 'number' ? { code } : {}),
    ...(typeof thrown.stack === 'string' ? { stack: cut(thrown.stack, 8000) } : {}),
    ...(imports && {
      imports: { specifier: cut(String(imports.specifier), 1000), from: cut(String(imports.from), 1000) },
    }),
    ...(typeof resource === 'string' ? { resource: cut(resource, 1000) } : {}),
  }
}

/** An error with its causes and what it collects, each without its stack. */
export function errorsSeen(thrown: unknown, depth = 8): ReturnType<typeof errorSeen>[] {
  const { stack: _, ...own } = errorSeen(thrown)
  const { cause, errors } = Object(thrown) as { cause?: unknown; errors?: unknown }
  const inner = [...(cause === undefined ? [] : [cause]), ...(Array.isArray(errors) ? errors : [])]
  return [own, ...(depth > 0 ? inner.flatMap((each) => errorsSeen(each, depth - 1)) : [])]
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length)
}
