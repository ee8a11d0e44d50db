import type { ErrorSeen } from '../../recording/error-seen.ts'
import { commonJs, packageForModules } from './commonjs.ts'
import { denied } from './denied.ts'
import { detail, type Finding } from './finding.ts'
import { importFailed } from './imports.ts'
import { notExported } from './names.ts'
import { type Own, type OwnFile, ownPlace } from './own-file.ts'
import { syntaxError } from './syntax.ts'
import { topLevel } from './top-level.ts'

const OUTSIDE = 'Code outside a function runs as soon as the file is imported.'

/**
 * Explains errors that mean the same whenever they come: while the file is loaded, when a function imports something
 * late, or when a program ends of them. Undefined for all others.
 */
export function whenever(error: ErrorSeen, own: Own): Finding | undefined {
  return (
    importFailed(error, own) ??
    denied(error, own) ??
    commonJs(error, own) ??
    packageForModules(error, own) ??
    notExported(error, own)
  )
}

/** The exercise could not be imported. */
export function notImported(error: ErrorSeen, own: Own): Finding {
  return whenever(error, own) ?? syntaxError(error, own) ?? brokenConfig(error) ?? threw(error, own)
}

function brokenConfig({ code, message }: ErrorSeen): Finding | undefined {
  const path = /^Invalid package config (.+?\.json)/.exec(message)?.[1]
  if (code !== 'ERR_INVALID_PACKAGE_CONFIG' || path === undefined) return undefined
  return {
    id: 'failed-to-load',
    sentence: `Node can't read ${path}: it is not valid JSON.`,
    detail: 'Fix it, or remove it: an exercise needs no package.json.',
  }
}

/** It was read, and something in it failed at once. */
function threw(error: ErrorSeen, own: Own): Finding {
  const [message = ''] = error.message.split('\n')
  const said = /^[a-z]/.test(error.name) ? `it throws '${message}', which isn't an Error` : `${error.name}: ${message}`
  const place = ownPlace(error.stack, own)
  if (place !== undefined) {
    return {
      id: 'failed-to-load',
      sentence: `${place.file.place(place.line)} failed while your file was being loaded: ${said}`,
      detail: detail(place.file.shown(place.line), advice(error, place.file)),
      ...place.file.at(place.line),
    }
  }
  const { awaits } = topLevel(own)
  return {
    id: 'failed-to-load',
    sentence: `Your file failed while it was being loaded: ${said}`,
    detail: detail(
      ...(awaits.length > 0
        ? ['It waits at its top level, outside any function:', ...awaits.map(({ shown }) => shown)]
        : []),
      OUTSIDE,
      awaits.length > 0 && 'Move it into the function, or behind if (import.meta.main).',
    ),
  }
}

export function slowToLoad(limitMs: number, own: Own): Finding {
  const { awaits } = topLevel(own)
  const [first] = awaits
  return {
    id: 'slow-to-load',
    sentence: `Your file had not loaded after ${limitMs / 1000} s${first === undefined ? '.' : ': it is still waiting for something at its top level, outside any function.'}`,
    detail: detail(
      ...awaits.map(({ shown }) => shown),
      OUTSIDE,
      'Move anything that takes time into the function, or behind if (import.meta.main).',
    ),
  }
}

/** The event loop stood still before the exercise was loaded. */
export function loopAtLoad(limitMs: number, own: Own): Finding {
  const { loops } = topLevel(own)
  return {
    id: 'slow-to-load',
    sentence: `Your file had not loaded after ${Math.round(limitMs / 1000)} s: it keeps the process busy at its top level, outside any function.`,
    detail: detail(
      ...loops.map(({ shown }) => shown),
      OUTSIDE,
      'Does a loop there never end? Move it into the function.',
    ),
  }
}

/** The process ended by itself before the exercise was loaded. */
export function exitedAtLoad(code: number | null, own: Own): Finding | undefined {
  const { exits, otherExits, name } = topLevel(own)
  const shown = [...exits, ...otherExits]
  if (shown.length === 0 || code === null) return undefined
  const who = exits.length === 1 ? `${name}:${exits[0]?.line} ended the process` : 'Your process ended'
  return {
    id: 'failed-to-load',
    sentence: `${who} with exit code ${code} while your file was being loaded.`,
    detail: detail(
      ...shown.map((each) => each.shown),
      OUTSIDE,
      'The lab imports your file, so process.exit() ends it before anything is checked.',
    ),
  }
}

function advice({ message }: ErrorSeen, file: OwnFile): string {
  if (file.lines.some((line) => line.startsWith('```')))
    return 'The file has lines of Markdown in it: remove the ones with ```.'
  if (/ENOENT.*\.env'/.test(message)) return "The lesson's variables are already in process.env: there's no .env."
  return OUTSIDE
}
