import type { Fold, Moment } from './film.ts'

/** What is looked at: empty texts and 0 stand for everything. */
export interface Filter {
  connection: number
  /** 0 is everything: channel 0 is the connection itself. */
  channel: number
  queue: string
  task: string
  search: string
}

export const EVERYTHING: Filter = { connection: 0, channel: 0, queue: '', task: '', search: '' }

/** A step that can be taken: one moment, or several that are folded into one. */
export interface Step {
  /** The first and the last of its moments; folded ones have more than one, or a fold. */
  first: number
  last: number
  folds: Fold[]
}

/** Whether a moment is among what is looked at. What is of no connection, queue or task belongs to none in particular. */
export function suits(moment: Moment, { connection, channel, queue, task, search }: Filter): boolean {
  if (connection > 0 && moment.connection !== connection) return false
  if (channel > 0 && moment.channel !== channel) return false
  if (queue !== '' && moment.queue !== queue) return false
  if (task !== '' && !moment.tasks.includes(task)) return false
  return search === '' || wordsOf(moment).includes(search.toLowerCase())
}

/**
 * The steps through a recording: the moments that suit, with runs of folded ones as one step each. A search finds what is
 * folded, too.
 *
 * @param open the first moments of the runs that are unfolded, or 'all'
 */
export function stepsOf(moments: Moment[], filter: Filter, open: ReadonlySet<number> | 'all' = new Set()): Step[] {
  const steps: Step[] = []
  let run: Step | undefined
  for (const [i, moment] of moments.entries()) {
    if (!suits(moment, filter)) continue
    const { fold } = moment
    if (fold === undefined || filter.search !== '') {
      run = undefined
      steps.push({ first: i, last: i, folds: [] })
    } else if (run !== undefined) {
      run.last = i
      if (!run.folds.includes(fold)) run.folds.push(fold)
    } else {
      run = { first: i, last: i, folds: [fold] }
      steps.push(run)
    }
  }
  const isOpen = ({ first, folds }: Step) => folds.length > 0 && (open === 'all' || open.has(first))
  return steps.flatMap((step) => (isOpen(step) ? unfolded(step, moments, filter) : step))
}

/** The moments of a run, one by one. */
function unfolded(step: Step, moments: Moment[], filter: Filter): Step[] {
  const inside: Step[] = []
  for (let i = step.first; i <= step.last; i++) {
    const moment = moments[i]
    if (moment && suits(moment, filter)) inside.push({ first: i, last: i, folds: [] })
  }
  return inside
}

/** The step that shows a moment, or the last one before it; the first where there is none. */
export function stepAt(steps: Step[], moment: number): number {
  let [low, high] = [0, steps.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((steps[middle]?.first ?? 0) <= moment) low = middle
    else high = middle - 1
  }
  return low
}

/** What can be chosen for each filter, in the order in which it comes up. */
export function choicesOf(moments: Moment[]): {
  connections: number[]
  channels: number[]
  queues: string[]
  tasks: string[]
} {
  const distinct = <T>(all: T[]) => [...new Set(all)]
  return {
    connections: distinct(moments.map(({ connection }) => connection)).filter((connection) => connection > 0),
    channels: distinct(moments.map(({ channel }) => channel)).filter((channel) => channel > 0),
    queues: distinct(moments.flatMap(({ queue }) => queue ?? [])).filter((queue) => queue !== ''),
    tasks: distinct(moments.flatMap(({ tasks }) => tasks)).filter((task) => task !== ''),
  }
}

const known = new WeakMap<Moment, string>()

function wordsOf(moment: Moment): string {
  const before = known.get(moment)
  if (before !== undefined) return before
  const details = moment.details.map(({ name, text }) => `${name} ${text}`)
  const words = [moment.text, moment.method, ...moment.notes, ...details].join('\n').toLowerCase()
  known.set(moment, words)
  return words
}
