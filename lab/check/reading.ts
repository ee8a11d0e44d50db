import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a heading of a lesson's text stands, as 'lessons/NN-slug/lesson.md, line 12'; undefined where there is no such heading. */
export function placeToRead(root: string, lesson: string, heading: string): string | undefined {
  const path = `lessons/${lesson}/lesson.md`
  const lines = readFileSync(join(root, path), 'utf8').split(/\r?\n/)
  const line = lines.findIndex((text) => /^#+ /.test(text) && text.replace(/^#+ /, '').trim() === heading)
  return line === -1 ? undefined : `${path}, line ${line + 1}`
}
