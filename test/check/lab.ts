import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { CheckReport } from '../../lab/report/report.ts'
import { ROOT } from '../../lab/root.ts'

export interface Ran {
  code: number | null
  signal: string | null
  stdout: string
  stderr: string
}

/** Starts a command of the lab as npm does. */
export function startLab(
  args: string[],
  env: Record<string, string> = {},
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [join(ROOT, 'lab', 'start.mjs'), ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a command of the lab, and waits for its end. */
export function labCommand(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = startLab(args, env)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** `check --json` of these arguments, on the embedded broker: what it printed, as an object, and how it ended. */
export async function checkJson(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ report: CheckReport; code: number | null }> {
  const ran = await labCommand(['check', '--json', '--broker', 'embedded', ...args], env)
  const lines = ran.stdout.trimEnd().split('\n')
  if (lines.length !== 1) throw new Error(`not one line on standard output:\n${ran.stdout}\n${ran.stderr}`)
  return { report: JSON.parse(lines[0] ?? '') as CheckReport, code: ran.code }
}

/** A submission: files by their path in the tree. */
export class Submission implements Disposable {
  readonly tree = mkdtempSync(join(tmpdir(), 'cluster-up-test-'))

  constructor(files: Record<string, string>) {
    for (const [name, content] of Object.entries(files)) this.write(name, content)
  }

  write(name: string, content: string): void {
    mkdirSync(join(this.tree, name, '..'), { recursive: true })
    writeFileSync(join(this.tree, name), content)
  }

  [Symbol.dispose](): void {
    rmSync(this.tree, { recursive: true, force: true })
  }
}
