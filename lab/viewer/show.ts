import type { Recording } from '../recording/recording.ts'
import type { ExpectationReport } from '../report/report.ts'
import { visible, visibleLines } from '../text/visible.ts'
import { filmOf, momentOf } from './film.ts'
import type { Link, Mark, Scene, Show } from './shared/film.ts'

/** A scenario, and where its expectations are decided, by their titles: places in the (left) recording. */
export interface Played {
  /** How the page calls it. */
  name: string
  /** One, or two that are looked at together. */
  recordings: Recording[]
  links?: Link[]
  decided?: ReadonlyMap<string, { scenario: string; place: number }[]>
}

/** Several shows as one, one after the other. */
export function showsTogether(shows: Show[]): Show {
  let before = 0
  const marks = shows.flatMap(({ marks, scenes }) => {
    const first = before
    before += scenes.length
    return marks.map((mark) => ({
      ...mark,
      decided: mark.decided.map((each) => ({ ...each, scene: each.scene + first })),
    }))
  })
  return { scenes: shows.flatMap(({ scenes }) => scenes), marks }
}

/**
 * The same show, in which some expectations say only what was seen.
 *
 * @param seen by the title of each of them
 */
export function sayingOnlySeen(show: Show, seen: ReadonlyMap<string, string>): Show {
  const marks = show.marks.map((mark) => {
    const message = seen.get(mark.title)
    return message === undefined ? mark : { ...mark, message: visibleLines(message) }
  })
  return { ...show, marks }
}

/**
 * Puts together what a page shows.
 *
 * @param expectations those of the (left) recordings
 */
export function showOf(
  played: Played[],
  expectations: Pick<ExpectationReport, 'step' | 'title' | 'verdict' | 'message' | 'at' | 'scenarios'>[],
  names?: [string, string],
): Show {
  const scenes = played.map(({ name, recordings, links }): Scene => {
    return { name: visible(name), films: recordings.map(filmOf), ...(links === undefined ? {} : { links }) }
  })
  const marks = expectations.map(({ step, title, verdict, message, at, scenarios = [] }): Mark => {
    const decided = scenarios.flatMap((scenario) => {
      const scene = played.findIndex(({ recordings }) => recordings[0]?.scenario === scenario)
      const film = scenes[scene]?.films[0]
      if (film === undefined) return []
      const where = played[scene]?.decided?.get(title)?.find((each) => each.scenario === scenario)
      return { scene, ...(where === undefined ? {} : { moment: momentOf(film, where.place) }) }
    })
    return {
      step,
      title: visible(title),
      verdict,
      ...(message === undefined ? {} : { message: visibleLines(message) }),
      ...(at === undefined ? {} : { at: { file: visible(at.file), line: at.line, text: visible(at.text) } }),
      decided,
    }
  })
  return { ...(names === undefined ? {} : { names }), scenes, marks }
}
