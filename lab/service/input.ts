import { createInterface } from 'node:readline/promises'
import { createPrompt, isEnterKey, isTabKey, useEffect, useKeypress, useRef, useState } from '@inquirer/core'
import type { Io } from '../io.ts'
import { TerminalInput } from '../terminal-input.ts'
import { type Deed, deedOf } from './keys.ts'
import type { LiveScreen } from './screen.ts'

/** What is typed, for whoever runs a service. */
export interface Typing {
  line(text: string): void
  deed(deed: Deed): void
  /** Ctrl-C as a key. */
  interrupt(): void
  /** The input has ended; Ctrl-D says so too. */
  over(): void
}

/** Whole lines, from anything that is not a terminal, or only a plain one. */
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

export interface TaskInput extends Pick<Typing, 'line' | 'deed'> {
  /** What stands above the line, and below it. Asked for anew with each redraw. */
  around(awaitsKey: boolean): { above: string[]; below: string }
  /** Calls `redraw` whenever that may have changed; returns what ends it. */
  listen(redraw: () => void): () => void
  /** Calls `back` when Esc is pressed; returns what ends that. */
  onEscape(back: () => void): () => void
}

export const PROMPT = 'task> '

/**
 * The line that is typed. It can begin with any letter, so no letter is a key of its own: Tab makes the next one a key,
 * and then typing goes on. Readline edits the line, and recalls earlier ones. Esc takes back one thing at a time: the Tab,
 * what was typed, the run.
 */
export const taskInput = createPrompt<void, TaskInput>((config, _done) => {
  const [line, setLine] = useState('')
  const [awaitsKey, setAwaitsKey] = useState(false)
  const [, redraw] = useState(0)
  const now = useRef({ line, awaitsKey })
  now.current = { line, awaitsKey }
  useEffect((rl) => {
    const stopListening = config.listen(() => redraw((count) => count + 1))
    const stopEscape = config.onEscape(() => {
      if (now.current.awaitsKey) setAwaitsKey(false)
      else if (now.current.line === '') config.deed('quit')
      else {
        rl.clearLine(0)
        setLine('')
      }
    })
    return () => {
      stopListening()
      stopEscape()
    }
  }, [])
  useKeypress((key, rl) => {
    const keep = () => {
      rl.clearLine(0)
      rl.write(line)
    }
    if (awaitsKey) {
      setAwaitsKey(false)
      const deed = deedOf(((key as { sequence?: string }).sequence ?? '').toLowerCase())
      keep()
      if (deed) config.deed(deed)
    } else if (isTabKey(key)) {
      setAwaitsKey(true)
      keep()
    } else if (isEnterKey(key)) {
      setLine('')
      config.line(line)
    } else setLine(rl.line)
  })
  const { above, below } = config.around(awaitsKey)
  return [[...above, PROMPT + line].join('\n'), line === '' || awaitsKey ? below : '']
})

/** Reads keys of a terminal until it is disposed; the prompt is drawn below what the screen shows. */
export function readKeys(
  stdin: Io['stdin'],
  screen: LiveScreen,
  typing: Typing,
  config: Omit<TaskInput, 'line' | 'deed' | 'onEscape'>,
): Disposable {
  const ending = new AbortController()
  let goBack = () => {}
  const onEscape = (back: () => void) => {
    goBack = back
    return () => {
      goBack = () => {}
    }
  }
  const input = new TerminalInput(stdin, {
    interrupt: () => typing.interrupt(),
    end: () => typing.over(),
    escape: () => goBack(),
    redraw: () => screen.redraw(),
    close: () => {
      screen.hide()
      input.giveBack()
    },
    open: () => {
      input.take()
      screen.redraw()
    },
  })
  input.take()
  const end = () => typing.over()
  stdin.on('end', end)
  taskInput(
    { ...config, onEscape, line: (text) => typing.line(text), deed: (deed) => typing.deed(deed) },
    { input: input.keys, output: screen.output, signal: ending.signal, clearPromptOnDone: true },
  ).catch((error: unknown) => {
    // Its end is being aborted, and nothing else.
    if (!ending.signal.aborted) throw error
  })
  return {
    [Symbol.dispose]() {
      ending.abort()
      stdin.off('end', end)
      input[Symbol.dispose]()
    },
  }
}
