import type { ErrorSeen } from '../recording/error-seen.ts'
import type { FindingEvent } from '../recording/recording.ts'
import type { FromStudent } from './heard.ts'

/**
 * What the lab finds out about a student's process, each in a sentence of its own. All text about it is in this file.
 */
export type Finding = Pick<FindingEvent, 'id' | 'sentence'> & Partial<Pick<FindingEvent, 'detail' | 'at'>>

export function fileMissing(path: string): Finding {
  return {
    id: 'file-missing',
    sentence: `There is no file ${path} yet.`,
    detail:
      'Copy the starter.ts of the lesson to that name, or open the lesson in the menu (npm run lab): it does that.',
  }
}

export function notStarted(error: Error): Finding {
  return { id: 'not-started', sentence: `The process could not be started: ${error.message}` }
}

/** The exercise could not be imported: a syntax error, an import that is not there, an error at the top level. */
function notImported(error: ErrorSeen): Finding {
  const stack = readable(error.stack ?? '')
  if (error.code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return {
      id: 'unsupported-syntax',
      sentence: `Your file uses TypeScript that Node can't run as it is: ${error.message}.`,
      detail: `${excerpt(stack)}\nNode only takes the types out. Use a plain object or a union of strings for an enum, and ordinary fields for parameter properties.`,
    }
  }
  if (
    error.name === 'SyntaxError' &&
    /does not provide an export named|Named export '.*' not found/.test(error.message)
  ) {
    return {
      id: 'import-not-exported',
      sentence: `Your file imports a name that is not there: ${error.message.split('\n')[0]}`,
      detail: `${excerpt(stack)}\nA type must be imported with the word type: import { connect, type ChannelModel } from 'amqplib'.`,
    }
  }
  if (error.name === 'SyntaxError') {
    return { id: 'syntax-error', sentence: `Your file has a syntax error: ${error.message}.`, detail: excerpt(stack) }
  }
  if (error.code === 'ERR_MODULE_NOT_FOUND') {
    return {
      id: 'module-missing',
      sentence: `Your file imports something that is not there: ${readable(error.message)}`,
      detail: "Imports of your own files need their full name with the ending: './helper.ts'.",
    }
  }
  if (error.code === 'ERR_ACCESS_DENIED') {
    return {
      id: 'access-denied',
      sentence: 'Your file reads, writes or starts something that an exercise may not.',
      detail: `${excerpt(stack)}\nAn exercise may read its own tree and the lab's packages, and use the network.`,
    }
  }
  return {
    id: 'failed-to-load',
    sentence: `Your file stopped with an error while it was loaded: ${error.name}: ${error.message}`,
    detail: excerpt(stack),
  }
}

/** What kept the driver from calling the exercise. */
export function notLoaded(failed: Extract<FromStudent, { type: 'load-failed' }>): Finding {
  if (failed.reason === 'export-missing') return exportMissing(failed.detail)
  if (failed.reason === 'not-a-function') return notAFunction(failed.detail)
  return notImported(failed.error ?? { name: 'Error', message: 'it could not be loaded' })
}

function exportMissing(name: string): Finding {
  return {
    id: 'export-missing',
    sentence: `Your file has no export called ${name}.`,
    detail: `Write: export function ${name}(…). The lesson's text has the whole signature.`,
  }
}

function notAFunction(name: string): Finding {
  return { id: 'not-a-function', sentence: `Your file exports ${name}, but it is not a function.` }
}

export function slowToLoad(limitMs: number): Finding {
  return {
    id: 'slow-to-load',
    sentence: `Your file was not loaded after ${limitMs / 1000} s.`,
    detail: 'Does it wait for something at the top level? Put such work into the function.',
  }
}

/** The process ended by itself although nobody asked it to. */
export function exited(
  code: number | null,
  signal: string | null,
  died: { origin: string; error: ErrorSeen } | undefined,
  last: string[],
  isCommand = false,
): Finding {
  if (/heap out of memory/.test(last.join('\n'))) return memory()
  if (died) return crashed(died)
  return {
    id: 'exited',
    sentence: `Your process ended by itself, with ${signal ? `signal ${signal}` : `exit code ${code}`}, while the lab still needed it.${isCommand ? '' : calledExit(code)}`,
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
function calledExit(code: number | null): string {
  return code === null || code === 0 ? '' : ` Something in it called process.exit(${code}).`
}

/** Errors with which a file is not even loaded. As a program it then ends like any that crashes. */
const NOT_LOADED = /^ERR_(UNSUPPORTED_TYPESCRIPT_SYNTAX|INVALID_TYPESCRIPT_SYNTAX|MODULE_NOT_FOUND|ACCESS_DENIED)$/

function crashed({ origin, error }: { origin: string; error: ErrorSeen }): Finding {
  if (error.name === 'SyntaxError' || NOT_LOADED.test(String(error.code))) return notImported(error)
  const detail = excerpt(readable(error.stack ?? ''))
  const at = error.at === undefined ? {} : { at: error.at }
  const said = `${error.name}: ${firstLine(error.message)}`
  if (origin === 'unhandledRejection') {
    const sentence = `Your process crashed, because a promise was rejected and nobody handled it: ${said}`
    return { id: 'unhandled-rejection', sentence, detail, ...at }
  }
  const unhandled = error.message.startsWith('Unhandled') ? "\nNobody listened for that 'error' event." : ''
  return { id: 'crashed', sentence: `Your process crashed: ${said}`, detail: `${detail}${unhandled}`, ...at }
}

export function blocked(ms: number): Finding {
  return {
    id: 'blocked',
    sentence: `Your code kept the event loop busy for more than ${Math.round(ms / 1000)} s: nothing else could run in the process.`,
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
    .filter((line) => !/^\s+at .*(node:internal|node:net|node:events|\/lab\/student\/)/.test(line))
    .slice(0, 10)
    .join('\n')
    .trimEnd()
}
