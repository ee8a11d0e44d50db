import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A small project in a temporary folder, with lessons of its own. */
export interface Scratch extends Disposable {
  root: string
  /** Writes a file, with its folders; returns its path. */
  write(path: string, content: string): string
  path(path: string): string
}

export const STARTER = 'export const answer = 0\n'

export const HINTS = `# Hints

## Step 1

1. Who is asked first?
2. Call [connect](https://example.org/connect).

   It returns a promise.
3. Fill the blank:

   \`\`\`ts
   ## not a heading
   1. not an item
   await ____(url)
   \`\`\`

## Step 2: waiting

1. How long?
2. Use [setTimeout](https://example.org/timers).
3. \`await ____(delayMs)\`
`

export function lessonText(title: string, buildsOn: string[] = []): string {
  return `---
title: ${title}
minutes: 15
buildsOn: [${buildsOn.join(', ')}]
exports: [answer]
---

# ${title}

The story of **${title}**.
`
}

/** Lessons 01, 02 and 05, with a solution of 01. */
export function scratchProject(): Scratch {
  const scratch = emptyProject()
  const all: [string, string, string[]][] = [
    ['01-first-steps', 'First steps', []],
    ['02-second-steps', 'Second steps', ['01-first-steps']],
    ['05-whole-program', 'The whole program', ['01-first-steps', '02-second-steps']],
  ]
  for (const [name, title, buildsOn] of all) {
    scratch.write(`lessons/${name}/lesson.md`, lessonText(title, buildsOn))
    scratch.write(`lessons/${name}/hints.md`, HINTS)
    scratch.write(`lessons/${name}/starter.ts`, STARTER)
  }
  scratch.write('solutions/01-first-steps/exercise.ts', 'export const answer = 42\n')
  scratch.write('solutions/01-first-steps/notes.md', 'Because *that* is the answer.\n')
  return scratch
}

export function emptyProject(): Scratch {
  const root = mkdtempSync(join(tmpdir(), 'cluster-up-'))
  const path = (relative: string) => join(root, relative)
  return {
    root,
    path,
    write(relative, content) {
      mkdirSync(dirname(path(relative)), { recursive: true })
      writeFileSync(path(relative), content)
      return path(relative)
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  }
}
