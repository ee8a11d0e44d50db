import { gzipSync } from 'node:zlib'
import type { PackedScene, PackedShow, Scene, Show } from './shared/film.ts'

/**
 * Packs a show of single recordings, for pages of which there are many. What does not fit into `mostBytes` is left out: its
 * marks lead to fewer places then.
 *
 * @param isFirst which scenes may use the room first
 */
export function packedShow(
  { scenes, marks }: Show,
  mostBytes: number,
  isFirst: (scene: number) => boolean = () => true,
): PackedShow {
  const packed = new Map<number, PackedScene>()
  let left = mostBytes
  const order = scenes.map((scene, index) => ({ scene, index })).toSorted((a, b) => rank(a.index) - rank(b.index))
  function rank(scene: number): number {
    return isFirst(scene) ? 0 : 1
  }
  for (const { scene, index } of order) {
    const one = packedScene(scene)
    if (one === undefined || one.packed.length > left) continue
    left -= one.packed.length
    packed.set(index, one)
  }
  return kept({ scenes: scenes.map((_, index) => packed.get(index)), marks })
}

/** What some of the marks are about: these, and the scenes that they lead to. */
export function aboutMarks({ scenes, marks }: PackedShow, isShown: (title: string) => boolean): PackedShow {
  const shown = marks.filter(({ title }) => isShown(title))
  const used = new Set(shown.flatMap(({ decided }) => decided.map(({ scene }) => scene)))
  return kept({ scenes: scenes.map((scene, index) => (used.has(index) ? scene : undefined)), marks: shown })
}

function packedScene({ name, films }: Scene): PackedScene | undefined {
  const [film] = films
  return film && { name, packed: gzipSync(JSON.stringify(film)).toString('base64') }
}

/** Without the scenes that are not there: marks lead to the others by their new places. */
function kept({ scenes, marks }: { scenes: (PackedScene | undefined)[]; marks: PackedShow['marks'] }): PackedShow {
  const places = new Map<number, number>()
  const there = scenes.flatMap((scene, index) => {
    if (scene === undefined) return []
    places.set(index, places.size)
    return [scene]
  })
  return {
    scenes: there,
    marks: marks.map((mark) => ({
      ...mark,
      decided: mark.decided.flatMap(({ scene, ...where }) => {
        const place = places.get(scene)
        return place === undefined ? [] : [{ ...where, scene: place }]
      }),
    })),
  }
}
