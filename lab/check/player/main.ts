import { flushCompileCache } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Broker } from '../../broker/broker.ts'
import { openBroker } from '../../broker/choose.ts'
import type { Recording } from '../../recording/recording.ts'
import { ProcessPool } from '../../student/pool.ts'
import { isWanted } from '../check.ts'
import type { PlayConfig } from '../config.ts'
import { type Enclosure, openEnclosure } from '../enclosure.ts'
import { keep } from '../kept.ts'
import { launchOf } from '../launch.ts'
import { loadCheck } from '../load.ts'
import { cantBePlayed } from '../needs.ts'
import { type Props, play } from '../play.ts'
import type { Scenario } from '../scenario.ts'
import { TimeLimit, timeFor } from '../time-limit.ts'
import { Clusters } from './clusters.ts'
import { type BrokerAt, type FromPlayer, type ToPlayer, toSent } from './protocol.ts'

/**
 * The player's process: it plays the scenarios of checks, beside the process in which vitest loads and judges. It is
 * small, so that starting a student's process from it is cheap, and it begins while vitest is still loading.
 *
 * It ends with the lab's own process; the broker's keeper then takes back what it had.
 */
interface Prepared {
  lesson: string
  config: PlayConfig
  wanted: Scenario[]
  pool: ProcessPool
  enclosure: Enclosure
}

const prepared = new Map<number, Promise<Prepared>>()
/** The lessons for which what was compiled is kept. */
const compiled = new Set<string>()
const brokers = new Map<string, Promise<Broker>>()
const clusters = new Clusters((starting) => say({ starting }))

// What Ctrl-C ends is for the lab's own process to say.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (message: ToPlayer) => {
  if (message.do === 'prepare') prepare(message.checks, message.config)
  else void playAll(message.ids, message.broker)
})

/** So long the others wait at the most for those that restart the broker to come so far. */
const RESTARTS_FIRST_MS = 1500

function prepare(checks: { id: number; lesson: string }[], config: PlayConfig): void {
  const loading = checks.map(({ id, lesson }) => {
    const preparing = declare(lesson, config)
    // Whoever plays it sees the error.
    preparing.catch(() => {})
    prepared.set(id, preparing)
    return preparing.then((check) => ({ id, check }))
  })
  void Promise.allSettled(loading).then((settled) => {
    const ready = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
    // Who has to wait for a restart needs its process first.
    for (const { id, check } of ready.toSorted((a, b) => Number(restarts(b.check)) - Number(restarts(a.check)))) {
      const { lesson, wanted, pool } = check
      const students = config.program ? 0 : wanted.reduce((sum, one) => sum + one.students, 0)
      void pool
        .start(launchOf(config, lesson, 'driver', { mayFork: mayFork(wanted) }), students)
        .then(() => say({ id, begun: true }))
    }
  })
}

function mayFork(wanted: Scenario[]): boolean {
  return wanted.some((one) => one.mayFork)
}

function restarts({ wanted }: Prepared): boolean {
  return wanted.some((scenario) => scenario.restarts)
}

async function declare(lesson: string, config: PlayConfig): Promise<Prepared> {
  // A container takes longer to start than the check to load.
  const enclosure = await openEnclosure(config, lesson)
  try {
    const check = await loadCheck(lesson, config.root)
    const wanted = check.scenarios.filter((one) => isWanted(one, check, config.only) && cantBePlayed(one) === undefined)
    await enclosure.ready
    return { lesson, config, wanted, pool: new ProcessPool(enclosure.launch), enclosure }
  } catch (error) {
    await enclosure[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Plays checks. Where there are several, the scenarios that restart the broker begin before the others: one restart
 * serves them all, and takes seconds in which the others' processes can start.
 */
async function playAll(ids: number[], at: BrokerAt): Promise<void> {
  const first = ids.length > 1 ? new Restarts() : undefined
  await Promise.all(
    ids.map(async (id) => {
      const preparing = prepared.get(id) as Promise<Prepared>
      try {
        await playOne(id, await preparing, at, first)
      } catch (error) {
        say({ id, failed: toSent(error) })
      }
      prepared.delete(id)
      say({ id, over: true })
      await preparing.then(({ lesson }) => keepCompiled(lesson)).catch(() => {})
    }),
  )
}

/** The player is ended by force, and the next one would compile it all again. Looking through it takes 10 ms of computing. */
function keepCompiled(lesson: string): void {
  if (compiled.has(lesson)) return
  compiled.add(lesson)
  flushCompileCache()
}

async function playOne(id: number, check: Prepared, at: BrokerAt, first: Restarts | undefined): Promise<void> {
  const { lesson, config, wanted } = check
  await using enclosure = check.enclosure
  await using pool = check.pool
  const broker = await brokerAt(at)
  const time = new TimeLimit(config.limitMs ?? timeFor(wanted))
  await Promise.all(
    wanted.map(async (scenario) => {
      const cameSoFar = scenario.restarts ? first?.expect() : undefined
      if (!scenario.restarts) await first?.haveCome
      try {
        const props = {
          broker,
          lesson,
          config,
          pool,
          enclosure,
          time,
          ...(cameSoFar === undefined ? {} : { wantsRestart: cameSoFar }),
        }
        const recording = await played(scenario, props, at)
        if (config.record !== null) keep(config.record, recording)
        say({ id, scenario: scenario.name, recording })
      } catch (error) {
        say({ id, scenario: scenario.name, error: toSent(error) })
      } finally {
        cameSoFar?.()
      }
    }),
  )
}

/** On the broker, or on a cluster of its kind where the scenario needs one. */
async function played(scenario: Scenario, props: Props, at: BrokerAt): Promise<Recording> {
  if (!scenario.needs.includes('cluster')) return play(scenario, props)
  const cluster = await clusters.at(at, props.broker.info.image)
  if (typeof cluster !== 'string') return play(scenario, { ...props, broker: cluster })
  const { kind, product, version } = props.broker.info
  const broker = { kind, product, version }
  return { format: 2, lesson: props.lesson, scenario: scenario.name, broker, notPlayed: cluster, events: [] }
}

/** The scenarios that restart the broker: whether they have all come to where they wait for it. */
class Restarts {
  readonly #all: Promise<void>[] = []

  /** One more is on its way. Returns what to call when it has come so far. */
  expect(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#all.push(promise)
    return resolve
  }

  /** Resolves when they have, or have taken too long. */
  get haveCome(): Promise<unknown> {
    // All checks say which they have in the same turn of the event loop, or nearly so.
    return sleep(0).then(() => Promise.race([Promise.all(this.#all), sleep(RESTARTS_FIRST_MS)]))
  }
}

/** A lease of the player's own, kept for the next check. */
async function brokerAt({ kind, key }: BrokerAt): Promise<Broker> {
  const known = await brokers.get(key)?.catch(() => undefined)
  if (known && !known.lost.aborted) return known
  const opening = openBroker({ kind, key })
  brokers.set(key, opening)
  return opening
}

function say(message: FromPlayer): void {
  if (process.connected) process.send?.(message)
}
