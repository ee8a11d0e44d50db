import { type Driver, errorSeen, type Line } from './drive.ts'
import { onMessage, prepareImports, seenWithPlace, takeLine } from './preload.ts'
import type { LoadRequest, ToStudent } from './protocol.ts'
import { sources } from './sources.mjs'

/**
 * The student's process where a driver calls the exercise. What is the lab's own is loaded at once, the exercise when
 * the lab says so; then it does what the lab asks.
 */

type AnyDriver = Driver<Record<string, unknown>>
type Call = (exercise: unknown, args: unknown, line: Line) => unknown

const { report, keepAlive } = takeLine()
const heard: { name: string; data: unknown }[] = []
const listeners = new Map<string, ((data: never) => void)[]>()
let ready: { calls: Record<string, Call>; exercise: Record<string, unknown> } | undefined

const line: Line = Object.freeze<Line>({
  tell: (name, data = {}) => report({ type: 'told', name, data }),
  heard(name, listener) {
    listeners.set(name, [...(listeners.get(name) ?? []), listener])
    for (const earlier of heard) if (earlier.name === name) listener(earlier.data as never)
  },
  mayEnd: () => keepAlive(false),
})

const loadingDriver = import(process.argv[2] ?? '') as Promise<{ default: AnyDriver }>
// What it says is told when the exercise is loaded.
loadingDriver.catch(() => {})
// Every exercise or its driver needs it.
import('amqplib').catch(() => {})

onMessage((message: ToStudent) => {
  if (message.type === 'load') void load(message)
  if (message.type === 'call') void call(message.id, message.name, message.args)
  if (message.type === 'tell') {
    heard.push(message)
    for (const listener of listeners.get(message.name) ?? []) listener(message.data as never)
  }
})

async function load(request: LoadRequest): Promise<void> {
  // What the driver is made of is taken before a line of the exercise runs, which could change it.
  const driver = await loadingDriver.then(
    ({ default: { exports, calls } }) => ({ exports: [...exports], calls: { ...calls } as Record<string, Call> }),
    (error: unknown) => ({ error }),
  )
  let exercise: Record<string, unknown>
  try {
    Object.assign(sources, request.sources)
    await prepareImports()
    exercise = (await import(request.exercise)) as Record<string, unknown>
  } catch (error) {
    report({ type: 'load-failed', reason: 'import', detail: '', error: errorSeen(error) })
    return
  }
  if ('error' in driver) {
    report({ type: 'load-failed', reason: 'driver', detail: '', error: errorSeen(driver.error) })
    return
  }
  for (const name of driver.exports) {
    if (typeof exercise[name] === 'function') continue
    const reason = name in exercise ? 'not-a-function' : 'export-missing'
    report({ type: 'load-failed', reason, detail: name })
    return
  }
  ready = { calls: driver.calls, exercise }
  report({ type: 'loaded' })
}

async function call(id: number, name: string, args: unknown): Promise<void> {
  if (!ready) return
  const asked = ready.calls[name]
  try {
    if (!asked) throw new Error(`The driver knows no call '${name}'.`)
    const value = await asked(ready.exercise, args, line)
    report({ type: 'settled', id, ok: true, value: value ?? null })
  } catch (error) {
    report({ type: 'settled', id, ok: false, value: null, error: seenWithPlace(error) })
  }
}

// The driver keeps the process alive until the lab ends it.
keepAlive(true)
