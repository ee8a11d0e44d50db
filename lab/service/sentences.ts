import type { QueueHeld } from '../check/observer.ts'
import type { ProcessEvent, RecordedEvent } from '../recording/recording.ts'
import type { Several } from './runnable.ts'
import { type Held, QUEUE, total } from './task-queue.ts'

/** What a run says. The keys, and what stands below all that is shown, are in keys.ts and bottom.ts. */

export function welcome(live: boolean, several: Several | undefined): string[] {
  const by = (key: string, command: string) => (live ? `Tab and ${key}` : `/${command}`)
  const restarts = several === 'nodes' ? '' : `${by('b', 'restart')} restarts the broker, `
  return [
    `Type a task and press Enter: it goes to ${QUEUE}. Each dot is a second of work.`,
    `${by('k', 'kill')} kills your service, ${restarts}${by('?', 'help')} shows all ${live ? 'keys' : 'commands'}.`,
    ...(several === 'workers' ? [`${by('w', 'worker')} kills one worker.`] : []),
    ...(several === 'nodes' ? [`${by('n', 'node')} stops a node of the cluster, and starts it again.`] : []),
    "From a second terminal: npm run send -- 'a task..'",
  ]
}

export function tasks(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`
}

// The service

export const RUNS_ALREADY = 'Your service is already running.'
export const DOES_NOT_RUN = "Your service isn't running. Start it first."
/** What runs is still the file as it was before. */
export function saved(live: boolean): string {
  return `Your file was saved. ${live ? 'Tab and s restarts' : '/start restarts'} your service to run it.`
}

export const SAVED_WHILE_SHOWN = 'Your file was saved. Start your service again to run it.'

export const START_OR_QUIT = '/start starts your service again, /quit ends the run.'

export function killed(unacked: number): string {
  if (unacked === 0) return 'Your service was killed. It had no unacknowledged task.'
  const them = unacked === 1 ? 'it' : 'them'
  return `Your service was killed with ${unacked} unacknowledged ${unacked === 1 ? 'task' : 'tasks'}. The broker puts ${them} back.`
}

export function interrupted(unacked: number): string {
  return `Sent SIGINT. Your service has ${unacked === 0 ? 'no' : unacked} unacknowledged ${unacked === 1 ? 'task' : 'tasks'}.`
}

/** How it ended; that it was killed has been said. */
export function ended({ code, signal }: ProcessEvent, expected: 'killed' | 'signalled' | undefined): string {
  if (expected === 'killed') return ''
  const how = signal ? `signal ${signal}` : `exit code ${code}`
  return `Your service ended${expected === undefined ? ' by itself,' : ''} with ${how}. `
}

export function leftBehind(workers: number): string {
  if (workers === 0) return ''
  const [who, them] = workers === 1 ? ['a worker', 'it'] : [`${workers} workers`, 'them']
  return `It left ${who} behind; the lab has ended ${them}. `
}

export function tooSlowToEnd(limitMs: number): string {
  return `It had ${limitMs / 1000} s to end and didn't, so the lab is killing it.`
}

// The workers of a cluster

const WORKER_SAYINGS: Record<string, string> = {
  'worker-started': 'was started',
  'worker-ready': 'is ready',
  'worker-lost': 'lost the broker, and is trying again',
  'worker-asked': 'got SIGTERM',
  'worker-gone': 'is gone',
}

export function workerKilled(nth: number): string {
  return `Worker ${nth} was killed.`
}

export function noWorker(isCluster: boolean): string {
  return isCluster ? 'No worker is running now.' : 'Your service has no workers of its own.'
}

// The queue

/** What a queue holds. */
export function held(queue: string, { exists, locked, messages }: QueueHeld): string {
  if (!exists) return `There is no queue ${queue}.`
  if (locked === true) return `${queue} is exclusive to the service's connection: no other connection can look into it.`
  return messages === 0 ? `${queue} is empty.` : `${queue} holds ${tasks(messages)} now.`
}

export const OTHER_PROPERTIES =
  'The queue already exists, with other properties, and it lasts until the run ends. End the run and start another, and your service declares a new queue.'

export function notSent(error: Error): string {
  return `The task couldn't be sent: ${error.message}`
}

/** By `npm run send`. */
export function sent(count: number, queue: string, { messages, consumers }: QueueHeld): string {
  const waiting =
    messages === 0
      ? `Nothing is waiting there: your service has taken ${count === 1 ? 'it' : 'them'}.`
      : `${tasks(messages)} ${messages === 1 ? 'is' : 'are'} waiting there now.`
  const nobody = consumers === 0 ? ' No service is consuming from it.' : ''
  return `Sent ${tasks(count)} to ${queue}. ${waiting}${nobody}`
}

export function goesWithTheRun(waiting: number): string {
  return `The run ends, and ${QUEUE} with its ${tasks(waiting)}.`
}

// The broker

export const RESTARTS_ALREADY = 'The broker is already restarting.'
export const WILL_RESTART = 'The broker restarts as soon as no check needs it.'

export function restarted(before: Held, now: Held): string {
  return `The broker was restarted. ${afterRestart(before, now)}`
}

function afterRestart(before: Held, now: Held): string {
  if (!before.exists) return `There was no queue ${QUEUE} yet.`
  if (!now.exists) return `${QUEUE} is gone with everything in it, because it wasn't durable.`
  const still = `${QUEUE} is still there, because it is durable`
  if (total(now) !== total(before)) return `${still}. It holds ${tasks(total(now))} now.`
  if (total(now) === 0) return `${still}. It is empty, as before.`
  return `${still}. It still holds ${tasks(total(now))}, because tasks are sent as persistent.`
}

export function brokerGone(error: Error): string {
  return `The broker is gone: ${error.message}`
}

// What happens

/** What an event has to say to whoever sits there; undefined where it is seen anyway. */
export function ofEvent(event: RecordedEvent): string | undefined {
  switch (event.kind) {
    case 'finding': {
      const { id, sentence, detail } = event
      // That it ended, and what it printed last, has been seen; Node has printed the stack of what crashed it.
      if (id === 'exited') return undefined
      const shown = detail === undefined || /^(crashed|unhandled-rejection)$/.test(id)
      return shown ? sentence : `${sentence}\n${detail}`
    }
    case 'told': {
      const { ok, error, nth } = event.data as { ok?: boolean; error?: { message: string }; nth?: number }
      const saying = WORKER_SAYINGS[event.name]
      if (saying !== undefined) return `Worker ${nth} ${saying}.`
      // Nobody but the lab hears what becomes of a driver's call.
      return event.name === 'settled' && ok === false ? `Your service couldn't start: ${error?.message}` : undefined
    }
    case 'frame':
      if (event.method === 'channel.close' && /inequivalent arg/.test(String(event.fields.replyText)))
        return OTHER_PROPERTIES
      return event.method === 'connection.close' && event.from === 'broker' && event.fields.replyCode === 320
        ? "The broker closed the connection by force. Your service didn't cause that: a check may have restarted the broker."
        : undefined
    default:
      return undefined
  }
}

// The nodes of a cluster

export const LAST_NODE = "This is the last node that is up, so the lab doesn't stop it. Start another node first."
export const NO_NODES = 'This broker has no nodes that can be stopped.'
export const NOT_AS_A_WHOLE = "The lab doesn't restart a whole cluster. Stop one of its nodes, and start it again."

/** @param why there is no cluster */
export function noNodes(why: string): string {
  return `${why} So this run has no nodes to stop, and your service gets the address of the one broker three times.`
}

export function willStop(node: string): string {
  return `${node} stops as soon as no check needs the cluster. Checks then wait until all nodes are up again.`
}

export function nodeStopped(node: string, left: number, of: number): string {
  const rest = `${left} of ${of} nodes ${left === 1 ? 'is' : 'are'} left`
  return left > of / 2
    ? `${node} was stopped. ${rest}, which is a majority, so a quorum queue keeps working.`
    : `${node} was stopped. ${rest}, which isn't a majority, so a quorum queue stops working until another node is up.`
}

export function nodeStarted(node: string, up: number, of: number): string {
  return up === of
    ? `${node} is up again, and so are all the others.`
    : `${node} is up again: ${up} of ${of} nodes are up.`
}

// Commands

export function unknownCommand(word: string): string {
  return `There is no command ${word}. /help lists all of them.`
}

export function traceIs(on: boolean): string {
  return on ? 'The trace is on.' : 'The trace is off.'
}
