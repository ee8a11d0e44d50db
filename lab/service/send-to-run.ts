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
  const observer = new Observer(run.url, new Recorder())
  try {
    await sendTasks(observer, run.queue, list)
    return sentences.sent(list.length, run.queue, await observer.queue(run.queue))
  } catch (error) {
    if (!GONE.test(`${(error as { code?: string }).code} ${(error as Error).message}`)) throw error
    withdraw(state, run)
    return undefined
  } finally {
    await observer.close()
  }
}
