import { performance } from 'node:perf_hooks'
import { type Claim, claimsOf } from '../../authors/prove.ts'
import type { Broker } from '../../broker/broker.ts'
import { openBroker } from '../../broker/choose.ts'
import type { KindName } from '../../broker/kinds/kind.ts'
import { Session } from '../../check/session.ts'
import { LabError } from '../../errors.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { ROOT } from '../../root.ts'
import { type SideBySide, sideBySide } from '../side-by-side.ts'
import type { BrokerToProve } from './brokers.ts'
import type { Tally } from './tally.ts'

/** How many exercises are judged side by side; on two brokers at a time, so at least few: more where there is room. */
const SIDE_BY_SIDE: SideBySide = { least: 1, most: 8 }
/** Where the broker is restarted most of the time is waiting, and one restart serves all who wait for one. */
const RESTARTING_SIDE_BY_SIDE: SideBySide = { least: 1, most: 10 }
const EMBEDDED_SIDE_BY_SIDE: SideBySide = { least: 3, most: 30 }
const ALONE: SideBySide = { least: 1, most: 1 }

export interface ContentOptions {
  brokers: BrokerToProve[]
  lessons: Lesson[]
  /** Only claims with this in their names. */
  only: string | undefined
  /** Mistakes play only the scenarios that their expectation needs. */
  briefly: boolean
  /** Lesson name to the exports of the contract, for all lessons. */
  exports: Record<string, string[]>
  tally: Tally
}

/** Proves the content of lessons on one broker after the other, two of different kinds at a time: one computes while the other waits. */
export async function proveContent({ brokers, lessons, only, briefly, ...rest }: ContentOptions): Promise<void> {
  const [first, ...others] = brokers
  if (first === undefined) return
  const second = others.find(({ kind }) => kind !== first.kind)
  const pair = second === undefined ? [first] : [first, second]
  const proving = pair.map(async (broker) => {
    const claims = (await Promise.all(lessons.map((lesson) => claimsOf(lesson, { root: ROOT, briefly })))).flat()
    const isChosen = (claim: Claim) =>
      (only === undefined || claim.name.includes(only)) && !(broker.withoutMistakes && isMistake(claim))
    // Where only some are proven, nothing can be said that needs them all.
    const isSome = only !== undefined || broker.withoutMistakes
    const chosen = claims.filter((claim) => isChosen(claim) && !(isSome && claim.afterOthers))
    await proveOn(broker, { ...rest, claims: chosen })
  })
  // What goes wrong with one is no reason to leave the other in the middle.
  const failed = (await Promise.allSettled(proving)).find((each) => each.status === 'rejected')
  if (failed) throw failed.reason
  await proveContent({ brokers: brokers.filter((each) => !pair.includes(each)), lessons, only, briefly, ...rest })
}

async function proveOn(
  { kind: wanted, image }: BrokerToProve,
  { claims, exports, tally }: Pick<ContentOptions, 'exports' | 'tally'> & { claims: Claim[] },
): Promise<void> {
  const opened = await openBroker({ kind: wanted, image }).catch((error: unknown) => {
    if (!(error instanceof LabError)) throw error
    tally.fail(`${image ?? wanted}: can't be had`, error.message)
  })
  if (opened === undefined) return
  await using broker = opened
  const { kind, product, version } = broker.info
  const where = kind === 'embedded' ? kind : `${kind} ${version}`
  tally.say(`\nOn ${product} ${version} (${kind}): ${claims.length} claims`)

  // What plays and judges is shared: it costs seconds until it is warm.
  await using session = new Session({ root: ROOT, broker: null, exports })
  const progress = new Map<string, { total: number; left: number; failed: number; last: Claim[] }>()
  for (const [lesson, all] of Map.groupBy(claims, (claim) => claim.lesson)) {
    const last = all.filter(({ afterOthers }) => afterOthers)
    progress.set(lesson, { total: all.length, left: all.length, failed: 0, last })
  }
  const prove = async (claim: Claim, on: Broker): Promise<void> => {
    const began = performance.now()
    const why = await claim
      .prove({ check: (asked) => session.check({ ...asked, on }) })
      .catch((error: unknown) => `could not be judged: ${(error as Error).stack ?? error}`)
    const took = `${((performance.now() - began) / 1000).toFixed(1)} s`
    const lesson = progress.get(claim.lesson)
    if (lesson === undefined) return
    if (why === undefined) tally.pass()
    else tally.fail(`${where}: ${claim.lesson} ${claim.name} (${took})`, why)
    if (why !== undefined) lesson.failed++
    if (--lesson.left === 0) tally.decided(`${where}: ${claim.lesson}`, lesson.total, lesson.failed)
    else if (lesson.left === lesson.last.length) for (const each of lesson.last.splice(0)) await prove(each, on)
  }

  await using held = new AsyncDisposableStack()
  const own = async () => held.use(await openBroker({ kind: kind as KindName, image, fresh: true }))
  // What takes longest goes first: whole checks, and of these the last lessons, in which there is most to wait for.
  const inOrder = claims
    .filter(({ afterOthers }) => !afterOthers)
    .toSorted((a, b) => Number(isMistake(a)) - Number(isMistake(b)) || b.lesson.localeCompare(a.lesson))
  if (kind === 'embedded') {
    // One that restarts its broker has it to itself: the lab's own boots in no time, and nobody has to wait.
    const shared = await own()
    const free: Broker[] = []
    await sideBySide(EMBEDDED_SIDE_BY_SIDE, [inOrder], async (claim) => {
      const on = claim.restarts ? (free.pop() ?? (await own())) : shared
      await prove(claim, on)
      if (claim.restarts) free.push(on)
    })
    return
  }
  const atCluster = inOrder.filter((claim) => claim.atCluster)
  const restarting = inOrder.filter((claim) => claim.restarts && !claim.atCluster)
  const busy = inOrder.filter((claim) => !claim.restarts && !claim.atCluster)
  // Who restarts a broker waits most of the time. The others need not wait with them: they have a broker of their own.
  const second = restarting.length > 0 ? await own() : broker
  await Promise.all([
    // At a cluster all would wait for each other's turns.
    sideBySide(ALONE, [atCluster], (claim) => prove(claim, broker)),
    sideBySide(RESTARTING_SIDE_BY_SIDE, [restarting, busy], (claim) => prove(claim, second)),
    sideBySide(SIDE_BY_SIDE, [busy, restarting], (claim) => prove(claim, broker)),
  ])
}

function isMistake({ name }: Claim): boolean {
  return name.startsWith('mistake')
}
