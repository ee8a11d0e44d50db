import { statSync } from 'node:fs'

/** More than any exercise needs, and little enough to read. */
export const MOST_BYTES = 1024 * 1024

/** A file of text, by its looks: reading a device or a pipe would never end. */
export function isSource(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && stat.size <= MOST_BYTES
}
