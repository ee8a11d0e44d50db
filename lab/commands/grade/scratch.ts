import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'

/**
 * A folder for as long as this process lives. A shell outside of its process group holds the other end of a pipe, and removes
 * the folder when the pipe ends: so nothing of a submission stays behind after kill -9 either. (Where there is no such
 * shell, as on Windows, the folder goes with an orderly end only.)
 */
export class Scratch implements Disposable {
  readonly path: string
  readonly #pipe: Writable

  /** @param name the beginning of the folder's name */
  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), `${name}-`))
    const remover = spawn('sh', ['-c', 'cat >/dev/null; rm -rf "$1"', 'sh', this.path], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    remover.on('error', () => {})
    remover.unref()
    this.#pipe = remover.stdin
    this.#pipe.on('error', () => {})
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
    this.#pipe.destroy()
  }
}
