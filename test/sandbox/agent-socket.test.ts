import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { STDOUT } from '../../lab/sandbox/agent/frames.mjs'
import { AgentLine } from '../../lab/sandbox/agent-line.ts'
import { AgentSocket } from '../../lab/sandbox/agent-socket.ts'
import type { FromAgent } from '../../lab/sandbox/heard.ts'

const AGENT = join(import.meta.dirname, '../../lab/sandbox/agent/agent.mjs')
/** More than any buffer on the way takes. */
const FLOOD = 8_000_000

/** An agent without a sandbox around it, and what it says. */
function agent() {
  const child = spawn(process.execPath, [AGENT], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: FromAgent[] = []
  let printed = 0
  const messages = new EventEmitter()
  const line = new AgentLine(child.stdin, child.stdout, {
    said(message) {
      said.push(message)
      messages.emit(message.say)
    },
    bytes(kind, _number, bytes) {
      if (kind === STDOUT) printed += bytes.length
    },
    broken: () => messages.emit('error', new Error('the line is broken')),
  })
  const hears = async (say: FromAgent['say']) => {
    if (!said.some((message) => message.say === say)) await once(messages, say)
  }
  return { child, line, hears, printed: () => printed }
}

async function folder() {
  const made = await mkdtemp(join(tmpdir(), 'agent-socket-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

/** A socket for an agent that sees the same folders as the lab. */
async function socketIn(outside: string) {
  const socket = await AgentSocket.open(outside, join(outside, 'line'))
  if (socket === undefined) throw new Error('no socket')
  return socket
}

function flood(line: AgentLine, cwd: string): void {
  line.say({ do: 'spawn', id: 1, args: ['-e', `process.stdout.write('x'.repeat(${FLOOD}))`], cwd, env: {} })
}

test('an agent that has called says everything there, a flood too, and the socket takes nobody else', async () => {
  const outside = await folder()
  const socket = await socketIn(outside)
  const { child, line, hears, printed } = agent()
  let byStreams = 0
  child.stdout.on('data', (chunk: Buffer) => {
    byStreams += chunk.length
  })
  line.say({ do: 'begin', socket: socket.path })
  line.goOnWith(await socket.called)
  flood(line, outside)
  await hears('closed')
  expect(printed()).toBe(FLOOD)
  expect(byStreams).toBe(0)
  expect(await readdir(socket.mount.from)).toEqual([])
})

test('an agent that finds no socket goes on over its standard streams', async () => {
  const outside = await folder()
  const { line, hears, printed } = agent()
  line.say({ do: 'begin', socket: join(outside, 'nobody') })
  await hears('ready')
  flood(line, outside)
  await hears('closed')
  expect(printed()).toBe(FLOOD)
})

test("an agent ends with its standard input, and with the lab's end of the socket", async () => {
  for (const lose of ['input', 'socket'] as const) {
    const socket = await socketIn(await folder())
    const { child, line } = agent()
    line.say({ do: 'begin', socket: socket.path })
    const caller = await socket.called
    line.goOnWith(caller)
    if (lose === 'input') child.stdin.end()
    else caller.destroy()
    const [code, signal] = await once(child, 'exit')
    expect([code, signal]).toEqual([0, null])
  }
})

test('nobody can list the folder of the socket, and where its path is too long there is none', async () => {
  const outside = await folder()
  const socket = await AgentSocket.open(outside, '/line')
  expect(((await stat(join(outside, 'line'))).mode & 0o777).toString(8)).toBe('711')
  socket?.close()
  const deep = await mkdtemp(join(outside, 'x'.repeat(120)))
  expect(await AgentSocket.open(deep, '/line')).toBeUndefined()
})
