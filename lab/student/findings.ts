import type { ErrorSeen } from '../recording/error-seen.ts'
import { exportMissing, notAFunction } from './findings/exports.ts'
import type { Finding } from './findings/finding.ts'
import { exitedAtLoad, loopAtLoad, notImported, whenever } from './findings/load.ts'
import type { Own } from './findings/own-file.ts'
import { syntaxError } from './findings/syntax.ts'
import type { FromStudent } from './heard.ts'

/**
 * What the lab finds out about a student's process. All text about it is here; what is said of an exercise that can't be
 * loaded is in findings/.
 */

export function notStarted(error: Error): Finding {
  return { id: 'not-started', sentence: `The process could not be started: ${error.message}` }
}

/** Node's own exit code for an await at the top level that can't end any more. */
const UNSETTLED = 13

/** What kept the driver from calling the exercise. */
export function notLoaded(failed: Extract<FromStudent, { type: 'load-failed' }>, own: Own): Finding {
  const { reason, detail, error = { name: 'Error', message: 'it could not be loaded' } } = failed
  const finding = explained(() => {
    if (reason === 'export-missing') return exportMissing(detail, own)
    return reason === 'not-a-function' ? notAFunction(detail, own) : notImported(error, own)
  })
  return finding ?? asItCame(error)
}

/** An error of a call, in words of the lab's where Node's would say nothing to a student. */
export function inPlainWords(error: ErrorSeen, own: Own): ErrorSeen {
  const finding = explained(() => whenever(error, own))
  if (finding === undefined) return error
  // The error has its place as data already: of the detail, the advice is enough.
  const advice = finding.detail?.split('\n').filter((line) => !/^ {2}\S+:\d+ |^ *\^+$/.test(line)) ?? []
  return { ...error, message: [finding.sentence, ...advice.map((line) => line.trim())].join(' ') }
}

/** The words and the stack of an error are the student's to make up: where no sense can be made of them, none is. */
function explained(explain: () => Finding | undefined): Finding | undefined {
  try {
    return explain()
  } catch {
    return undefined
  }
}

function asItCame({ name, message }: ErrorSeen): Finding {
  return {
    id: 'failed-to-load',
    sentence: `Your file failed while it was being loaded: ${name}: ${firstLine(message)}`,
  }
}

/** The process ended by itself although nobody asked it to. */
export function exited(
  code: number | null,
  signal: string | null,
  died: { origin: string; error: ErrorSeen } | undefined,
  last: string[],
  own: Own,
  isLoaded: boolean,
  isCommand = false,
): Finding {
  if (/heap out of memory/.test(last.join('\n'))) return memory()
  if (died) return crashed(died, own)
  const early = isLoaded ? undefined : exitedAtLoad(code, own)
  if (early) return early
  const how = `ended with ${signal ? `signal ${signal}` : `exit code ${code}`} while the lab still needed it.`
  return {
    id: 'exited',
    sentence: `Your process ${isCommand ? how : (calledExit(code) ?? how)}`,
    ...(last.length > 0
      ? {
          detail: `It printed last:\n${last
            .slice(-6)
            .map((line) => `  ${line}`)
            .join('\n')}`,
        }
      : {}),
  }
}

/** Without an error that nobody caught, only process.exit() ends a process like that. */
function calledExit(code: number | null): string | undefined {
  if (code === UNSETTLED)
    return `ended with exit code ${code}, because an await at its top level, outside any function, never settled, and nothing else was left to do.`
  return code === null || code === 0 ? undefined : `called process.exit(${code}) while the lab still needed it.`
}

function crashed({ origin, error }: { origin: string; error: ErrorSeen }, own: Own): Finding {
  const finding = explained(() => whenever(error, own) ?? syntaxError(error, own))
  if (finding) return finding
  const detail = excerpt(readable(error.stack ?? ''))
  const at = error.at === undefined ? {} : { at: error.at }
  const said = `${error.name}: ${firstLine(error.message)}`
  if (origin === 'unhandledRejection') {
    const sentence = `Your process crashed because nothing handled a rejected promise: ${said}`
    return { id: 'unhandled-rejection', sentence, detail, ...at }
  }
  const unhandled = error.message.startsWith('Unhandled') ? "\nNothing listened for that 'error' event." : ''
  return { id: 'crashed', sentence: `Your process crashed: ${said}`, detail: `${detail}${unhandled}`, ...at }
}

export function blocked(ms: number, own: Own, isLoaded: boolean): Finding {
  if (!isLoaded) return loopAtLoad(ms, own)
  return {
    id: 'blocked',
    sentence: `Your code kept the event loop busy for more than ${Math.round(ms / 1000)} s, so nothing else could run in the process.`,
    detail: 'Is there a loop without an await in it?',
  }
}

export function flood(bytes: number): Finding {
  return {
    id: 'flood',
    sentence: `Your process printed more than ${Math.round(bytes / 1024 / 1024)} MiB, so the lab stopped it.`,
    detail: 'Does it print in a loop that never waits?',
  }
}

export function manyProcesses(most: number): Finding {
  return {
    id: 'many-processes',
    sentence: `Your process had started more than ${most} processes that were still running, so the lab ended them all.`,
    detail: 'Does it start one in a loop that never waits?',
  }
}

export function messages(): Finding {
  return {
    id: 'flood',
    sentence: 'Your process reported far more to the lab than any exercise needs to, so the lab stopped it.',
    detail:
      "Does it call the handler or connect in a loop that never waits? Only the driver may write to the lab's connection.",
  }
}

export function memory(): Finding {
  return {
    id: 'memory',
    sentence: 'Your process used more memory than the lab allows, so it was stopped.',
    detail: 'Does it collect something in a loop that never ends?',
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

/** file: URLs become plain paths. */
function readable(text: string): string {
  return text.replaceAll(/file:\/\/\/?(?=[A-Za-z]:|[^/])/g, (match) => (match.length === 8 ? '/' : ''))
}

/** The part of a stack that a student can use: the place, the line, the caret, their own frames. */
function excerpt(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => !/^\s+at .*(node:|\/lab\/student\/)/.test(line))
    .slice(0, 10)
    .join('\n')
    .trimEnd()
}
