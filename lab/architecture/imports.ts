import { join } from 'node:path'
import { cruise, format, type ICruiseResult } from 'dependency-cruiser'
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { ROOT } from '../root.ts'

/** Who imports whom in the project, and what of it `.dependency-cruiser.mjs` forbids. */
export async function importsOf(folders: string[], project = ROOT): Promise<ICruiseResult> {
  const options = await extractOptions(join(ROOT, '.dependency-cruiser.mjs'))
  const { output } = await cruise(folders, { ...options, baseDir: project })
  return output as ICruiseResult
}

/** What is forbidden, a line or more each with the rule behind it; undefined where nothing is. */
export async function forbiddenIn(imports: ICruiseResult): Promise<string | undefined> {
  if (imports.summary.violations.length === 0) return undefined
  return (await format(imports, { outputType: 'err-long' })).output as string
}
