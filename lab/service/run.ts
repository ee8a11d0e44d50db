import type { Broker } from '../broker/broker.ts'
import type { Io, Output } from '../io.ts'
import type { Theme } from '../text/theme.ts'
import { RunView } from './run-view.ts'
import { Running } from './running.ts'
import { announce } from './runs.ts'
import { LiveScreen, plainScreen } from './screen.ts'
import * as sentences from './sentences.ts'
import { Service } from './service.ts'
import type { ServiceLaunch } from './service-process.ts'
import { QUEUE } from './task-queue.ts'

export interface RunOptions {
  broker: Broker
  lesson: string
  launch: ServiceLaunch
  /** The folder of the lab's own files: there `npm run send` finds the run. */
  state: string
  stdin: Io['stdin']
  stdout: Output
  /** Asked for anew by every line: a window can be made wider. */
  theme(): Theme
  /** Whether the terminal can move its cursor; by default where both streams are one that can be put into raw mode. */
  live?: boolean
  /** The end from outside: Ctrl-C where it is a signal, the end of the terminal. */
  signal: AbortSignal
}

/**
 * Runs the student's service until whoever sits there has seen enough: lines are tasks, keys and commands kill it,
 * start it again and restart its broker, and the frames are shown beside what it prints.
 *
 *   keyboard ──▶ Running ──▶ Service ──▶ events ──▶ RunView ──▶ screen
 */
export async function runService(options: RunOptions): Promise<void> {
  const { broker, launch, lesson, theme, stdin, stdout, signal } = options
  const live = options.live ?? (stdin.isTTY === true && stdout.isTTY === true && stdin.setRawMode !== undefined)
  const liveScreen = live ? new LiveScreen(stdout, theme) : undefined
  const screen = liveScreen ?? plainScreen(stdout, theme)
  const say = (text: string) => {
    for (const line of text.split('\n')) screen.show({ of: 'lab', text: line })
  }
  await using service = await Service.open({ broker, launch, say })
  using _announced = announce(options.state, {
    pid: process.pid,
    lesson,
    ...service.address,
    queue: QUEUE,
    began: Date.now(),
  })
  if (launch.noNodes !== undefined) say(sentences.noNodes(launch.noNodes))
  for (const line of sentences.welcome(live, service.several)) say(line)
  const view = new RunView({ service, broker: broker.info, screen, theme, live, several: service.several })
  await new Running({
    service,
    broker,
    view,
    say,
    screen: liveScreen,
    live,
    several: service.several,
    stdin,
    stdout,
  }).untilOver(signal)
}
