import {
  atBroker,
  type BrokerEvent,
  contents,
  type Delivery,
  declares,
  type Events,
  type FrameEvent,
  frames,
  isBefore,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'

/** How the exercise's queues hand tasks on, and what the broker held in them. */

/** So many looks at a task that should wait, one right after the other, are no accident. */
export const HOT_LOOKS = 12

/** Of a queue.declare. */
export function argumentsOf({ fields }: FrameEvent): Record<string, unknown> {
  return Object(fields.arguments)
}

/** A queue that was declared with a time to live: where tasks wait. */
export function waitingQueue(recording: Events): FrameEvent | undefined {
  return declares(recording).find((declare) => 'x-message-ttl' in argumentsOf(declare))
}

/** Some queue hands its dead letters on. */
export function handsOn(recording: Events): boolean {
  return declares(recording).some((declare) => 'x-dead-letter-exchange' in argumentsOf(declare))
}

/** The declaration of a queue whose dead letters go to the default exchange under the key that they have. */
export function deadLettersToItself(recording: Events, queue: string): FrameEvent | undefined {
  return declares(recording).find((declare) => {
    const given = argumentsOf(declare)
    return (
      declare.fields.queue === queue &&
      given['x-dead-letter-exchange'] === '' &&
      !('x-dead-letter-routing-key' in given)
    )
  })
}

/**
 * A task went into a queue whose dead letters go back into that queue: the last that was seen of it.
 *
 *   basic.publish to 'tasks.retry', or a nack where dead letters go to 'tasks.retry'
 *   'tasks.retry' ── dead letter, to '' with the key 'tasks.retry' ──▶ 'tasks.retry'
 *
 * @param ends the queues in which tasks are worked on
 */
export function goesRound(
  recording: Events,
  task: string,
  ends: string[],
): { queue: FrameEvent; by: FrameEvent } | undefined {
  const { copies, settlements } = tasks(recording).named(task)
  const copy = copies.findLast(({ exchange }) => exchange === '')
  const turnedBack = settlements.findLast(({ kind, requeue }) => kind !== 'ack' && !requeue)
  for (const queue of declares(recording)) {
    const name = String(queue.fields.queue)
    if (ends.includes(name) || !deadLettersToItself(recording, name)) continue
    const isLimited = 'x-message-ttl' in argumentsOf(queue)
    // Without a limit nothing dies there: the task then waits for ever, and is found.
    if (copy && copy.routingKey === name && (isLimited || copy.properties.expiration)) return { queue, by: copy.frame }
    if (isLimited && turnedBack && declares(recording).some((declare) => handsOnTo(declare, name))) {
      return { queue, by: turnedBack.frame }
    }
  }
  return undefined
}

function handsOnTo(declare: FrameEvent, queue: string): boolean {
  const given = argumentsOf(declare)
  return given['x-dead-letter-exchange'] === '' && given['x-dead-letter-routing-key'] === queue
}

/** The first time when the broker said that there was something in a queue. */
export function heldIn(recording: Events, queue: string): BrokerEvent<'queue'> | undefined {
  return atBroker(recording, 'queue').find(({ data }) => data.queue === queue && data.messages > 0)
}

/** The lab's looks at a queue and those beside it: of each the last one. */
export function looks(recording: Events, queue: string): BrokerEvent<'queue'>[] {
  const all = atBroker(recording, 'queue').filter(({ data }) => data.queue.startsWith(queue))
  return [...new Map(all.map((event) => [event.data.queue, event])).values()]
}

/**
 * How long a worker pauses between two looks at a task: the median, since a busy machine stops any loop now and then. How long
 * the broker takes to send the task again to a consumer that went on is no pause of the worker's.
 */
export function usualPauseMs(recording: Events, task: string): number {
  const all = tasks(recording)
  const { deliveries, settlements } = all.named(task)
  const settledMs = new Map(settlements.flatMap((each) => all.covered(each).map((delivery) => [delivery, each.ms])))
  const consumes = frames(recording, 'basic.consume')
  const pauses = deliveries.slice(1).map(({ ms, consumerTag, frame }, i) => {
    const before = deliveries[i] as Delivery
    const isAnew = consumes.some((each) => isBefore(recording, before.frame, each) && isBefore(recording, each, frame))
    const wentOn = !isAnew && consumerTag !== undefined && consumerTag === before.consumerTag
    return (wentOn ? (settledMs.get(before) ?? ms) : ms) - before.ms
  })
  return pauses.toSorted((one, other) => one - other)[Math.floor(pauses.length / 2)] ?? 0
}

/** A task of one queue came to the handler, or to the dead letters, of another. */
export function goesAstray(recording: Recording): Shortfall | undefined {
  const { attempts } = tasks(recording)
  const home = (text: string) => attempts.find(({ task }) => task === text)?.queue
  const astray = attempts.find(({ task, queue }) => queue !== home(task))
  const its = (queue: string, task: string) => [undefined, queue].includes(home(task))
  const found = contents(recording).find(
    ({ queue, tasks }) => queue.endsWith('.dead') && tasks.some((task) => !its(queue.slice(0, -'.dead'.length), task)),
  )
  const task = astray?.task ?? found?.tasks.find((each) => !its(found.queue.slice(0, -'.dead'.length), each))
  if (task === undefined) return undefined
  const own = home(task)
  const how = frames(recording, 'queue.bind', 'basic.publish').filter(({ fields }) => fields.exchange !== '')
  return {
    seen: `'${task}' came from the queue '${own}', and its handler failed. Then ${astray ? `your service called the handler of the queue '${astray.queue}' with it` : `the task ended up in '${found?.queue}'`}.`,
    looksLike: 'goes-astray',
    show: [attempts.find((each) => each.task === task)?.event, ...how.slice(-2), astray?.event ?? found?.event],
    wrong: { event: astray?.event ?? found?.event, instead: `the task stays with '${own}'` },
  }
}

/** Where tasks are set aside, the service consumes: its basic.consume. */
export function consumesTheDead(recording: Events): FrameEvent | undefined {
  return frames(recording, 'basic.consume').find(({ fields }) => String(fields.queue).endsWith('.dead'))
}

/** Its handler had rejected with '', and it was acknowledged as one that is done: no copy is left. */
export function takenForDone(recording: Events, task: string): boolean {
  const { attempts, acks, copies } = tasks(recording).named(task)
  const isLast = attempts.at(-1)?.action === 'reject-with-empty-text'
  return isLast && copies.length > 0 && acks.length === attempts.length && acks.length > copies.length
}
