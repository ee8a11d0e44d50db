/** What whoever runs a service can do beside sending tasks. */
export type Deed = 'kill' | 'worker' | 'start' | 'stop' | 'restart' | 'trace' | 'quit' | 'help'

interface Entry {
  deed: Deed
  /** Pressed after Tab; `/k` is the same as `/kill`. */
  key: string
  /** In the line of keys, which must fit into 60 columns. */
  short: string
  /** Whether it stands there 'only' for a cluster, or 'not' for one: there is no room for all. */
  cluster?: 'only' | 'not'
  does: string
}

export const KEYS: readonly Entry[] = [
  { deed: 'kill', key: 'k', short: 'kill', does: 'kills the service, as kill -9 does' },
  {
    deed: 'worker',
    key: 'w',
    short: 'worker',
    does: 'kills one worker of a cluster, as kill -9 does',
    cluster: 'only',
  },
  { deed: 'start', key: 's', short: 'start', does: 'starts it again, with the file as it is now' },
  { deed: 'stop', key: 'c', short: 'stop', does: 'sends it SIGINT, as Ctrl-C does' },
  { deed: 'restart', key: 'b', short: 'broker', does: 'restarts the broker' },
  { deed: 'trace', key: 't', short: 'trace', does: 'the trace: off, or on again', cluster: 'not' },
  {
    deed: 'quit',
    key: 'q',
    short: 'quit',
    does: 'ends the run, and the queue goes',
  },
  { deed: 'help', key: '?', short: 'help', does: 'shows this' },
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

/** One line: what the keys after Tab do. */
export function keyLine(isCluster: boolean): string {
  return KEYS.filter(({ cluster }) => cluster !== (isCluster ? 'not' : 'only'))
    .map(({ key, short }) => `${key} ${short}`)
    .join('  ')
}

/** All commands with what they do, in lines. */
export function help(keys: boolean, isCluster: boolean): string[] {
  const ways = keys
    ? 'Any other line is a task. Press Tab and then the key, or type the command:'
    : 'Any other line is a task. The commands, and their short names:'
  const known = KEYS.filter(({ cluster }) => isCluster || cluster !== 'only')
  return [ways, ...known.map(({ deed, key, does }) => `  ${key}  ${`/${deed}`.padEnd(9)} ${does}`)]
}
