import { emitKeypressEvents } from 'node:readline'
import { createInterface } from 'node:readline/promises'
import type { Io } from '../io.ts'
import { type Draft, draftOf, EMPTY, edit, type Key, textOf } from './editor.ts'
import { type Deed, deedOf } from './keys.ts'

/** What is typed, for whoever runs a service. */
export interface Typing {
  line(text: string): void
  deed(deed: Deed): void
  /** Ctrl-C as a key. */
  interrupt(): void
  /** The input has ended; Ctrl-D on an empty line says so too. */
  over(): void
  /** The line that is being typed, or that a key is awaited after Tab. */
  draft(draft: Draft, awaitsKey: boolean): void
}

/** Whole lines, from anything that is no terminal, or only a plain one. */
export function readLines(stdin: Io['stdin'], typing: Typing): Disposable {
  const lines = createInterface({ input: stdin, terminal: false })
  lines.on('line', (line) => typing.line(line))
  const over = () => typing.over()
  lines.on('close', over)
  return {
    [Symbol.dispose]() {
      lines.off('close', over)
      lines.close()
    },
  }
}

/**
 * Single keys of a terminal. A line that is typed can begin with any letter, so no letter is a key of its own: Tab
 * makes the next one a key, and then typing goes on.
 */
export function readKeys(stdin: Io['stdin'], typing: Typing): Disposable {
  const earlier: string[] = []
  /** Which of the earlier lines is shown; at the end none is. */
  let back = 0
  let draft = EMPTY
  let awaitsKey = false

  const become = (next: Draft, awaits = false) => {
    draft = next
    awaitsKey = awaits
    typing.draft(draft, awaitsKey)
  }
  const recall = (by: number) => {
    back = Math.min(Math.max(back + by, 0), earlier.length)
    become(draftOf(earlier[back] ?? ''))
  }
  const enter = () => {
    const text = textOf(draft)
    if (text.trim() !== '' && text !== earlier.at(-1)) earlier.push(text)
    back = earlier.length
    become(EMPTY)
    typing.line(text)
  }
  const onKey = (text: string | undefined, key: Key) => {
    if (key.ctrl && key.name === 'c') {
      become(EMPTY)
      typing.interrupt()
    } else if (key.ctrl && key.name === 'd') {
      if (draft.characters.length === 0) typing.over()
    } else if (awaitsKey) {
      become(draft)
      const deed = deedOf((text ?? '').toLowerCase())
      if (deed) typing.deed(deed)
    } else if (key.name === 'tab') become(draft, true)
    else if (key.name === 'return' || key.name === 'enter') enter()
    else if (key.name === 'up') recall(-1)
    else if (key.name === 'down') recall(1)
    else become(edit(draft, text, key))
  }
  const onEnd = () => typing.over()

  emitKeypressEvents(stdin)
  stdin.setRawMode?.(true)
  stdin.on('keypress', onKey)
  stdin.on('end', onEnd)
  stdin.resume()
  typing.draft(draft, awaitsKey)
  return {
    [Symbol.dispose]() {
      stdin.off('keypress', onKey)
      stdin.off('end', onEnd)
      stdin.setRawMode?.(false)
      stdin.pause()
    },
  }
}
