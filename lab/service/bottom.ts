import pc from 'picocolors'
import type { BrokerInfo } from '../broker/broker.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { clusterLines, nodeLines } from './cluster-view.ts'
import { keyLine } from './keys.ts'
import { shorten } from './lay-out.ts'
import type { NodeStanding } from './nodes.ts'
import type { Several } from './runnable.ts'
import { tasks } from './sentences.ts'
import type { State } from './service-process.ts'
import { type Held, QUEUE } from './task-queue.ts'
import type { Worker } from './workers.ts'

const INVITATION = 'each dot is a second; Tab shows the keys; Esc ends the run'
const WHILE_DOWN = 'Tab and s starts your service again; Esc ends the run'

export interface Bottom {
  held: Held | undefined
  broker: BrokerInfo
  service: { state: State; restarting: boolean }
  workers: readonly Worker[]
  /** What the run has several of. */
  several: Several | undefined
  nodes: readonly NodeStanding[]
}

/** Around the line that is typed: how things stand, and each worker where there are several; below it what can be done. No line reaches the last column: some terminals wrap there. */
export function aroundInput(bottom: Bottom, awaitsKey: boolean, theme: Theme): { above: string[]; below: string } {
  const room = theme.width - 1
  const colours = pc.createColors(theme.colour)
  const status = colours.inverse(shorten(` ${standing(bottom, theme)} `, room, theme))
  const hasSeveral = bottom.several === 'workers' || bottom.workers.length > 1
  const above = [...nodeLines(bottom.nodes, theme), ...(hasSeveral ? clusterLines(bottom.workers, theme) : []), status]
  const words = bottom.service.state === 'down' ? WHILE_DOWN : INVITATION
  return { above, below: colours.dim(shorten(awaitsKey ? keyLine(bottom.several) : words, room, theme)) }
}

/** How things stand, in a line: the process, the queue, the broker. */
export function standing(
  { held, broker, service }: Pick<Bottom, 'held' | 'broker' | 'service'>,
  theme: Pick<Theme, 'unicode'>,
): string {
  const { dash } = symbolsOf(theme)
  const state = { running: 'running', starting: 'starting', down: 'not running' }[service.state]
  const { product, version } = broker
  const known = held?.exists ? `${tasks(held.waiting)} waiting, ${held.unacked} unacked` : `no ${QUEUE} yet`
  const counts = service.restarting ? 'the broker restarts soon' : held === undefined ? QUEUE : known
  return `${state} ${dash} ${counts} ${dash} ${product} ${version}`
}
