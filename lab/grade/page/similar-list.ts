import { element, escaped } from '../../text/html.ts'
import type { SimilarPair } from '../similar.ts'

/** Pairs that are alike: something to look at, and nothing that points are taken for. */
export function similarSection(pairs: SimilarPair[]): string[] {
  if (pairs.length === 0) return []
  const link = ({ id, file }: { id: string; file: string }) =>
    `<a href="students/${encodeURIComponent(file)}.html">${escaped(id)}</a>`
  const items = pairs.map(
    ({ lesson, one, other, similarity }) =>
      `<li>Lesson ${escaped(lesson.slice(0, 2))}: ${link(one)} and ${link(other)}, ${Math.round(similarity * 100)} % alike</li>`,
  )
  const caution =
    "Look at these, but never deduct points for them. Whatever matches the starter or the solution is left out, and names and strings don't count. Still, tasks this small have few good answers, so honest work can look alike."
  return [
    `<section aria-labelledby="similar"><h2 id="similar">Similar submissions</h2>\n${element('p', caution, 'notice')}\n<ul>${items.join('')}</ul>\n</section>`,
  ]
}
