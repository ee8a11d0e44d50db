import pc from 'picocolors'
import type { BrokerInfo } from '../broker/broker.ts'
import { symbolsOf } from '../text/symbols.ts'
import type { Theme } from '../text/theme.ts'
import { widthOf } from '../text/wrap.ts'
import { clusterLines } from './cluster-view.ts'
import type { Draft } from './editor.ts'
import { keyLine } from './keys.ts'
import { shorten } from './lay-out.ts'
import { tasks } from './sentences.ts'
import type { State } from './service-process.ts'
import { type Held, QUEUE } from './task-queue.ts'
import type { Worker } from './workers.ts'

const PROMPT = 'task> '
const INVITATION = 'each dot is a second; Tab shows the keys'
const WHILE_DOWN = 'Tab and s starts your service again; Ctrl-C leaves'

export interface Bottom {
  draft: Draft
  awaitsKey: boolean
  held: Held | undefined
  broker: BrokerInfo
  service: { state: State; restarting: boolean }
  workers: readonly Worker[]
  /** Whether the exercise starts its workers itself. */
  isCluster: boolean
}

/** How things stand, each worker where there are several, and the line that is being typed. No line reaches the last column: some terminals wrap there. */
export function bottomLines(bottom: Bottom, theme: Theme): { lines: string[]; cursor: number } {
  const room = theme.width - 1
  const colours = pc.createColors(theme.colour)
  const status = colours.inverse(shorten(` ${standing(bottom, theme)} `, room, theme))
  const hasSeveral = bottom.isCluster || bottom.workers.length > 1
  const above = [...(hasSeveral ? clusterLines(bottom.workers, theme) : []), status]
  if (bottom.awaitsKey) return { lines: [...above, shorten(keyLine(bottom.isCluster), room, theme)], cursor: 0 }
  const { characters, at } = bottom.draft
  if (characters.length === 0) {
    const words = bottom.service.state === 'down' ? WHILE_DOWN : INVITATION
    const invitation = colours.dim(shorten(words, room - PROMPT.length, theme))
    return { lines: [...above, PROMPT + invitation], cursor: PROMPT.length }
  }
  const { text, before } = window(characters, at, room - PROMPT.length)
  return { lines: [...above, PROMPT + text], cursor: PROMPT.length + before }
}

function standing({ held, broker, service }: Bottom, theme: Theme): string {
  const { dash } = symbolsOf(theme)
  const state = { running: 'running', starting: 'starting', down: 'not running' }[service.state]
  const { product, version } = broker
  const known = held?.exists ? `${tasks(held.waiting)} waiting, ${held.unacked} in hand` : `no ${QUEUE} yet`
  const counts = service.restarting ? 'the broker is to restart' : held === undefined ? QUEUE : known
  return `${state} ${dash} ${counts} ${dash} ${product} ${version}`
}

/** The part of a line around the cursor that there is room for. */
function window(characters: string[], at: number, room: number): { text: string; before: number } {
  let from = 0
  while (widthOf(characters.slice(from, at).join('')) >= room) from++
  let to = characters.length
  while (widthOf(characters.slice(from, to).join('')) >= room) to--
  return { text: characters.slice(from, to).join(''), before: widthOf(characters.slice(from, at).join('')) }
}
