import {
  type Delivery,
  isBefore,
  notReached,
  type ProcessEvent,
  processes,
  type RecordedEvent,
  type Recording,
  type Settlement,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'

/** What becomes of a task that comes again: to the same worker, for nothing, or to the next one. */

/** No task of the lab's fails so often. */
const LOOP = 20

/** The same task was given back again and again, and no handler was ever called with it: something fails before that. */
export function givenBackUnseen(recording: Recording): Shortfall | undefined {
  const all = tasks(recording)
  if (all.deliveries.length <= LOOP || all.namesTasksOtherwise) return undefined
  for (const [task, deliveries] of Map.groupBy(all.deliveries, ({ body }) => body)) {
    const [first] = deliveries
    if (!first || deliveries.length <= LOOP || all.named(task).attempts.length > 0) continue
    const answer = answerTo(recording, first)
    if (!answer) continue
    const seconds = (((deliveries.at(-1)?.ms ?? 0) - first.ms) / 1000).toFixed(1)
    const [error] = errorsPrinted(recording)
    return {
      seen: `'${task}' was delivered ${deliveries.length} times in ${seconds} s. Your service requeued it each time and never called the handler with it.${error ? ` It printed: ${error.text?.trim()}` : ''}`,
      looksLike: 'fails-before-the-handler',
      show: [first.frame, answer, error, deliveries[1]?.frame],
      wrong: { event: answer, instead: "a call to the handler with the task's text" },
    }
  }
  return undefined
}

/** The frame with which the service gave this delivery back. */
function answerTo(recording: Recording, delivery: Delivery): RecordedEvent | undefined {
  const all = tasks(recording)
  const isAnswer = (settlement: Settlement) => settlement.requeue && all.covered(settlement).includes(delivery)
  const recover = (event: RecordedEvent) =>
    event.kind === 'frame' && event.from === 'student' && event.method.startsWith('basic.recover')
  return all.settlements.find(isAnswer)?.frame ?? recording.events.find(recover)
}

/** The lines with an error in them that the process has printed. */
function errorsPrinted(recording: Recording): ProcessEvent[] {
  return [...processes(recording, 'stdout'), ...processes(recording, 'stderr')].filter(({ text }) =>
    /\w*Error\b: /.test(text ?? ''),
  )
}

/** Where another task than the one that was done is acknowledged: a sentence on the one that was. */
export function doneInstead(recording: Recording, { frame }: Settlement): string {
  const all = tasks(recording)
  const done = all.finishes
    .filter(({ how, event }) => how === 'resolve' && isBefore(recording, event, frame))
    .flatMap(({ tasks }) => tasks)
    .find((task) => !all.named(task).acks.some(({ settlement }) => isBefore(recording, settlement.frame, frame)))
  return done === undefined
    ? ''
    : ` The handler for '${done}' had resolved, but your service hadn't acknowledged that task yet.`
}

/** A killed worker had not done these tasks; the next one, with the same exercise, got them and did not do them. */
export function leftUndone(recording: Recording, wanted: string[], worker = 2): Shortfall | undefined {
  const all = tasks(recording)
  if (all.namesTasksOtherwise)
    return notReached('the handler was called with something other than the text of the tasks')
  const kill = processes(recording, 'signalled')[0]
  for (const task of wanted) {
    const { attempts, deliveries, settlements } = all.named(task)
    if (attempts.some(({ student }) => student === worker)) continue
    const again = deliveries.findLast(({ redelivered }) => redelivered)
    const answer = again && settlements.find((settlement) => all.covered(settlement).includes(again))
    if (!again || !answer || answer.requeue) continue
    const isAck = answer.kind === 'ack'
    return {
      seen: `The lab killed a worker that was still working on '${task}'. A second worker received the task and ${isAck ? 'acknowledged' : 'rejected'} it without doing the work, so the task is lost.`,
      looksLike: 'redelivered-is-done',
      show: [attempts[0]?.event, kill, again.frame, answer.frame],
      wrong: {
        event: answer.frame,
        instead: 'the work, because redelivered only means that the task was delivered before',
      },
    }
  }
  return undefined
}
