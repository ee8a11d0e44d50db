import { accessSync, constants, existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { LabError } from '../../errors.ts'
import { messages } from '../messages.ts'

/** A RabbitMQ that is installed on this machine. */
export interface Installed {
  server: string
  ctl: string
  /** Erlang's port mapper; undefined where it was not found. */
  epmd: string | undefined
  version: string | undefined
}

/** Where packages put RabbitMQ's own scripts; /usr/sbin holds wrappers that switch the user, and refuse others. */
const PLACES = ['/usr/lib/rabbitmq/bin', '/opt/homebrew/sbin', '/usr/local/sbin', '/opt/rabbitmq/sbin']

/** Finds RabbitMQ without running it. The environment's PATH counts first. */
export function findInstalled(env: NodeJS.ProcessEnv = process.env, places = PLACES): Installed | undefined {
  const path = (env['PATH'] ?? '').split(delimiter).filter(Boolean)
  const folder = [...path, ...places].find((each) => isOwnScript(join(each, 'rabbitmq-server')))
  if (folder === undefined) return undefined
  const server = realpathSync(join(folder, 'rabbitmq-server'))
  return {
    server,
    ctl: join(folder, 'rabbitmqctl'),
    epmd: findEpmd([...path, '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin']),
    version: /rabbitmq(?:_server)?[-/](\d+\.\d+\.\d+)/.exec(server)?.[1],
  }
}

/** What keeps this installation from being used, if anything. */
export function whyNot(installed: Installed | undefined): LabError | undefined {
  if (process.platform === 'win32') return messages.nativeOnWindows()
  if (installed === undefined) return messages.nativeMissing()
  return installed.epmd === undefined ? messages.epmdMissing() : undefined
}

/** Beside the path, Erlang keeps it within: lib/erlang/erts-13.1/bin/epmd. */
function findEpmd(folders: string[]): string | undefined {
  const direct = folders.map((each) => join(each, 'epmd')).find(isExecutable)
  if (direct !== undefined) return direct
  const erl = folders.map((each) => join(each, 'erl')).find(isExecutable)
  if (erl === undefined) return undefined
  const bin = dirname(realpathSync(erl))
  return ['../erts-*/bin/epmd', '../lib/erlang/erts-*/bin/epmd'].flatMap((each) => globSync(join(bin, each)))[0]
}

function isOwnScript(file: string): boolean {
  return isExecutable(file) && !/\bsu rabbitmq\b|runuser|rabbitmq-script-wrapper/.test(readFileSync(file, 'latin1'))
}

function isExecutable(file: string): boolean {
  if (!existsSync(file)) return false
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
