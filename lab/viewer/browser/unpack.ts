import type { Film, PackedShow, Show } from '../shared/film.ts'

export function isPacked(show: Show | PackedShow): show is PackedShow {
  return show.scenes.some((scene) => 'packed' in scene)
}

/** Unpacks the films; nothing is fetched for it. */
export async function unpacked({ scenes, marks }: PackedShow): Promise<Show> {
  const films = await Promise.all(scenes.map(({ packed }) => filmIn(packed)))
  return { scenes: scenes.map(({ name }, i) => ({ name, films: films.slice(i, i + 1) })), marks }
}

async function filmIn(packed: string): Promise<Film> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0))
  return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).json()
}
