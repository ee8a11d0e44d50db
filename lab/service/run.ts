import type { Broker } from '../broker/broker.ts'
import type { Io, Output } from '../io.ts'
import type { Look } from '../text/look.ts'
import { bottomLines } from './bottom.ts'
import { type Draft, EMPTY } from './editor.ts'
import { Frames } from './frames.ts'
import { tasks } from './held.ts'
import { readKeys, readLines, type Typing } from './keyboard.ts'
import { type Deed, help, typed } from './keys.ts'
import { announce } from './runs.ts'
import { LiveScreen, plainScreen, type Screen } from './screen.ts'
import { QUEUE, Service, type ServiceOptions } from './service.ts'
import { Workers } from './workers.ts'

export interface RunOptions {
  broker: Broker
  lesson: string
  launch: ServiceOptions['launch']
  /** The folder of the lab's own files: there `npm run send` finds the run. */
  state: string
  stdin: Io['stdin']
  stdout: Output
  /** Asked for anew by every line: a window can be made wider. */
  look(): Look
  /** Whether the terminal can move its cursor; by default where both streams are one that can be put into raw mode. */
  live?: boolean
  /** The end from outside: Ctrl-C where it is a signal, the end of the terminal. */
  signal: AbortSignal
}

/** At the end, what a service may need to stop in good order. */
const LAST_MOMENTS_MS = 5000
const LOOK_EVERY_MS = 1000

/**
 * Runs the student's service until whoever sits there has seen enough: lines are tasks, keys and commands kill it,
 * start it again and restart its broker, and the frames are shown beside what it prints.
 *
 *   keyboard ──▶ Service ──▶ events ──▶ screen
 */
export async function runService(options: RunOptions): Promise<void> {
  const { stdin, stdout, signal } = options
  const live = options.live ?? (stdin.isTTY === true && stdout.isTTY === true && stdin.setRawMode !== undefined)
  const screen = live ? new LiveScreen(stdout, options.look) : plainScreen(stdout, options.look)
  const say = (text: string) => {
    for (const line of text.split('\n')) screen.show({ of: 'lab', text: line })
  }
  await using service = await Service.open({ broker: options.broker, launch: options.launch, say })
  using _announced = announce(options.state, {
    pid: process.pid,
    lesson: options.lesson,
    url: service.url,
    queue: QUEUE,
    began: Date.now(),
  })
  for (const line of welcome(live, options.launch.worker !== undefined)) say(line)
  await new Running(options, { service, screen, say, live }).untilOver(signal)
}

function welcome(live: boolean, isCluster: boolean): string[] {
  const ways = live
    ? 'Tab and k kills your service, Tab and b restarts the broker, Tab and ? shows all keys.'
    : '/kill kills your service, /restart restarts the broker, /help shows all commands.'
  return [
    `Type a task and press Enter: it goes to ${QUEUE}. Each dot is a second of work.`,
    ways,
    ...(isCluster ? [live ? 'Tab and w kills one worker.' : '/worker kills one worker.'] : []),
    "From a second terminal: npm run send -- 'a task..'",
  ]
}

class Running {
  readonly #options: RunOptions
  readonly #service: Service
  readonly #screen: Screen
  readonly #say: (text: string) => void
  readonly #live: boolean
  readonly #over = Promise.withResolvers<void>()
  readonly #leaving = new AbortController()
  readonly #workers = new Workers()
  #traces = true
  #draft: Draft = EMPTY
  #awaitsKey = false
  #held: Awaited<ReturnType<Service['held']>>
  #looking = false

  constructor(
    options: RunOptions,
    parts: { service: Service; screen: Screen; say: (text: string) => void; live: boolean },
  ) {
    this.#options = options
    this.#service = parts.service
    this.#screen = parts.screen
    this.#say = parts.say
    this.#live = parts.live
  }

  async untilOver(signal: AbortSignal): Promise<void> {
    const { broker, stdin, stdout } = this.#options
    const stopShowing = this.#showEvents()
    const leave = () => void this.#leave()
    const lost = () => {
      this.#say(`The broker is gone: ${(broker.lost.reason as Error).message}`)
      this.#over.resolve()
    }
    signal.addEventListener('abort', leave, { once: true })
    broker.lost.addEventListener('abort', lost, { once: true })
    const redraw = () => this.#redraw()
    stdout.on('resize', redraw)
    const looking = this.#live ? setInterval(() => void this.#look(), LOOK_EVERY_MS) : undefined
    try {
      using _typing = this.#live ? readKeys(stdin, this.#typing()) : readLines(stdin, this.#typing())
      if (signal.aborted) leave()
      if (broker.lost.aborted) lost()
      else this.#do(this.#service.start())
      await this.#over.promise
    } finally {
      clearInterval(looking)
      stdout.off('resize', redraw)
      signal.removeEventListener('abort', leave)
      broker.lost.removeEventListener('abort', lost)
      this.#leaving.abort()
      stopShowing()
      this.#screen.end()
    }
  }

  get #isCluster(): boolean {
    return this.#options.launch.worker !== undefined
  }

  #typing(): Typing {
    return {
      line: (text) => this.#line(text),
      deed: (deed) => this.#deeds[deed](),
      interrupt: () => this.#interrupt(),
      over: () => void this.#leave(),
      draft: (draft, awaitsKey) => {
        this.#draft = draft
        this.#awaitsKey = awaitsKey
        this.#redraw()
      },
    }
  }

  #line(text: string): void {
    const meant = typed(text)
    if (meant === undefined) return
    if ('unknown' in meant) this.#say(`There is no command ${meant.unknown}. /help shows those that there are.`)
    else if ('deed' in meant) this.#deeds[meant.deed]()
    else this.#do(this.#service.send([meant.task]).then(() => this.#look()))
  }

  readonly #deeds: Record<Deed, () => void> = {
    kill: () => this.#do(this.#service.kill()),
    worker: () => this.#service.killWorker(this.#workers.all.find(({ inHand }) => inHand > 0)?.nth),
    start: () => this.#do(this.#service.start()),
    stop: () => this.#do(this.#service.interrupt()),
    restart: () => this.#do(this.#service.restartBroker(this.#leaving.signal)),
    trace: () => {
      this.#traces = !this.#traces
      this.#say(this.#traces ? 'The trace is on.' : 'The trace is off.')
    },
    quit: () => void this.#leave(),
    help: () => {
      for (const line of help(this.#live, this.#isCluster)) this.#say(line)
    },
  }

  /** Once for the service; and once more for the run, when the service has gone or does not go. */
  #interrupt(): void {
    if (this.#service.state === 'down' || this.#service.interrupted || this.#leaving.signal.aborted) void this.#leave()
    else this.#deeds.stop()
  }

  /** Gives the service a few moments to stop in good order; who asks a second time does not wait for it. */
  async #leave(): Promise<void> {
    if (this.#leaving.signal.aborted) {
      this.#over.resolve()
      return
    }
    this.#leaving.abort(new Error('the run is left'))
    if (this.#service.state !== 'down') {
      if (!this.#service.interrupted) await this.#service.interrupt()
      const gone = await this.#service.gone(LAST_MOMENTS_MS)
      if (!gone) this.#say(`It had ${LAST_MOMENTS_MS / 1000} s to end, and did not: it is killed.`)
    }
    await this.#farewell()
    this.#over.resolve()
  }

  /** What is left goes with the run: nobody is to look for it afterwards. */
  async #farewell(): Promise<void> {
    const held = await this.#service.held()
    if (held && held.waiting > 0) this.#say(`The run ends, and ${QUEUE} with its ${tasks(held.waiting)}.`)
  }

  /** What fails is said, and the run goes on. */
  #do(deed: Promise<void>): void {
    deed
      .catch((error: Error) => {
        if (!this.#leaving.signal.aborted) this.#say(error.message)
      })
      .finally(() => this.#look())
  }

  #showEvents(): () => void {
    const frames = new Frames()
    return this.#service.recorder.listen((event) => {
      this.#workers.take(event)
      if (event.kind === 'process' && event.text !== undefined) this.#screen.show({ of: 'service', text: event.text })
      for (const passed of frames.take(event)) if (this.#traces) this.#screen.show({ of: 'wire', ...passed })
      if (event.kind === 'frame' && /^basic\.(deliver|ack|nack|reject|consume)/.test(event.method)) void this.#look()
      if (event.kind === 'told') this.#redraw()
      if (event.kind !== 'process') return
      this.#redraw()
      if (event.what === 'exited' && !this.#live && !this.#leaving.signal.aborted) {
        this.#say('/start starts your service again, /quit ends the run.')
      }
    })
  }

  /** Asks what the queue holds; one question at a time. */
  async #look(): Promise<void> {
    if (!this.#live || this.#looking) return
    this.#looking = true
    this.#held = await this.#service.held()
    this.#looking = false
    this.#redraw()
  }

  #redraw(): void {
    if (!this.#live) return
    const { lines, cursor } = bottomLines(
      {
        draft: this.#draft,
        awaitsKey: this.#awaitsKey,
        held: this.#held,
        broker: this.#options.broker.info,
        service: this.#service,
        workers: this.#workers.all,
        isCluster: this.#isCluster,
      },
      this.#options.look(),
    )
    this.#screen.bottom(lines, cursor)
  }
}
