import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'

/** An import or a re-export of another file: `from './name.ts'` is all that there is of modules. */
const IMPORT = /^import (?:type )?(?:[\w*]+|\{[^}]*\}) from '(\.[^']+)'\n/gm
const EXPORT = /^export (?=(?:async )?(?:function|class|const|let|interface|type)\b)/gm

/**
 * A module and all that it imports as one script for a browser: types taken out, each file once, behind those that it imports.
 * The files share one scope: no two of them may give one name to two things.
 */
export function scriptOf(entry: URL): string {
  const done = new Map<string, string>()
  add(entry, done)
  return [...done.values()].join('\n')
}

function add(file: URL, done: Map<string, string>): void {
  if (done.has(file.href)) return
  const source = readFileSync(file, 'utf8')
  for (const [, path = ''] of source.matchAll(IMPORT)) {
    const imported = new URL(path, file)
    if (!done.has(imported.href)) add(imported, done)
  }
  const plain = stripTypeScriptTypes(source.replace(IMPORT, '').replace(EXPORT, ''))
  // What was types leaves blanks and empty lines.
  done.set(file.href, plain.replace(/[ \t]+$/gm, '').replace(/\n{2,}/g, '\n'))
}

/** What a Content-Security-Policy calls a script or a style that stands in the page. */
export function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
