import { readSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { FROM_LAB, TO_LAB } from './protocol.ts'

/*
 * The other end of line.ts, in the student's process. All that it is made of is taken before the exercise loads: what the
 * exercise puts in the place of Node's functions later changes nothing here.
 */

const { parse, stringify } = JSON
const { hasOwn } = Object
const { deleteProperty } = Reflect
/** JSON.stringify() asks them for a `toJSON`, which would write something else. */
const ASKED = [Object, Array, String, Number, Boolean].map(({ prototype }) => prototype as object)
const KEY_BYTES = 25

const key = readKey()
const socket = new Socket({ fd: FROM_LAB, readable: true, writable: false })
socket.unref()

/** Sends a message to the lab at once; does nothing where the line is closed. */
export function write(message: unknown): void {
  for (let i = 0; i < ASKED.length; i++) {
    const prototype = ASKED[i] as object
    if (hasOwn(prototype, 'toJSON')) deleteProperty(prototype, 'toJSON')
  }
  const text = `${key} ${stringify(message)}\n`
  try {
    for (let rest: Uint8Array = Buffer.from(text); rest.length > 0; ) rest = rest.subarray(writeSync(TO_LAB, rest))
  } catch {
    // The lab is gone, and so is this process in a moment.
  }
}

/** Calls `listener` for each message of the lab's, and `gone` when there will be none any more. */
export function read(listener: (message: unknown) => void, gone: () => void): void {
  let rest = ''
  const decoder = new TextDecoder()
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) listener(parse(line))
  })
  socket.on('error', gone)
  socket.on('close', gone)
}

/** Whether the line keeps the process alive. */
export function keepAlive(on: boolean): void {
  if (on) socket.ref()
  else socket.unref()
}

function readKey(): string {
  const bytes = Buffer.alloc(KEY_BYTES)
  for (let at = 0; at < KEY_BYTES; ) {
    const count = readSync(FROM_LAB, bytes, at, KEY_BYTES - at, null)
    if (count === 0) throw new Error('The student process was started without its line to the lab.')
    at += count
  }
  return bytes.toString('latin1').trimEnd()
}
