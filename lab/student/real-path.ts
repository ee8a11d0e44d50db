import { realpathSync } from 'node:fs'

/** A path without its links, as Node names what it runs; as it is where nothing is there. */
export function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
