import type { Several } from './runnable.ts'

/** What whoever runs a service can do beside sending tasks. */
export type Deed = 'kill' | 'worker' | 'start' | 'stop' | 'restart' | 'node' | 'trace' | 'quit' | 'help'

interface Entry {
  deed: Deed
  /** Pressed after Tab; `/k` is the same as `/kill`. */
  key: string
  /** In the line of keys, which must fit into 60 columns. */
  short: string
  /** Where it can be done only, or not at all. */
  only?: Several
  not?: Several
  /** Where the line has no room for it. */
  noRoom?: Several
  does: string
}

export const KEYS: readonly Entry[] = [
  { deed: 'kill', key: 'k', short: 'kill', does: 'kills the service, as kill -9 does' },
  {
    deed: 'worker',
    key: 'w',
    short: 'worker',
    does: 'kills one worker of a cluster, as kill -9 does',
    only: 'workers',
  },
  { deed: 'start', key: 's', short: 'start', does: 'starts it again, with the file as it is now' },
  { deed: 'stop', key: 'c', short: 'stop', does: 'sends it SIGINT, as Ctrl-C does' },
  { deed: 'restart', key: 'b', short: 'broker', does: 'restarts the broker', not: 'nodes' },
  { deed: 'node', key: 'n', short: 'node', does: 'stops a node of the cluster, or starts it again', only: 'nodes' },
  { deed: 'trace', key: 't', short: 'trace', does: 'turns the trace off, or on again', noRoom: 'workers' },
  {
    deed: 'quit',
    key: 'q',
    short: 'quit',
    does: 'ends the run, and deletes the queue',
  },
  { deed: 'help', key: '?', short: 'help', does: 'shows this help' },
]

/** What a typed line means: a task, a deed, or a word that is none. */
export type Typed = { task: string } | { deed: Deed } | { unknown: string } | undefined

/** A line that begins with a slash is a command. Any other is a task, as it was typed. */
export function typed(line: string): Typed {
  if (line.trim() === '') return undefined
  if (!line.startsWith('/')) return { task: line }
  const word = line.slice(1).trim().toLowerCase()
  const entry = KEYS.find(({ deed, key }) => word === deed || word === key)
  return entry ? { deed: entry.deed } : { unknown: line.trim() }
}

export function deedOf(key: string): Deed | undefined {
  return KEYS.find((entry) => entry.key === key)?.deed
}

function isFor({ only, not }: Entry, several: Several | undefined): boolean {
  return (only === undefined || only === several) && (not === undefined || not !== several)
}

/** One line: what the keys after Tab do. */
export function keyLine(several: Several | undefined): string {
  return KEYS.filter((entry) => isFor(entry, several) && (several === undefined || entry.noRoom !== several))
    .map(({ key, short }) => `${key} ${short}`)
    .join('  ')
}

/** All commands with what they do, in lines. */
export function help(keys: boolean, several: Several | undefined): string[] {
  const ways = keys
    ? 'Any other line is a task. Press Tab and then the key, or type the command:'
    : 'Any other line is a task. The commands, and their short names:'
  const known = KEYS.filter((entry) => isFor(entry, several))
  return [ways, ...known.map(({ deed, key, does }) => `  ${key}  ${`/${deed}`.padEnd(9)} ${does}`)]
}
