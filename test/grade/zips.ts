import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, type Zippable, zipSync } from 'fflate'

/** An empty folder for one test. */
export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))

  at(...names: string[]): string {
    return join(this.path, ...names)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A zip of these files; a value that is bytes is a zip within it. */
export function zipOf(files: Record<string, string | Uint8Array>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) => [
    name,
    content instanceof Uint8Array ? content : strToU8(content),
  ])
  return zipSync(Object.fromEntries(entries) as Zippable)
}

const UNIX = 3
const LINK = 0o120777

/** A zip with a symbolic link in it, as Unix makes them. */
export function zipWithLink(name: string, target: string): Uint8Array {
  return zipSync({ [name]: [strToU8(target), { os: UNIX, attrs: LINK * 2 ** 16 }] })
}
