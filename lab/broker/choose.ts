import { randomBytes } from 'node:crypto'
import { LabError } from '../errors.ts'
import type { Broker, Starting } from './broker.ts'
import { isKeeperAt } from './client/call.ts'
import { connectExisting, connectKeeper } from './client/connect.ts'
import { BrokerLease } from './client/lease.ts'
import { brokersFolder, warmKey } from './home.ts'
import { readAddress } from './keeper/state-file.ts'
import { type AnyKind, KINDS, type KindName, loadKind } from './kinds/kind.ts'
import { messages } from './messages.ts'

const IDLE_MS = 10 * 60_000

export interface OpenOptions {
  kind: 'auto' | AnyKind
  /** Of containers; by default LAB_RABBITMQ_IMAGE, else an official one. */
  image?: string | undefined
  /** What 'auto' tries, in this order; by default all kinds. */
  among?: readonly KindName[]
  /** A broker of one's own, which ends with the lease. */
  fresh?: boolean
  /** A lease on this very broker, as another lease's `key` names it; needs its kind, and starts none. */
  key?: string
  onStarting?: (starting: Starting) => void
  signal?: AbortSignal
  /** The lab's state folder; by default LAB_HOME, else `.lab` in the project. */
  root?: string
  /** How long a broker that this call starts stays after its last user; by default ten minutes. */
  idleMs?: number
}

/**
 * Takes a lease on a broker: the warm one where there is one, else a new one that stays warm for others.
 *
 * @throws LabError with a code of messages.ts, or the signal's reason
 */
export async function openBroker(options: OpenOptions): Promise<Broker> {
  if (options.kind !== 'auto') return openKind(options.kind, options)
  const passedOver: { kind: KindName; error: LabError }[] = []
  const { among = KINDS } = options
  for (const [index, kind] of among.entries()) {
    try {
      return await openKind(kind, options, among.slice(index + 1))
    } catch (error) {
      if (!(error instanceof LabError) || options.signal?.aborted) throw error
      passedOver.push({ kind, error })
      options.onStarting?.({ kind, phase: 'passed-over', text: firstLine(error.message), elapsedMs: 0 })
    }
  }
  throw messages.noBroker(passedOver)
}

/** @param others kinds that will do when they are warm, should this one need a download first */
async function openKind(name: AnyKind, options: OpenOptions, others: readonly KindName[] = []): Promise<Broker> {
  const { onStarting = () => {}, signal, fresh = false, idleMs = IDLE_MS } = options
  const began = performance.now()
  const tell = (starting: Starting) => onStarting({ ...starting, elapsedMs: Math.round(performance.now() - began) })
  const folder = brokersFolder(options.root)
  if (options.key !== undefined) {
    const { call, broker } = await connectExisting(
      { folder, key: options.key, kind: name },
      { onStarting: tell, signal },
    )
    return new BrokerLease(call, options.key, broker)
  }
  const kind = await loadKind(name)
  const image = kind.image(options.image)
  const key = fresh ? `${name}-fresh-${randomBytes(4).toString('hex')}` : warmKey(name, image)
  const beforeStart = async () => {
    tell({ kind: name, phase: 'looking', text: `looking for ${name}`, elapsedMs: 0 })
    const probe = await kind.probe(image)
    if (!probe.usable) throw messages.notUsable(name, probe)
    if (probe.download && !fresh && (await anyWarm(folder, others, options.image)))
      throw messages.notDownloadedYet(name, probe.text)
  }
  const place = { kind: name, image, folder, key, idleMs, fresh }
  const { call, broker } = await connectKeeper(place, { beforeStart, onStarting: tell, signal })
  return new BrokerLease(call, key, broker)
}

async function anyWarm(folder: string, names: readonly KindName[], image: string | undefined): Promise<boolean> {
  for (const name of names) {
    const address = readAddress(folder, warmKey(name, (await loadKind(name)).image(image)))
    if (address && (await isKeeperAt(address))) return true
  }
  return false
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}
