import { Observer } from '../check/observer.ts'
import { Recorder } from '../recording/recorder.ts'
import { type AnnouncedRun, withdraw } from './runs.ts'
import * as sentences from './sentences.ts'
import { sendTasks } from './task-queue.ts'

/** A broker that is gone, or one that does not know the run's user or virtual host: then the run is gone, too. */
const GONE = /ECONNREFUSED|ECONNRESET|ACCESS[_-]REFUSED|NOT_ALLOWED|ConnectionOpenOk|Socket closed/i

/**
 * Sends tasks to a service that runs in another process.
 *
 * @returns what to say about it; undefined, and its announcement is taken back, where it turns out to be gone
 */
export async function sendToRun(state: string, run: AnnouncedRun, list: string[]): Promise<string | undefined> {
  for (const url of new Set([run.url, ...(run.urls ?? [])])) {
    const observer = new Observer(url, new Recorder())
    try {
      await sendTasks(observer, run.queue, list, run.isReplicated)
      return sentences.sent(list.length, run.queue, await observer.queue(run.queue))
    } catch (error) {
      // Of a cluster, another node may be up.
      if (!GONE.test(`${(error as { code?: string }).code} ${(error as Error).message}`)) throw error
    } finally {
      await observer.close()
    }
  }
  withdraw(state, run)
  return undefined
}
