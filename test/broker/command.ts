import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Broker, Harm, Starting, Turn, Vhost } from '../../lab/broker/broker.ts'
import { type OpenOptions, openBroker } from '../../lab/broker/choose.ts'

/*
 * A command of the lab in a process of its own, which a test can drive, and kill: run directly, this file obeys over
 * IPC; imported, it offers `Command`.
 */

type Order =
  | { do: 'open'; options: OpenOptions }
  | { do: 'openVhost' }
  | { do: 'turn'; restarts: boolean }
  | { do: 'restart' }
  | { do: 'harm'; node: string; how: Harm }
  | { do: 'endTurn' }
  | { do: 'spawnGuarded' }

/** What a command's process tells of its lease. */
export interface Opened {
  key: string
  port: number
}

export class Command {
  readonly child: ChildProcess
  readonly phases: string[] = []
  #count = 0

  constructor() {
    this.child = fork(fileURLToPath(import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
    this.child.on('message', (message: { starting?: Starting }) => {
      if (message.starting) this.phases.push(message.starting.phase)
    })
  }

  order<T>(order: Order): Promise<T> {
    const id = ++this.#count
    return new Promise((resolve, reject) => {
      const receive = (message: { id?: number; result?: T; error?: string }) => {
        if (message.id !== id) return
        this.child.off('message', receive)
        if (message.error === undefined) resolve(message.result as T)
        else reject(new Error(message.error))
      }
      this.child.on('message', receive)
      this.child.send({ id, ...order })
    })
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await exited
  }
}

if (import.meta.main) {
  let broker: Broker | undefined
  let turn: Turn | undefined
  const vhosts: Vhost[] = []
  const obey = async (order: Order): Promise<unknown> => {
    if (order.do === 'open') {
      broker = await openBroker({ ...order.options, onStarting: (starting) => process.send?.({ starting }) })
      return { key: broker.key, port: broker.port } satisfies Opened
    }
    if (broker === undefined) throw new Error('open first')
    if (order.do === 'openVhost') {
      const vhost = await broker.openVhost()
      vhosts.push(vhost)
      return { name: vhost.name, url: vhost.url() }
    }
    if (order.do === 'turn') turn = await broker.turn({ restarts: order.restarts })
    if (order.do === 'restart') await turn?.restart()
    if (order.do === 'harm') await turn?.harm(order.node, order.how)
    if (order.do === 'endTurn') await turn?.[Symbol.asyncDispose]()
    if (order.do === 'spawnGuarded') {
      // A group of two, as a student's process with a child of its own.
      const child = spawn('sh', ['-c', 'sleep 600 & sleep 600'], { detached: true, stdio: 'ignore' })
      broker.guard(child.pid ?? 0)
      return child.pid
    }
    return undefined
  }
  process.on('message', ({ id, ...order }: Order & { id: number }) => {
    obey(order as Order).then(
      (result) => process.send?.({ id, result }),
      (error) => process.send?.({ id, error: String(error) }),
    )
  })
}
