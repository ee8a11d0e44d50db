import { callKeeper } from './client/call.ts'
import { brokersFolder } from './home.ts'
import type { KeeperStatus } from './keeper/protocol.ts'
import { readAddresses } from './keeper/state-file.ts'

/** What the keepers of this checkout say of themselves; those of fresh brokers belong to a command, and are not asked. */
export async function listWarm(root?: string): Promise<KeeperStatus[]> {
  const statuses = await Promise.all(
    warmAddresses(root).map(async (address) => {
      const call = await callKeeper(address, 'visitor')
      call?.end()
      return call?.status
    }),
  )
  return statuses.filter((status) => status !== undefined)
}

/**
 * Ends all warm brokers, in use or not.
 *
 * @returns those that were ended, when nothing of them is left
 */
export async function stopWarm(root?: string): Promise<KeeperStatus[]> {
  const stopped = await Promise.all(
    warmAddresses(root).map(async (address) => {
      const call = await callKeeper(address, 'visitor')
      // The keeper answers when its broker is gone; or it ends before it can answer, which says the same.
      await call?.ask({ do: 'stop' }).catch(() => {})
      return call?.status
    }),
  )
  return stopped.filter((status) => status !== undefined)
}

function warmAddresses(root: string | undefined) {
  return readAddresses(brokersFolder(root)).flatMap(({ key, address }) =>
    address && !key.startsWith(`${address.kind}-fresh-`) ? [address] : [],
  )
}
