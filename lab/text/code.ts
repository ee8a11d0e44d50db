import { common, createEmphasize } from 'emphasize'
import pc from 'picocolors'
import type { Look } from './look.ts'

const emphasize = createEmphasize(common)

/** Program text in the colours of its language; as it is where the language is unknown or there is no colour. */
export function highlight(code: string, language: string, look: Look): string {
  if (!look.colour || !emphasize.registered(language)) return code
  const { blue, cyan, dim, green, magenta, yellow } = pc.createColors(true)
  return emphasize.highlight(language, code, {
    comment: dim,
    keyword: magenta,
    literal: cyan,
    number: cyan,
    string: green,
    subst: (text) => text,
    built_in: cyan,
    title: blue,
    type: yellow,
    attr: blue,
    meta: dim,
    addition: green,
    deletion: yellow,
  }).value
}
