/**
 * The one picture that grows: the shop's services, RabbitMQ with its exchange and queues, and the nodes. Each lesson adds
 * its pieces. They are texts on a grid of 60 columns and 12 rows, so a terminal and an SVG can draw the same picture.
 */
export interface Piece {
  /** The number of the lesson that adds it; 0: it is there from the beginning. A later piece may be put over an earlier one. */
  lesson: number
  row: number
  column: number
  text: string
}

export const MAP_COLUMNS = 60
export const MAP_ROWS = 12

/** What a lesson adds, and what can be done once it has passed: each a sentence. */
export interface Milestone {
  lesson: number
  adds: string
  can: string
}

export const MILESTONES: readonly Milestone[] = [
  {
    lesson: 1,
    adds: 'the connection',
    can: 'You can now connect a service under its own name, and losing the connection no longer crashes it.',
  },
  {
    lesson: 2,
    adds: 'retries',
    can: 'Your services can now start before their broker does: they back off and retry until it answers.',
  },
  {
    lesson: 3,
    adds: 'the durable queue',
    can: 'You can now declare a queue that survives a restart of the broker, with its tasks.',
  },
  {
    lesson: 4,
    adds: 'acknowledgements',
    can: 'You can now consume tasks so that a crashed worker loses none of them.',
  },
  {
    lesson: 5,
    adds: 'the worker as a program',
    can: 'You can now run a whole service: it takes its settings from the environment and stops when asked.',
  },
  {
    lesson: 6,
    adds: 'the shop, with confirms',
    can: 'You can now publish a task and know that the broker has it.',
  },
  {
    lesson: 7,
    adds: 'a second worker, with a prefetch',
    can: 'You can now share the work fairly between fast and slow workers.',
  },
  {
    lesson: 8,
    adds: 'the queue for failed tasks',
    can: 'You can now retry a bad task later, a few times, and then set it aside without losing it.',
  },
  {
    lesson: 9,
    adds: 'the store of finished tasks',
    can: 'You can now receive a task twice and do its work once.',
  },
  {
    lesson: 10,
    adds: 'ready and stop',
    can: 'You can now deploy a service at noon: it says when it is ready, and finishes its work before it stops.',
  },
  {
    lesson: 11,
    adds: 'recovery',
    can: 'Your services can now lose their connection at night and come back without you.',
  },
  {
    lesson: 12,
    adds: 'the exchange, with mails and invoices',
    can: 'You can now publish events for services that you have never heard of.',
  },
  {
    lesson: 13,
    adds: 'the supervisor',
    can: 'You can now start, supervise and stop a whole cluster of workers with one call.',
  },
  {
    lesson: 14,
    adds: 'three nodes',
    can: 'You can now lose a node of RabbitMQ without losing a task.',
  },
]

const box = (lesson: number, row: number, column: number, name: string): Piece[] => [
  { lesson, row, column, text: `┌${'─'.repeat(name.length)}┐` },
  { lesson, row: row + 1, column, text: `│${name}│` },
  { lesson, row: row + 2, column, text: `└${'─'.repeat(name.length)}┘` },
]

const SIDES = Array.from({ length: 10 }, (_, i): Piece[] => [
  { lesson: 0, row: i + 1, column: 17, text: '│' },
  { lesson: 0, row: i + 1, column: 39, text: '│' },
]).flat()

export const PIECES: readonly Piece[] = [
  { lesson: 0, row: 0, column: 17, text: '┌─ RabbitMQ ──────────┐' },
  ...SIDES,
  { lesson: 0, row: 11, column: 17, text: '└─────────────────────┘' },
  ...box(1, 1, 50, 'service '),
  { lesson: 1, row: 2, column: 40, text: '◀────────▶' },
  { lesson: 2, row: 1, column: 41, text: 'retries' },
  { lesson: 3, row: 2, column: 20, text: 'task_queue' },
  { lesson: 4, row: 3, column: 41, text: 'acks' },
  { lesson: 5, row: 2, column: 50, text: '│worker 1│' },
  ...box(6, 1, 0, ' shop '),
  { lesson: 6, row: 2, column: 8, text: '────────▶' },
  { lesson: 6, row: 1, column: 8, text: 'confirms' },
  ...box(7, 4, 50, 'worker 2'),
  { lesson: 7, row: 5, column: 40, text: '◀────────▶' },
  { lesson: 7, row: 4, column: 41, text: 'prefetch' },
  { lesson: 8, row: 3, column: 20, text: '│ fails' },
  { lesson: 8, row: 4, column: 20, text: '└▶ task_queue.dead' },
  { lesson: 9, row: 7, column: 50, text: '(done ids)' },
  { lesson: 10, row: 0, column: 50, text: 'ready/stop' },
  { lesson: 11, row: 6, column: 41, text: 'recovers' },
  { lesson: 12, row: 6, column: 20, text: 'events (exchange)' },
  { lesson: 12, row: 7, column: 20, text: '├▶ mails' },
  { lesson: 12, row: 8, column: 20, text: '└▶ invoices' },
  { lesson: 12, row: 8, column: 40, text: '─────────▶mails' },
  { lesson: 12, row: 9, column: 40, text: '─────────▶invoices' },
  { lesson: 13, row: 10, column: 44, text: '▲ all as one' },
  { lesson: 14, row: 10, column: 20, text: 'node 1, 2 and 3' },
]
