import type { Setting } from './protocol.ts'

const { createHook } = process.getBuiltinModule('node:async_hooks')
const { readFileSync } = process.getBuiltinModule('node:fs')
const { createRequire } = process.getBuiltinModule('node:module')
const { fileURLToPath } = process.getBuiltinModule('node:url')

/**
 * Notes from which line of the student's own files amqplib was called: for each method of each channel, the nth
 * call it is. The wire counts the same frames, so a frame can be matched with its line. No verdict rests on it.
 *
 *   exercise.ts:23 channel.ack(message) ──▶ amqplib: sendImmediately(BasicAck) ──▶ wire: basic.ack, the 1st of channel 1
 *
 * Only the first calls of each method are looked at, so that who publishes thousands of messages pays for few.
 */
export interface Site extends Place {
  type: 'site'
  /** The local port of the socket: the wire knows it as the connection's other end. */
  port: number
  channel: number
  method: string
  nth: number
}

/** A line of the student's own. */
export interface Place {
  /** As a student would name it: 'exercise.ts', or '../04-ack-consumer/exercise.ts'. */
  file: string
  line: number
  text: string
}

interface AnyChannel {
  ch: number
  connection: { stream?: { localPort?: number } }
}
type Send = (this: AnyChannel, method: number, ...rest: unknown[]) => unknown

const LOOKED_AT = 200
const FRAMES = 16
const TEXT_LENGTH = 120
/** What amqplib sends without waiting for an answer; everything else may be put into a line first. */
const AT_ONCE = new Set(['basic.ack', 'basic.nack', 'basic.reject'])

export function noteCallSites(setting: Setting, tell: (site: Site) => void): void {
  const load = createRequire(`${setting.lab}lab.ts`)
  const folder = load.resolve('amqplib').replace(/[^\\/]+$/, '')
  const { BaseChannel } = load(`${folder}lib/channel.js`) as {
    BaseChannel: { prototype: Record<'sendImmediately' | 'sendOrEnqueue' | 'sendMessage', Send> }
  }
  const { info } = load(`${folder}lib/defs.js`) as { info: (id: number) => { name: string } }
  const counts = new WeakMap<object, Map<string, number>>()
  const looked = new Map<string, number>()
  const names = new Map<number, string>()

  const note = (channel: AnyChannel, method: string) => {
    const { stream } = channel.connection
    if (stream?.localPort === undefined) return
    const key = `${channel.ch} ${method}`
    const sent = counts.get(stream) ?? new Map<string, number>()
    counts.set(stream, sent)
    const nth = (sent.get(key) ?? 0) + 1
    sent.set(key, nth)
    const times = (looked.get(method) ?? 0) + 1
    if (times > LOOKED_AT) return
    looked.set(method, times)
    const place = ownPlace(setting)
    if (place) tell({ type: 'site', port: stream.localPort, channel: channel.ch, method, nth, ...place })
  }
  const nameOf = (id: number) => {
    const known = names.get(id)
    if (known !== undefined) return known
    const name = info(id).name.replace(/^([A-Z][a-z]+)(.+)$/, (_, group: string, rest: string) => {
      return `${group.toLowerCase()}.${rest.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()}`
    })
    names.set(id, name)
    return name
  }

  const { sendImmediately, sendOrEnqueue, sendMessage } = BaseChannel.prototype
  BaseChannel.prototype.sendImmediately = function (method, ...rest) {
    if (AT_ONCE.has(nameOf(method))) note(this, nameOf(method))
    return sendImmediately.call(this, method, ...rest)
  }
  BaseChannel.prototype.sendOrEnqueue = function (method, ...rest) {
    note(this, nameOf(method))
    return sendOrEnqueue.call(this, method, ...rest)
  }
  BaseChannel.prototype.sendMessage = function (fields, ...rest) {
    note(this, 'basic.publish')
    return sendMessage.call(this, fields, ...rest)
  }
}

/**
 * Notes from which lines of the student's own files a program sets its first timers, and for how long: a wait or a piece of
 * work that is too short or too long is there. What waits for too long a timer of its own is late on any machine.
 */
export function noteTimers(setting: Setting, tell: (timer: Place & { ms: number }) => void): void {
  let left = LOOKED_AT
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type !== 'Timeout') return
      if (left-- === 0) return void hook.disable()
      const place = ownPlace(setting, HELPER)
      const { _idleTimeout: ms } = resource as { _idleTimeout?: unknown }
      if (place && typeof ms === 'number') tell({ ms, ...place })
    },
  }).enable()
}

/** `new Promise((resolve) => setTimeout(resolve, ms))`, the line of a helper: it is the caller's that says how long. */
const HELPER = /setTimeout\(\s*\w+\s*,/

/** The innermost line of the student's own files on the stack; the one that called it, where it is a helper's. */
function ownPlace(setting: Setting, helper?: RegExp): Place | undefined {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES
  const here: { stack?: string } = {}
  Error.captureStackTrace(here, ownPlace)
  Error.stackTraceLimit = stackTraceLimit
  return placeOn(String(here.stack), setting, helper)
}

/** The innermost line of the student's own files on a stack. */
export function placeOn(stack: string, setting: Setting, helper?: RegExp): Place | undefined {
  let found: Place | undefined
  for (const frame of stack.split('\n')) {
    const [, url, line] = /(file:\/\/\S+?):(\d+):\d+\)?$/.exec(frame) ?? []
    if (url === undefined || !isOwn(url, setting)) continue
    const text = textOf(url, Number(line))
    if (text === undefined) return found
    found = { file: nameOfFile(url, setting), line: Number(line), text }
    if (!helper?.test(text)) return found
  }
  return found
}

/** A solution that stands in for an earlier lesson is no file that the student has. */
function isOwn(url: string, { lab, tree, solutions }: Setting): boolean {
  const others = [`${lab}lab/`, `${lab}checks/`, ...(tree === solutions ? [] : [solutions])]
  return !url.includes('/node_modules/') && !others.some((folder) => url.startsWith(folder))
}

/** 'exercise.ts' in the lesson's own folder, '../NN-slug/exercise.ts' in another's. */
function nameOfFile(url: string, { lesson }: Setting): string {
  const [folder = '', file = ''] = url.split('/').slice(-2)
  return folder === lesson || !/^\d\d-/.test(folder) ? file : `../${folder}/${file}`
}

const files = new Map<string, string[]>()

/** The types are taken out in place, so that the line is the one that the student wrote. */
function textOf(url: string, line: number): string | undefined {
  try {
    const lines = files.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split(/\r?\n/)
    files.set(url, lines)
    return lines[line - 1]?.trim().slice(0, TEXT_LENGTH)
  } catch {
    return undefined
  }
}
