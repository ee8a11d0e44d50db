import type { ChildProcess } from 'node:child_process'
import { noteCallSites, noteTimers, placeOn } from './call-sites.ts'
import { replaceClocks } from './clocks.ts'
import { errorSeen } from './drive.ts'
import { replaceBrokenLessons } from './earlier.ts'
import { installHooks } from './hooks.ts'
import { keepAlive, read, write } from './own-line.ts'
import { SETTING_VARIABLE, type Setting, type ToStudent } from './protocol.ts'
import { signalOnlyOwn } from './signals.ts'

const { subscribe } = process.getBuiltinModule('node:diagnostics_channel')
const { Server, Socket } = process.getBuiltinModule('node:net')
const { fileURLToPath } = process.getBuiltinModule('node:url')

/**
 * Runs first in every student's process (node --import). It installs the import hooks, answers pings, reports connection
 * attempts and what the process is dying of, and ends the process when the lab is gone. It keeps no handle open, so a
 * program that has nothing left to do ends by itself.
 */
const setting = JSON.parse(process.env[SETTING_VARIABLE] ?? 'null') as Setting
delete process.env[SETTING_VARIABLE]

const report = write
let isTaken = false

/**
 * The line to the lab, for the first who asks: that is the lab's own part. The exercise, which comes later, has no business
 * with it, and could only confuse its own check.
 */
export function takeLine(): { report: (message: unknown) => void; keepAlive: (on: boolean) => void } {
  if (isTaken) throw new Error('The line to the lab is taken.')
  isTaken = true
  return { report, keepAlive }
}

const { replaced } = installHooks(setting, (lesson) => report({ type: 'told', name: 'solutions-used', data: [lesson] }))

noteCallSites(setting, report)

const waiting: ToStudent[] = []
let receive: ((message: ToStudent) => void) | undefined

/** Hands over every message of the lab's but pings, those that came before included. */
export function onMessage(listener: (message: ToStudent) => void): void {
  receive = listener
  for (const message of waiting.splice(0)) listener(message)
}

const rss = process.memoryUsage.rss.bind(process.memoryUsage)
const kill = process.kill.bind(process, process.pid, 'SIGKILL')
read((raw) => {
  const message = raw as ToStudent
  if (message.type === 'ping') report({ type: 'pong', id: message.id, rssBytes: rss() })
  else if (receive) receive(message)
  else waiting.push(message)
}, kill)

process.on('uncaughtExceptionMonitor', (error, origin) => {
  report({ type: 'dying', origin, error: seenWithPlace(error) })
})

/** An error as plain data, with the innermost line of the student's own on its stack. */
export function seenWithPlace(thrown: unknown): ReturnType<typeof errorSeen> {
  const at = thrown instanceof Error ? placeOn(String(thrown.stack), setting) : undefined
  return { ...errorSeen(thrown), ...(at === undefined ? {} : { at }) }
}

// By default amqplib switches Nagle's algorithm on. Together with delayed acknowledgements it costs each handshake 40 ms,
// and changes nothing else: small packets leave at once here.
const { setNoDelay } = Socket.prototype
Socket.prototype.setNoDelay = function () {
  return setNoDelay.call(this, true)
}

// Several services of one lesson run here at once, each as if on a machine of its own: a health check's port is free there.
const { listen } = Server.prototype
Server.prototype.listen = function (this: import('node:net').Server, where: unknown, ...rest: unknown[]) {
  const { path, fd, port } = Object(where) as { path?: unknown; fd?: unknown; port?: unknown }
  const isPort = typeof where === 'number' || /^\d+$/.test(String(where))
  const free = isPort
    ? 0
    : port !== undefined && path === undefined && fd === undefined
      ? { ...Object(where), port: 0 }
      : where
  return (listen as (...given: unknown[]) => import('node:net').Server).call(this, free, ...rest)
}

// An attempt at a closed port never reaches the wire; the runtime's own diagnostics channel tells of it.
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: import('node:net').Socket }
  report({ type: 'told', name: 'attempt', data: {} })
  socket.once('connect', () => report({ type: 'socket', port: socket.localPort }))
  socket.once('close', () => report({ type: 'told', name: 'attempt-ended', data: {} }))
})

const children = new Set<number>()
// Its group may live on when it has ended.
signalOnlyOwn((pid) => children.has(pid))

// What the process starts is to die with the scenario, whatever becomes of the process itself.
subscribe('child_process', (message) => {
  const { process: child } = message as { process: ChildProcess }
  const tell = (what: 'started' | 'exited') =>
    report({
      type: 'child',
      what,
      pid: child.pid,
      code: child.exitCode,
      signal: child.signalCode,
      atMs: performance.now(),
    })
  // It gets its number in this turn of the event loop.
  process.nextTick(() => {
    if (child.pid === undefined) return
    children.add(child.pid)
    tell('started')
    child.once('exit', () => tell('exited'))
  })
})

/** Has to be called before the exercise is loaded: it tries what the exercise imports, which is the student's code. */
export function prepareImports(): Promise<void> {
  return replaceBrokenLessons(setting, replaced)
}
// A program's own file is what Node loads next.
if (process.argv[1] !== fileURLToPath(new URL('./child.ts', import.meta.url))) {
  isTaken = true
  if (setting.fastClocks) replaceClocks().hurry()
  noteTimers(setting, (data) => report({ type: 'told', name: 'timer', data }))
  await prepareImports()
}
report({ type: 'ready' })
