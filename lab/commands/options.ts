import { KINDS, type KindName } from '../broker/kinds/kind.ts'
import { LabError } from '../errors.ts'
import { SANDBOXES, type SandboxName } from '../sandbox/found.ts'

/** An option that is given or not. */
export interface Flag {
  type: 'boolean'
  help: string
}

/** An option with a value. */
export interface Valued<T> {
  type: 'string'
  /** How the value is called in the usage: 'DIR'. */
  value: string
  /** What is missing where there is none: 'a path'. */
  needs: string
  help: string
  /** @throws LabError 'usage' */
  read(given: string, option: string): T
}

export type Options = Record<string, Flag | Valued<unknown>>

/** What was given for each option. */
export type Values<O extends Options> = { [K in keyof O]: O[K] extends Valued<infer T> ? T | undefined : boolean }

/** What is wrong with a command line, in a sentence; `command` adds the usage. */
export function usageError(problem: string): LabError {
  return new LabError('usage', problem)
}

export function flag(help: string): Flag {
  return { type: 'boolean', help }
}

export function text(value: string, needs: string, help: string): Valued<string> {
  return { type: 'string', value, needs, help, read: (given) => given }
}

export function path(value: string, help: string): Valued<string> {
  return text(value, 'a path', help)
}

/** A whole number, by default any from 1 on. */
export function count(help: string, { least = 1, most = Number.POSITIVE_INFINITY } = {}): Valued<number> {
  const range = most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}`
  return {
    type: 'string',
    value: 'N',
    needs: 'a whole number',
    help,
    read(given, option) {
      const number = Number(given)
      if (Number.isInteger(number) && number >= least && number <= most) return number
      throw usageError(`${option} takes a whole number ${range}, not '${given}'.`)
    },
  }
}

/** One of a few names. @param what it is: 'broker' */
export function oneOf<const T extends string>(what: string, names: readonly T[], help: string): Valued<T> {
  return {
    type: 'string',
    value: names.join('|'),
    needs: `one of ${names.join(', ')}`,
    help,
    read(given) {
      const found = names.find((name) => name === given)
      if (found === undefined) throw usageError(`There is no ${what} '${given}'.`)
      return found
    },
  }
}

export const SANDBOX: Valued<'auto' | 'none' | SandboxName> = oneOf(
  'sandbox',
  ['auto', ...SANDBOXES, 'none'],
  'the sandbox that exercises run in; by default none: they run as your own user',
)

export const BROKER: Valued<'auto' | KindName> = oneOf(
  'broker',
  ['auto', ...KINDS],
  'which broker to use; by default the first of these that works here',
)
