import { renameSync, rmSync, writeFileSync } from 'node:fs'

/**
 * Writes a file beside its place and renames it there: nobody who reads or watches it ever meets half of it, and where
 * it can't be written (the disk is full), the old one stays.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array, options: { mode?: number } = {}): void {
  const beside = `${file}.${process.pid}.new`
  try {
    writeFileSync(beside, content, options)
    renameSync(beside, file)
  } finally {
    rmSync(beside, { force: true })
  }
}
