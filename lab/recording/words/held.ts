import * as v from 'valibot'
import { brief, quoted } from './brief.ts'
import { type DataOf, word } from './word.ts'

const queue = { queue: v.string() }
const taken = { task: v.string(), redelivered: v.boolean() }
const node = v.object({ node: v.string() })
const names = v.array(v.nullable(v.string()))

/** What the lab did at the broker, or found there, past the wire: by name. */
export const HELD = {
  queue: word(
    v.object({
      ...queue,
      exists: v.boolean(),
      messages: v.number(),
      consumers: v.number(),
      /** It is exclusive to another connection: nobody else may use it, or count what is in it. */
      locked: v.optional(v.boolean()),
    }),
    ({ queue, exists, locked, messages }) => {
      if (!exists) return `there is no queue '${queue}'`
      if (locked) return `'${queue}' is exclusive to another connection`
      return messages === 0 ? `'${queue}' is empty` : `'${queue}' holds ${tasks(messages)}`
    },
  ),
  /** All that was ready in the queue was taken out. */
  drained: word(v.object({ ...queue, tasks: v.array(v.object(taken)) }), ({ queue, tasks }) =>
    tasks.length === 0
      ? `'${queue}' is empty`
      : `'${queue}' held ${brief({ tasks: tasks.map(({ task }) => task) }).slice(2, -1)}`,
  ),
  published: word(
    v.object({ ...queue, tasks: v.array(v.string()) }),
    (data) => `the lab puts ${tasks(data.tasks.length)} into '${data.queue}'`,
  ),
  'published-event': word(
    v.object({ exchange: v.string(), type: v.string() }),
    ({ exchange, type }) => `the lab publishes '${type}' to '${exchange}', as another client might`,
  ),
  received: word(v.object({ ...queue, ...taken }), ({ task }) => `gets ${quoted(task)}`),
  'queue-deleted': word(v.object(queue), ({ queue }) => `'${queue}' is deleted`),
  restarted: word(v.object({}), () => 'restarts'),
  'node-stopped': word(node, ({ node }) => `node ${node} is stopped`),
  'node-killed': word(node, ({ node }) => `node ${node} is killed`),
  'node-frozen': word(node, ({ node }) => `node ${node} hangs`),
  /** By their names; null for one without. */
  connections: word(v.object({ names }), ({ names }) => `lists ${connectionNames(names)}`),
  'closes-connections': word(v.object({ names }), () => 'is told to close the connection by force'),
  /** Process IDs of those that are still there. */
  workers: word(v.object({ alive: v.array(v.number()) }), ({ alive }) =>
    alive.length === 0 ? 'no worker is left' : `still there: ${alive.join(', ')}`,
  ),
}

export type Held = DataOf<typeof HELD>

function tasks(count: number): string {
  return `${count} ${count === 1 ? 'task' : 'tasks'}`
}

function connectionNames(names: (string | null)[]): string {
  if (names.length === 0) return 'no connection'
  return `its connections: ${names.map((name) => (name === null ? 'one without a name' : `'${name}'`)).join(', ')}`
}
