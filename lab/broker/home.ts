import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const PROJECT = resolve(import.meta.dirname, '../..')

/**
 * The folder with the state of this checkout's brokers: one `KEY.json` and `KEY.log` per keeper.
 *
 * @param root the lab's state folder; by default LAB_HOME, else `.lab` in the project
 */
export function brokersFolder(root?: string): string {
  const folder = join(resolve(root ?? process.env['LAB_HOME'] ?? join(PROJECT, '.lab')), 'brokers')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}

/** The name under which all commands of this checkout find the same warm broker. */
export function warmKey(kind: string, image: string | undefined): string {
  const readable = image === undefined ? kind : `${kind}-${image.replaceAll(/[^\w.-]+/g, '_').slice(-40)}`
  const exact = createHash('sha256')
    .update(JSON.stringify([kind, image, ownCode()]))
    .digest('hex')
    .slice(0, 6)
  return `${readable}-${exact}`
}

/** Changes with the code of this folder: a keeper of older code is left alone, and ends when it is idle. */
function ownCode(): string[] {
  const files = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  )
  return files
    .map((file) => {
      const { mtimeMs, size } = statSync(join(file.parentPath, file.name))
      return `${file.name} ${size} ${mtimeMs}`
    })
    .sort()
}
