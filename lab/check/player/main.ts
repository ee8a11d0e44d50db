import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Broker } from '../../broker/broker.ts'
import { openBroker } from '../../broker/choose.ts'
import { Spares } from '../../student/spares.ts'
import type { PlayConfig } from '../config.ts'
import { keep } from '../kept.ts'
import { cantBePlayed } from '../needs.ts'
import { play } from '../play.ts'
import { type Declared, isWanted, type Scenario } from '../scenario.ts'
import { launchOf } from '../stage.ts'
import { becomePlayer } from './host.ts'
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
  spares: Spares
}

const loaded = new Map<string, Promise<Declared>>()
const prepared = new Map<number, Promise<Prepared>>()
const brokers = new Map<string, Promise<Broker>>()
let loading: Declared | undefined

becomePlayer((declared) => {
  loading = declared
})
// What Ctrl-C ends is for the lab's own process to say.
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (message: ToPlayer) => {
  if (message.do === 'prepare') {
    const preparing = prepare(message.id, message.lesson, message.config)
    // Whoever plays it sees the error.
    preparing.catch(() => {})
    prepared.set(message.id, preparing)
  } else {
    const { id } = message
    void playAll(message.id, message.broker)
      .catch((error: unknown) => say({ id, failed: toSent(error) }))
      .finally(() => {
        prepared.delete(id)
        say({ id, over: true })
        // It is ended by force, and what it has compiled would be compiled again by the next one.
        flushCompileCache()
      })
  }
})

async function prepare(id: number, lesson: string, config: PlayConfig): Promise<Prepared> {
  const spares = new Spares()
  const declared = await load(lesson, config.root)
  // In the order in which they are written: the longest stands first.
  const wanted = declared.scenarios.filter(
    (one) => isWanted(one, declared, config.only) && cantBePlayed(one) === undefined,
  )
  const students = wanted.reduce((sum, one) => sum + one.students, 0)
  void spares.start(launchOf(config, lesson, 'driver'), students).then(() => say({ id, begun: true }))
  return { lesson, config, wanted, spares }
}

/** One after the other, so that each check knows which file declared it. */
async function load(lesson: string, root: string): Promise<Declared> {
  const before = [...loaded.values()].at(-1)
  const loadNow = async () => {
    await before?.catch(() => {})
    await import(pathToFileURL(join(root, 'checks', `${lesson}.check.ts`)).href)
    if (loading?.lesson !== lesson) throw new Error(`checks/${lesson}.check.ts begins no check of ${lesson}`)
    return loading
  }
  const known = loaded.get(lesson) ?? loadNow()
  loaded.set(lesson, known)
  return known
}

async function playAll(id: number, at: BrokerAt): Promise<void> {
  const { lesson, config, wanted, spares: own } = await (prepared.get(id) as Promise<Prepared>)
  await using spares = own
  const broker = await brokerAt(at)
  await Promise.all(
    wanted.map(async (scenario) => {
      try {
        const recording = await play(scenario, { broker, lesson, config, spares })
        if (config.record !== null) keep(config.record, recording)
        say({ id, scenario: scenario.name, recording })
      } catch (error) {
        say({ id, scenario: scenario.name, error: toSent(error) })
      }
    }),
  )
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
