import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LabError } from '../errors.ts'
import { ROOT } from '../root.ts'
import { command } from './command.ts'
import { flag } from './options.ts'

const PICTURE = /(?<=```mermaid\n)[^`]*(?=```)/

/** `npm run architecture`: holds all imports to the rules, and draws them in docs/architecture.md. Exit code 0, 1 or 2. */
export const architecture = command({
  usage: 'npm run architecture --',
  options: { check: flag('only check that the picture is up to date') },
  async run({ values: { check } }, io) {
    const [{ forbiddenIn, importsOf }, { picture }] = await Promise.all([
      import('../architecture/imports.ts'),
      import('../architecture/picture.ts'),
    ])
    const imports = await importsOf(['lab.ts', 'lab', 'checks', 'test'])
    const forbidden = await forbiddenIn(imports)
    if (forbidden !== undefined) {
      io.stdout.write(forbidden)
      return 1
    }
    const file = join(ROOT, 'docs', 'architecture.md')
    const document = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n')
    const [before] = PICTURE.exec(document) ?? []
    if (before === undefined) throw new LabError('no-picture', `There is no \`\`\`mermaid block in ${file}.`)
    const now = picture(imports)
    if (now === before) return 0
    if (check) {
      throw new LabError('stale-picture', 'The picture in docs/architecture.md no longer matches the imports.', {
        advice: 'Redraw it: npm run architecture',
      })
    }
    await writeFile(
      file,
      document.replace(before, () => now),
    )
    io.stdout.write('The picture in docs/architecture.md has been redrawn.\n')
    return 0
  },
})
