/*
 * The first process in a sandbox. It starts the student's processes, ends them, listens on the ports that the lab names,
 * and passes on what comes: it knows nothing of lessons, and nothing that it says is believed without a schema.
 *
 *   lab ◀── frames.mjs ──▶ agent ──▶ processes: output, and the line to their driver
 *                            └────▶ ports on the sandbox's loopback: the wires
 *
 * They speak over its standard streams, or over a socket of the lab's where there is one.
 * When its standard input ends it ends, and with the first process its namespace does: nothing in there outlives the lab.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { CONTROL, Frames, frame, LINE, STDERR, STDOUT, TCP, TOLD_EVERY, WINDOW } from './frames.mjs'

const MEMORY_EVERY_MS = 100
const PAGE_BYTES = 4096

const given = Object.fromEntries(process.argv.slice(2).map((word) => word.replace(/^--/, '').split('=')))
if (given.uid !== undefined) {
  // Started by root: from here on it is nobody that the machine knows.
  process.setgroups([])
  process.setgid(Number(given.uid))
  process.setuid(Number(given.uid))
}

const processes = new Map()
const servers = new Map()
const connections = new Map()
let connectionCount = 0

/** To the lab; undefined: over the standard streams. */
let line
/** Whose output waits until the line has taken what there was before. */
const waiting = new Set()

const DO = {
  begin({ socket }) {
    if (socket === undefined) return say({ say: 'ready' })
    const calling = connect(socket)
    calling.on('error', () => {})
    // Docker in a machine of its own has the socket's name there, and nobody behind it.
    calling.on('close', () => (line === undefined ? say({ say: 'ready' }) : process.exit()))
    calling.on('connect', () => {
      line = calling
      say({ say: 'ready' })
    })
    calling.on('data', hear())
    calling.on('drain', () => {
      for (const stream of waiting) stream.resume()
      waiting.clear()
    })
  },
  spawn({ id, args, cwd, env }) {
    const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe']
    const child = spawn(process.execPath, args, { cwd, env, stdio, detached: true })
    processes.set(id, child)
    child.on('error', (error) => say({ say: 'error', id, message: String(error.message) }))
    if (child.pid !== undefined) say({ say: 'spawned', id, pid: child.pid })
    child.on('exit', (code, signal) => say({ say: 'exit', id, code, signal }))
    child.on('close', () => {
      processes.delete(id)
      say({ say: 'closed', id })
    })
    passOn(child.stdout, STDOUT, id)
    passOn(child.stderr, STDERR, id)
    passOn(child.stdio[4], LINE, id)
    for (const stream of child.stdio) stream?.on('error', () => {})
  },
  kill({ id, signal, group }) {
    const { pid, exitCode, signalCode } = processes.get(id) ?? {}
    if (pid === undefined) return
    // Its group may live on when it has ended.
    if (!group && (exitCode !== null || signalCode !== null)) return
    try {
      process.kill(group ? -pid : pid, signal)
    } catch {
      // It is gone already.
    }
  },
  listen({ port }) {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => accept(socket, port))
    servers.set(port, server)
    server.on('error', (error) => say({ say: 'not-listening', port, message: String(error.message) }))
    server.listen({ port, host: '127.0.0.1' }, () => say({ say: 'listening', port }))
  },
  close({ port }) {
    servers.get(port)?.close()
    servers.delete(port)
    say({ say: 'port-closed', port })
  },
  end: ({ stream }) => connections.get(stream)?.socket.end(),
  reset: ({ stream }) => connections.get(stream)?.socket.resetAndDestroy(),
  destroy: ({ stream }) => connections.get(stream)?.socket.destroy(),
  took({ stream, bytes }) {
    const connection = connections.get(stream)
    if (!connection) return
    connection.underWay -= bytes
    if (connection.underWay < WINDOW) connection.socket.resume()
  },
}

function passOn(stream, kind, id) {
  stream.on('data', (chunk) => {
    if (send(kind, id, chunk)) return
    stream.pause()
    waiting.add(stream)
  })
}

function accept(socket, port) {
  const stream = ++connectionCount
  const connection = { socket, underWay: 0, taken: 0 }
  connections.set(stream, connection)
  say({ say: 'opened', stream, port, remotePort: socket.remotePort ?? 0 })
  socket.on('data', (chunk) => {
    connection.underWay += chunk.length
    if (connection.underWay >= WINDOW) socket.pause()
    send(TCP, stream, chunk)
  })
  socket.on('end', () => say({ say: 'ended', stream }))
  socket.on('error', (error) => say({ say: 'reset', stream, code: String(error.code) }))
  socket.on('close', () => {
    connections.delete(stream)
    say({ say: 'gone', stream })
  })
}

function took(connection, stream, bytes) {
  connection.taken += bytes
  if (connection.taken < TOLD_EVERY) return
  say({ say: 'took', stream, bytes: connection.taken })
  connection.taken = 0
}

function say(message) {
  send(CONTROL, 0, Buffer.from(JSON.stringify(message)))
}

/** Whether there is room for more. */
function send(kind, number, payload) {
  const bytes = frame(kind, number, payload)
  if (line !== undefined) return line.write(bytes)
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(1)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
  return true
}

function hear() {
  const frames = new Frames()
  return (chunk) =>
    frames.push(chunk, (kind, number, payload) => {
      if (kind === CONTROL) {
        const { do: what, ...details } = JSON.parse(payload.toString('utf8'))
        DO[what](details)
      } else if (kind === LINE) {
        processes.get(number)?.stdio[3].write(Buffer.from(payload))
      } else if (kind === TCP) {
        const connection = connections.get(number)
        // What can't be written any more is as good as taken.
        connection?.socket.write(Buffer.from(payload), () => took(connection, number, payload.length))
      }
    })
}

process.stdin.on('data', hear())
process.stdin.on('end', () => process.exit())

/** Where the kernel holds no limit on the whole: what all processes together have for themselves. */
if (given.memory !== undefined) {
  setInterval(() => {
    if (memoryOfAll() <= Number(given.memory)) return
    say({ say: 'memory' })
    process.kill(-1, 'SIGKILL')
  }, MEMORY_EVERY_MS)
}

function memoryOfAll() {
  let pages = 0
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const [, resident, shared] = readFileSync(`/proc/${name}/statm`, 'latin1').split(' ').map(Number)
      pages += resident - shared
    } catch {
      // It has ended meanwhile.
    }
  }
  return pages * PAGE_BYTES
}
