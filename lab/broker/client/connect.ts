import { killWhenStopped } from '../../stopped.ts'
import type { Starting } from '../broker.ts'
import { readAddress } from '../keeper/state-file.ts'
import type { LeasedBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { type Call, callKeeper } from './call.ts'
import { type KeeperPlace, startKeeper } from './start-keeper.ts'

/** More rounds than keepers that could possibly leave at just this moment. */
const ROUNDS = 5
/** How often it is looked whether the keeper that is called was stopped. */
const STOPPED_EVERY_MS = 250

/** Calls the keeper that is registered, or undefined where none answers. */
async function callRegistered(folder: string, key: string): Promise<Call | undefined> {
  const address = readAddress(folder, key)
  if (address === undefined) return undefined
  // One that somebody has stopped would keep everybody waiting: it is ended, and another takes its place.
  const callOff = killWhenStopped(address.pid, STOPPED_EVERY_MS)
  const call = await callKeeper(address, 'user').finally(callOff)
  if (call) void call.ended.then(killWhenStopped(address.pid))
  return call
}

/**
 * Takes a lease: from the keeper that is there, else from one that is started for it.
 *
 * @param options.beforeStart throws where starting one would be in vain
 * @throws LabError as the kind's messages have it, or the signal's reason
 */
export async function connectKeeper(
  place: KeeperPlace,
  options: {
    beforeStart: () => Promise<void>
    onStarting: (starting: Starting) => void
    signal?: AbortSignal | undefined
  },
): Promise<{ call: Call; broker: LeasedBroker }> {
  for (let round = 0; round < ROUNDS; round++) {
    options.signal?.throwIfAborted()
    const call = await callRegistered(place.folder, place.key)
    if (call) return { call, broker: await untilLeased(call, options) }
    await options.beforeStart()
    const { release } = await startKeeper(place)
    try {
      const first = await callRegistered(place.folder, place.key)
      if (first) return { call: first, broker: await untilLeased(first, options) }
    } finally {
      release()
    }
  }
  throw messages.keeperUnsettled(place.kind)
}

/**
 * Takes a lease on a keeper that must be there.
 *
 * @throws LabError 'broker-gone' when it is not
 */
export async function connectExisting(
  { folder, key, kind }: { folder: string; key: string; kind: string },
  options: { onStarting: (starting: Starting) => void; signal?: AbortSignal | undefined },
): Promise<{ call: Call; broker: LeasedBroker }> {
  const call = await callRegistered(folder, key)
  if (call === undefined) throw messages.brokerGone(kind, key)
  return { call, broker: await untilLeased(call, options) }
}

function untilLeased(
  call: Call,
  { onStarting, signal }: { onStarting: (starting: Starting) => void; signal?: AbortSignal | undefined },
): Promise<LeasedBroker> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal?.reason)
      call.end()
    }
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
    void call.ended.then(reject)
    call.listen((event) => {
      if (event.event === 'starting') onStarting(event.starting)
      if (event.event !== 'leased') return
      signal?.removeEventListener('abort', abort)
      resolve(event.broker)
    })
  })
}
