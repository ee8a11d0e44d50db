import type { Recording } from '../recording/recording.ts'
import { siteOf } from '../recording/sites.ts'
import { severalWorkersOf } from '../recording/workers.ts'
import { drawnRows } from '../report/sequence.ts'
import { traceRows } from '../report/trace.ts'
import { visibleBegin } from '../text/visible.ts'
import { contentsOf } from './contents.ts'
import { detailsOf } from './details.ts'
import { foldsOf } from './folds.ts'
import type { Film, Moment, Shape } from './shared/film.ts'
import type { Change } from './shared/things.ts'
import { effects } from './world/changes.ts'

const LONGEST_LABEL = 120

/**
 * A recording as it is looked at: moments with what is drawn of each, what it changes, and what there is to read about it.
 * Whatever the student's process and the broker said is made visible here: a page shows it as it is.
 */
export function filmOf(recording: Recording): Film {
  const { lesson, scenario, broker, notPlayed, events } = recording
  const workerOf = severalWorkersOf(recording)
  const contents = contentsOf(recording)
  const shown = events.flatMap((event, place) => {
    const row = contents.belongs(event) ? undefined : traceRows([event], undefined, workerOf)[0]
    return row === undefined ? [] : { event, place, row }
  })
  const { participants, drawn } = drawnRows(shown.map(({ row }) => row))
  const folds = foldsOf(shown.map(({ event }) => event))
  const moments = shown.map(({ event, place, row }, i): Moment => {
    const end = shown[i + 1]?.place ?? events.length
    const effect = joined(effects(recording).slice(place, end))
    const site = event.kind === 'frame' ? siteOf(event, recording) : undefined
    const at = site ?? (event.kind === 'finding' ? event.at : undefined)
    const [main, ...notes] = drawn[i] ?? []
    return {
      ms: event.ms,
      place,
      from: row.from,
      method: row.method,
      text: main && 'text' in main ? main.text : row.method,
      shape: shapeOf(main),
      connection: row.connection,
      channel: row.channel,
      ...(effect.queue === undefined ? {} : { queue: label(effect.queue) }),
      tasks: effect.tasks.map(label),
      ...(folds[i] === undefined ? {} : { fold: folds[i] }),
      notes: [...notes.flatMap((note) => ('text' in note ? note.text : [])), ...effect.doubts.map(visibleBegin)],
      details: detailsOf(event, row, contents.of(event)),
      ...(at === undefined ? {} : { at: { file: at.file, line: at.line, text: visibleBegin(at.text) } }),
      changes: effect.changes.map(shownChange),
    }
  })
  return {
    lesson,
    scenario,
    broker: `${broker.product} ${broker.version} (${broker.kind})`,
    ...(notPlayed === undefined ? {} : { notPlayed }),
    lanes: participants,
    moments,
  }
}

/** The moment of an event: its own, or the one that it is shown with. */
export function momentOf({ moments }: Film, place: number): number {
  return Math.max(
    0,
    moments.findLastIndex((moment) => moment.place <= place),
  )
}

function shapeOf(row: ReturnType<typeof drawnRows>['drawn'][number][number] | undefined): Shape {
  if (row?.kind === 'note') return { over: row.over }
  if (row?.kind !== 'message') return { over: [] }
  const { from, to, line, head } = row
  return { from, to, ...(line === 'dashed' ? { dashed: true } : {}), ...(head === 'lost' ? { lost: true } : {}) }
}

/** What a moment changes is what its events change, one after the other: of each thing, where it ends. */
function joined(all: ReturnType<typeof effects>): ReturnType<typeof effects>[number] {
  const last = new Map(all.flatMap(({ changes }) => changes))
  return {
    changes: [...last],
    doubts: all.flatMap(({ doubts }) => doubts),
    queue: all.find(({ queue }) => queue !== undefined)?.queue,
    tasks: [...new Set(all.flatMap(({ tasks }) => tasks))],
  }
}

function shownChange([id, thing]: Change): Change {
  return [id, thing && (shownValue(thing) as typeof thing)]
}

/** A copy in which every text can be shown. */
function shownValue(value: unknown): unknown {
  if (typeof value === 'string') return label(value)
  if (Array.isArray(value)) return value.map(shownValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shownValue(each)]))
}

/** The beginning of a task or a name: the details have more of it. */
function label(text: string): string {
  const begin = visibleBegin(text)
  return begin.length <= LONGEST_LABEL ? begin : `${begin.slice(0, LONGEST_LABEL).replace(/\p{Cs}$/u, '')}…`
}
