import {
  awaited,
  closedBecause,
  closing,
  type Delivery,
  marked,
  type RecordedEvent,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { closedBy, crashedBy } from './consumer.ts'
import { AFTER, FAILS, OTHER } from './consumer-scenarios.ts'

/** After a handler failed, the process, its channel or the work on other tasks did not go on; `failed` says so. */
export function othersStopped(
  recording: Recording,
  failed: string,
  more: {
    /** The same, where it failed more than once. */
    after?: string
    looksLike: (delivery: Delivery | undefined) => string | undefined
    show?: RecordedEvent | undefined
  },
): Shortfall | undefined {
  if (!marked(recording, 'failed')) return undefined
  const all = tasks(recording)
  const { attempts, delivery } = all.named(FAILS)
  const began = attempts[0]?.event
  const ended =
    crashedBy(recording, failed, { show: began }) ??
    gaveBackOthers(recording, failed) ??
    closedBy(recording, failed, began)
  if (ended) return ended
  const stuck = [OTHER, AFTER].find((task) => all.named(task).attempts.length === 0)
  const vain = awaited(recording)
  if (!stuck || !vain) return undefined
  const { delivery: other } = all.named(stuck)
  return {
    seen: `${more.after ?? failed}. After that, '${stuck}' ${other ? 'was delivered, but your service never passed it to the handler' : "wasn't even delivered"}.`,
    looksLike: more.looksLike(other),
    show: [more.show, delivery?.frame, began, other?.frame, vain],
    wrong: { event: vain, instead: `a call of the handler with '${stuck}'` },
  }
}

/** With the failed task, one was given back whose handler was still at work. */
function gaveBackOthers(recording: Recording, failed: string): Shortfall | undefined {
  const { settlement, own, working } = tasks(recording).nackOfOthers ?? {}
  if (!settlement || !working) return undefined
  return {
    seen: `${failed}. Your service nacked not only that task, but also '${working.body}', whose handler was still running.${closedBecause(recording)}`,
    looksLike: 'gives-back-others',
    show: [working.frame, own?.frame, settlement.frame, closing(recording)],
    wrong: { event: settlement.frame, instead: 'a nack with multiple false, which covers one task' },
  }
}
