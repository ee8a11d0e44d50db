import { existsSync, readdirSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ErrorSeen } from '../../recording/error-seen.ts'
import { earlierLessons } from '../protocol.ts'
import { closest } from './closest.ts'
import { detail, type Finding } from './finding.ts'
import { isOwnPath, type Own, OwnFile, ownFiles, pathOf } from './own-file.ts'

/** An import that leads nowhere. */
interface Failed {
  file: OwnFile
  line: number | undefined
  specifier: string
  code: string
  own: Own
}

/** What to write in place of packages that services often use. */
const INSTEAD: [RegExp, string][] = [
  [/^dotenv|^env-cmd/, "The lesson's variables are already in process.env, so there's nothing to load."],
  [
    /^(winston|pino|bunyan|log4js|loglevel|signale|consola|tslog|morgan|chalk|debug)\b/,
    'For logging, console.log() and console.error() are enough: the lab shows what your process prints.',
  ],
  [
    /amqp|rabbit|^(rascal|haredo|hutch|moleculer|rhea|bunnymq|foo-foo-mq|servicebus)\b/,
    'The lessons are about building what such a package does for you: use amqplib.',
  ],
  [
    /retry|backoff|attempt|^(p-|promise-)?(wait-for|timeout)\b/,
    "A loop is enough, with setTimeout from 'node:timers/promises' to wait between attempts.",
  ],
  [/^(delay|sleep)\b/, "To wait, use setTimeout from 'node:timers/promises'."],
  [/^(uuid|nanoid|cuid|ulid|short-uuid|@paralleldrive)\b/, "randomUUID from 'node:crypto' creates unique IDs."],
  [/^(joi|zod|yup|ajv|envalid|convict|env-var|class-validator|io-ts|@sinclair)\b/, 'An if and a throw are enough.'],
  [
    /^(ioredis|redis|pg|mongo|mongoose|mongodb|mysql2?|sqlite3|better-sqlite3|typeorm|sequelize|knex|@?prisma)\b/,
    'There is no database here: an exercise gets everything it needs as arguments.',
  ],
  [
    /^(@nestjs|reflect-metadata|typedi|inversify|tsyringe)\b/,
    'Write plain functions and classes: an exercise runs without a framework.',
  ],
]

/** What Node says of imports that lead nowhere, or to what it can't read. */
const NOT_FOUND =
  /^(ERR_)?MODULE_NOT_FOUND$|^ERR_(PACKAGE_|INVALID_MODULE_SPECIFIER|UNSUPPORTED_DIR_IMPORT|UNSUPPORTED_ESM_URL|UNKNOWN_BUILTIN|UNKNOWN_FILE_EXT|IMPORT_ATTRIBUTE_MISSING|ACCESS_DENIED)/

/** The import that was tried: the lab's hook notes it, and where Node asks no hook, it is in the error's words. */
function importOf({ imports, message }: ErrorSeen, own: Own): ErrorSeen['imports'] {
  const builtin = /^No such built-in module: (.+)$/.exec(message)?.[1]
  if (imports !== undefined || builtin === undefined) return imports
  const file = ownFiles(own).find((each) => each.imports.some(({ specifier }) => specifier === builtin))
  return { specifier: builtin, from: pathToFileURL(file?.path ?? own.exercise).href }
}

/** Explains an import that could not be resolved or read. */
export function importFailed(error: ErrorSeen, own: Own): Finding | undefined {
  const { specifier, from } = importOf(error, own) ?? {}
  if (specifier === undefined || from === undefined || !NOT_FOUND.test(String(error.code))) return undefined
  const path = pathOf(from)
  if (path === undefined) return undefined
  const file = new OwnFile(path, own)
  const line = file.imports.find((each) => each.specifier === specifier)?.line
  const failed: Failed = { file, line, specifier, code: String(error.code), own }
  const finding =
    scheme(failed) ??
    alias(failed) ??
    (/^\.|^\/|^file:/.test(specifier) ? wrongFile(failed) : undefined) ??
    wrongPackage(failed)
  return { ...finding, ...file.at(line) }
}

function scheme({ file, line, specifier }: Failed): Finding | undefined {
  if (!/^https?:|^npm:|^jsr:/.test(specifier)) return undefined
  return {
    id: 'package-missing',
    sentence: `${file.place(line)} imports '${specifier}', but Node doesn't load modules from there.`,
    detail: detail(file.shown(line), "An exercise can use amqplib and Node's own modules: import amqp from 'amqplib'."),
  }
}

/** A path that only a bundler or a tsconfig understands. */
function alias({ file, line, specifier, own }: Failed): Finding | undefined {
  const lesson = earlierLessons(own.setting).find((name) => specifier.includes(name))
  const isAlias = /^[@~#$]\/|^[~#]/.test(specifier) || (lesson !== undefined && !/^[./]|^file:/.test(specifier))
  if (!isAlias) return undefined
  const path = lesson === undefined ? `./${basename(specifier).replace(/\.[jt]s$/, '')}.ts` : `../${lesson}/exercise.ts`
  const said = file
    .shown(line)
    .trimStart()
    .replace(/^\S+\s+/, '')
  const written = said.includes(specifier) ? said.replace(specifier, path) : `'${path}'`
  return {
    id: 'path-alias',
    sentence: `${file.place(line)} imports '${specifier}', a path alias. Node doesn't read aliases from a tsconfig.`,
    detail: detail(file.shown(line), `Write the path from this file: ${written}`),
  }
}

function wrongPackage({ file, line, specifier, code }: Failed): Finding {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
  const shown = file.shown(line)
  const place = file.place(line)
  if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') {
    return {
      id: 'package-missing',
      sentence: `${place} imports '${specifier}', but ${name} doesn't export that file.`,
      detail: detail(shown, `Import from '${name}'.`),
    }
  }
  if (specifier.startsWith('node:') || closest(specifier, builtinModules) !== undefined) {
    const meant = closest(specifier.replace(/^node:/, ''), builtinModules)
    return {
      id: 'package-missing',
      sentence: `${place} imports '${specifier}', but Node has no module with that name.`,
      detail: detail(shown, meant && `Did you mean 'node:${meant}'?`),
    }
  }
  if (isMaybePath(specifier)) {
    return {
      id: 'package-missing',
      sentence: `${place} imports '${specifier}', which Node treats as a package, but the lab has no package with that name.`,
      detail: detail(
        shown,
        "If it's one of your files, write its path from this file, with the extension: './helper.ts'.",
      ),
    }
  }
  const instead =
    closest(name, ['amqplib']) === undefined
      ? name.startsWith('@types/')
        ? `Types come from the package itself: import type … from '${name.slice('@types/'.length)}'.`
        : (INSTEAD.find(([packages]) => packages.test(name))?.[1] ?? 'Write the parts that you need yourself.')
      : "Did you mean 'amqplib'?"
  return {
    id: 'package-missing',
    sentence: `${place} imports '${name}', a package that the lab doesn't have. An exercise can use amqplib and Node's own modules.`,
    detail: detail(shown, instead),
  }
}

/** 'utils/log' is a package for Node, and may have been meant as a path. */
function isMaybePath(specifier: string): boolean {
  return /^@?(src|lib|libs|app|utils?|helpers?|common|shared|core|domain|lessons|config)\/|\.ts$/.test(specifier)
}

function wrongFile({ file, line, specifier, code, own }: Failed): Finding | undefined {
  const target = pathOf(URL.parse(specifier, pathToFileURL(file.path).href)?.href ?? '') ?? ''
  const place = file.place(line)
  const shown = file.shown(line)
  const wrong = (sentence: string, advice: string | false | undefined, id = 'module-missing'): Finding => ({
    id,
    sentence: `${place} imports '${specifier}', ${sentence}`,
    detail: detail(shown, advice),
  })
  if (code === 'ERR_IMPORT_ATTRIBUTE_MISSING')
    return wrong('but not as JSON.', `Write: import data from '${specifier}' with { type: 'json' }`)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return wrong(
      "a kind of file that Node can't run.",
      /x$/.test(specifier) && 'Name it .ts: there is no JSX in an exercise.',
    )
  const { lesson } = own.setting
  const number = /(?:^|\/)(\d\d)-/.exec(specifier)?.[1]
  const meant = Object.keys(own.setting.exports).find((name) => name.startsWith(`${number}-`))
  if (meant !== undefined && meant > lesson)
    return wrong('but a lesson can only build on earlier ones.', `This is lesson ${lesson.slice(0, 2)}.`)
  // The strict edition for students has no stand-ins.
  const isUnwritten = meant !== undefined && specifier.includes(`${meant}/exercise`)
  if (isUnwritten && meant < lesson && !existsSync(new URL(`${meant}/exercise.ts`, own.setting.solutions)))
    return wrong('which you have not written yet.', `This lesson builds on ${meant}: write that one first.`)
  if (code === 'ERR_ACCESS_DENIED')
    return wrong(
      'which an exercise may not read.',
      meant !== undefined && meant < lesson
        ? `Write: '../${meant}/exercise.ts'`
        : "It may import the files of its own tree, amqplib and Node's own modules.",
      'access-denied',
    )
  if (meant !== undefined && meant < lesson)
    return wrong('but there is no such file.', `The exercise of lesson ${number} is '../${meant}/exercise.ts'.`)
  const isOwn = isOwnPath(target, own)
  if (isOwn && isFolder(target))
    return wrong('which is a folder.', "Name a file in it, with its extension: './helpers/log.ts'.")
  const near = isOwn ? closest(basename(target), namesIn(dirname(target))) : undefined
  return wrong(
    'but there is no such file.',
    near === undefined
      ? 'The path starts from the folder of the importing file.'
      : `Did you mean '${specifier.slice(0, specifier.length - basename(specifier).length)}${near}'?`,
  )
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function namesIn(folder: string): string[] {
  return isFolder(folder) ? readdirSync(folder).filter((name) => /\.[mc]?[jt]s$/.test(name)) : []
}
