import { filmOf } from '../viewer/film.ts'
import { type ViewerParts, viewerParts } from '../viewer/page.ts'
import { type Played, showOf } from '../viewer/show.ts'
import type { Comparison } from './comparison.ts'
import { linksOf } from './links.ts'

/** Both recordings of each scenario side by side, to be stepped through together. */
export function comparisonViewer({ seen, yours, decided }: Comparison, ...styles: string[]): ViewerParts {
  const played = seen.map(({ name, yours, solution }): Played => {
    if (yours === undefined || solution === undefined) {
      return { name, recordings: [yours ?? solution].filter((one) => one !== undefined) }
    }
    const links = linksOf({ recording: yours, film: filmOf(yours) }, { recording: solution, film: filmOf(solution) })
    return { name, recordings: [yours, solution], links, ...(decided === undefined ? {} : { decided }) }
  })
  return viewerParts(showOf(played, yours.report.expectations, ['Yours', 'The solution']), ...styles)
}
