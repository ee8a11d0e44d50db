import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { ROOT } from '../root.ts'

export interface Spread {
  min: number
  median: number
  max: number
}

export function spread(values: number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN
  return { min: at(0), median: at(0.5), max: at(1) }
}

/** Runs a whole process to its end. @returns milliseconds. @throws when it ends with an exit code that is not 0 */
export async function timed(command: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  const began = performance.now()
  await output(command, args, env)
  return performance.now() - began
}

/** What a process prints. @throws when it ends with an exit code that is not 0 */
export function output(command: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { ...ownEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let text = ''
    let complaints = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(text)
      else
        reject(
          new Error(
            `${command} ${args.join(' ')} ended with ${code}\n${text.slice(-2000)}\n${complaints.slice(-2000)}`,
          ),
        )
    })
  })
}

/** Asks again and again until the port answers the protocol header. */
export async function answersAmqp(host: string, port: number): Promise<void> {
  while (!(await says(host, port))) await new Promise((resolve) => setTimeout(resolve, 20))
}

function says(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => socket.write('AMQP\0\0\x09\x01'))
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', () => end(true))
    socket.once('error', () => end(false))
    socket.once('close', () => end(false))
  })
}

/** As a user's shell has it: the cache that the lab's commands set for themselves would make any Node quicker. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE: _, ...rest } = process.env
  return rest
}
