import { Writable } from 'node:stream'
import {
  createPrompt,
  isDownKey,
  isEnterKey,
  isNumberKey,
  isUpKey,
  Separator,
  useEffect,
  useKeypress,
  usePagination,
  useState,
} from '@inquirer/core'
import pc from 'picocolors'
import type { Look } from '../text/look.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Io } from './context.ts'

/** One line of a menu. `key` picks it at once, or, where it is a number, moves there. */
export interface Choice<V> {
  value: V
  name: string
  key: string
}

export interface PickConfig<V> {
  message: string
  choices: (Choice<V> | Separator)[]
  /** Where the pointer stands first. */
  at?: V | undefined
  /** Shown below, and kept up to date while the menu waits. */
  statusLine: () => string
  look: Look
}

const STATUS_EVERY_MS = 500
const HIDE_CURSOR = '\u001b[?25l'

/** inquirer's select with a key for each choice and a status line that lives. */
const prompt = createPrompt<unknown, PickConfig<unknown>>((config, done) => {
  const { choices, look } = config
  const { bold, cyan, dim } = pc.createColors(look.colour)
  const isChoice = (item: Choice<unknown> | Separator | undefined): item is Choice<unknown> =>
    item !== undefined && !Separator.isSeparator(item)
  const start = choices.findIndex((item) => isChoice(item) && item.value === config.at)
  const [active, setActive] = useState(start === -1 ? choices.findIndex(isChoice) : start)
  const [status, setStatus] = useState(config.statusLine())

  useEffect(() => {
    const timer = setInterval(() => setStatus(config.statusLine()), STATUS_EVERY_MS)
    return () => clearInterval(timer)
  }, [])

  useKeypress((key, rl) => {
    const current = choices[active]
    if (isEnterKey(key)) {
      if (isChoice(current)) done(current.value)
      return
    }
    if (isNumberKey(key)) {
      // What has been typed so far: '1' and then '2' is 12.
      const typed = choices.findIndex((item) => isChoice(item) && item.key === String(Number(rl.line)))
      if (typed !== -1) setActive(typed)
      else rl.clearLine(0)
      return
    }
    rl.clearLine(0)
    if (isUpKey(key) || isDownKey(key)) {
      const step = isUpKey(key) ? -1 : 1
      let next = active
      do next = (next + step + choices.length) % choices.length
      while (!isChoice(choices[next]))
      setActive(next)
      return
    }
    const name = key.name === 'escape' ? 'b' : key.name
    const picked = key.ctrl ? undefined : choices.find((item) => isChoice(item) && item.key === name)
    if (isChoice(picked)) done(picked.value)
  })

  const { pointer } = symbolsOf(look)
  const page = usePagination<Choice<unknown> | Separator>({
    items: choices,
    active,
    pageSize: 20,
    loop: false,
    renderItem({ item, isActive }) {
      if (!isChoice(item)) return ` ${item.separator}`
      const line = `${isActive ? pointer : ' '} ${dim(item.key.padStart(2))}  ${item.name}`
      return isActive ? cyan(line) : line
    },
  })
  const help = dim('arrows or the key beside it; Enter chooses; Ctrl-C leaves')
  return `${bold(config.message)}\n${page}\n\n${status === '' ? '' : `${dim(status)}\n`}${help}${HIDE_CURSOR}`
})

export { Separator }

/** Lets the student pick one of the choices; the menu is wiped away afterwards. Rejects when the signal is aborted. */
export async function pick<V>(config: PickConfig<V>, io: Io, signal: AbortSignal): Promise<V> {
  const context = { input: io.stdin, output: unending(io.stdout), signal, clearPromptOnDone: true }
  return (await prompt(config as PickConfig<unknown>, context)) as V
}

/** A prompt ends its output with itself, unless that is the process's own: what is given here outlives it always. */
function unending(stdout: Io['stdout']): NodeJS.WritableStream {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      stdout.write(chunk)
      done()
    },
  })
  // The width is asked for with every line that is drawn.
  return Object.defineProperty(stream, 'columns', { get: () => stdout.columns })
}
