/** The one of these names that is meant, most likely: it differs in case only, or in a letter or two. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const near = names
    .map((each) => ({ each, distance: distance(each.toLowerCase(), name.toLowerCase()) }))
    .filter(({ each, distance }) => each !== name && distance <= (name.length > 4 ? 2 : 1))
  return near.toSorted((one, other) => one.distance - other.distance)[0]?.each
}

/** How many letters have to be added, left out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1]
    for (const [j, wanted] of [...other].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === wanted ? 0 : 1)))
    }
    row = next
  }
  return row[other.length] ?? 0
}
