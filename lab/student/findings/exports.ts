import { existsSync, readFileSync } from 'node:fs'
import type { Node } from 'acorn'
import { closest } from './closest.ts'
import { detail, type Finding } from './finding.ts'
import { exerciseFile, lineOf, type Own, type OwnFile } from './own-file.ts'

/** The exercise was loaded, and lacks what the lesson asks for. */
export function exportMissing(name: string, own: Own): Finding {
  const file = exerciseFile(own)
  const found = clue(name, file)
  return {
    id: 'export-missing',
    sentence: `Your file has no export called ${name}${found === undefined ? '.' : `: ${found.says}`}`,
    detail: detail(file.shown(found?.line), found?.write && `Write: ${found.write}`, ...asked(name, own)),
    ...file.at(found?.line),
  }
}

export function notAFunction(name: string, own: Own): Finding {
  const file = exerciseFile(own)
  const line = lineOfName(name, file)
  return {
    id: 'not-a-function',
    sentence: `${file.place(line)} exports ${name}, but it isn't a function.`,
    detail: detail(file.shown(line), ...asked(name, own)),
    ...file.at(line),
  }
}

/** The names that a file exports. */
export function exportsOf(file: OwnFile): string[] {
  const body = (file.parsed.program?.body ?? []) as Statement[]
  return body.flatMap((statement) => {
    if (statement.type === 'ExportDefaultDeclaration') return ['default']
    return statement.type === 'ExportNamedDeclaration' ? namesOf(statement) : []
  })
}

interface Clue {
  says: string
  line: number
  write?: string
}

/** What the file has in its place. */
function clue(name: string, file: OwnFile): Clue | undefined {
  const { program } = file.parsed
  const body = (program?.body ?? []) as Statement[]
  const byDefault = body.find(({ type }) => type === 'ExportDefaultDeclaration')
  const declared = body.find((statement) => namesOf(statement).includes(name))
  if (declared !== undefined && !declared.type.startsWith('Export')) {
    const line = lineOf(declared)
    const isDefault = byDefault?.declaration?.name === name
    return {
      says: isDefault
        ? `${file.place(lineOf(byDefault))} exports it only as the default export. The lab imports it by name.`
        : `${file.place(line)} declares it, but doesn't export it.`,
      line,
      write: `export ${file.line(line)}`,
    }
  }
  if (byDefault !== undefined) {
    const line = lineOf(byDefault)
    const isFunction = /^FunctionDeclaration$/.test(byDefault.declaration?.type ?? '')
    const own = byDefault.declaration?.id?.name
    return {
      says: `${file.place(line)} has only a default export. The lab imports by name.`,
      line,
      ...(isFunction && own === name ? { write: file.line(line).replace('export default', 'export') } : {}),
    }
  }
  const exported = body.filter(({ type }) => type === 'ExportNamedDeclaration')
  const near = closest(
    name,
    exported.flatMap((statement) => namesOf(statement)),
  )
  const other = near && exported.find((statement) => namesOf(statement).includes(near))
  if (near !== undefined && other) return { says: `${file.place(lineOf(other))} exports ${near}.`, line: lineOf(other) }
  return undefined
}

type Statement = Node & {
  declaration?: (Statement & { name?: string }) | null
  declarations?: { id: { name?: string } }[]
  specifiers?: { exported?: { name?: string } }[]
  id?: { name?: string } | null
}

/** The names that a statement at the top level declares or exports. */
function namesOf({ declaration, declarations = [], specifiers = [], id }: Statement): string[] {
  const own = [id?.name, ...declarations.map((each) => each.id.name), ...specifiers.map((each) => each.exported?.name)]
  return [...own.filter((name) => name !== undefined), ...(declaration ? namesOf(declaration) : [])]
}

function lineOfName(name: string, file: OwnFile): number | undefined {
  const statement = ((file.parsed.program?.body ?? []) as Statement[]).find((each) => namesOf(each).includes(name))
  return statement && lineOf(statement)
}

/** How the lesson's starter declares it. */
function asked(name: string, { setting }: Own): string[] {
  const starter = new URL(`lessons/${setting.lesson}/starter.ts`, setting.lab)
  const text = existsSync(starter) ? readFileSync(starter, 'utf8') : ''
  const [signature] = new RegExp(`^export (async )?function ${name}\\b[^]*?(?=\\s*\\{$)`, 'm').exec(text) ?? []
  if (signature === undefined) return ["The lesson's text shows the whole signature."]
  // The starter marks what it does not use yet.
  const lines = signature.replaceAll(/\b_(?=\w+:)/g, '').split('\n')
  return ['The lesson asks for:', ...lines.map((line) => `  ${line}`)]
}
