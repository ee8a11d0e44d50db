import type { Broker } from '../broker/broker.ts'
import type { Io } from '../io.ts'
import { watchFiles } from '../watch/watch.ts'
import { readKeys, readLines, type Typing } from './input.ts'
import { type Deed, help, typed } from './keys.ts'
import type { RunView } from './run-view.ts'
import type { Several } from './runnable.ts'
import type { LiveScreen } from './screen.ts'
import * as sentences from './sentences.ts'
import type { Service } from './service.ts'
import { LAST_MOMENTS_MS } from './service-process.ts'

export interface RunningOptions {
  service: Service
  broker: Broker
  view: RunView
  say(text: string): void
  /** Where the terminal can move its cursor. */
  screen: LiveScreen | undefined
  live: boolean
  several: Several | undefined
  stdin: Io['stdin']
  stdout: NodeJS.WritableStream
}

/** A run from its first key to its end: does what is typed. */
export class Running {
  readonly #options: RunningOptions
  readonly #over = Promise.withResolvers<void>()
  readonly #leaving = new AbortController()

  constructor(options: RunningOptions) {
    this.#options = options
  }

  async untilOver(signal: AbortSignal): Promise<void> {
    const { service, broker, view, say, screen, stdin, stdout } = this.#options
    const leave = () => void this.#leave()
    const lost = () => {
      say(sentences.brokerGone(broker.lost.reason as Error))
      this.#over.resolve()
    }
    const redraw = () => view.redraw()
    const shown = view.begin()
    const stopHinting = this.#hintAtStart()
    signal.addEventListener('abort', leave, { once: true })
    broker.lost.addEventListener('abort', lost, { once: true })
    stdout.on('resize', redraw)
    try {
      using _typing = screen
        ? readKeys(stdin, screen, this.#typing(), {
            around: (awaitsKey) => view.around(awaitsKey),
            listen: (redrawn) => view.listen(redrawn),
          })
        : readLines(stdin, this.#typing())
      using _saves = watchFiles([service.exercise], () => this.#offerRestart())
      if (signal.aborted) leave()
      if (broker.lost.aborted) lost()
      else this.#do(service.process.start())
      await this.#over.promise
    } finally {
      stdout.off('resize', redraw)
      signal.removeEventListener('abort', leave)
      broker.lost.removeEventListener('abort', lost)
      this.#leaving.abort()
      stopHinting()
      shown[Symbol.dispose]()
    }
  }

  #typing(): Typing {
    return {
      line: (text) => this.#line(text),
      deed: (deed) => this.#deeds[deed](),
      interrupt: () => this.#interrupt(),
      over: () => void this.#leave(),
    }
  }

  #line(text: string): void {
    const { service, view, say } = this.#options
    const meant = typed(text)
    if (meant === undefined) return
    if ('unknown' in meant) say(sentences.unknownCommand(meant.unknown))
    else if ('deed' in meant) this.#deeds[meant.deed]()
    else this.#do(service.send([meant.task]).then(() => view.count()))
  }

  readonly #deeds: Record<Deed, () => void> = {
    kill: () => this.#do(this.#options.service.process.kill()),
    worker: () => this.#options.service.process.killWorker(this.#options.view.busyWorker),
    start: () => this.#do(this.#options.service.process.startAnew(LAST_MOMENTS_MS)),
    stop: () => this.#do(this.#options.service.process.interrupt()),
    restart: () => this.#do(this.#options.service.restart.begin(this.#leaving.signal)),
    node: () => this.#do(this.#options.service.nodes.next()),
    trace: () => this.#options.say(sentences.traceIs(this.#options.view.switchTrace())),
    quit: () => void this.#leave(),
    help: () => {
      for (const line of help(this.#options.live, this.#options.several)) this.#options.say(line)
    },
  }

  #offerRestart(): void {
    if (!this.#leaving.signal.aborted) this.#options.say(sentences.saved(this.#options.live))
  }

  /** Once for the service; and once more for the run, when the service has gone or does not go. */
  #interrupt(): void {
    const { state, interrupted } = this.#options.service.process
    if (state === 'down' || interrupted || this.#leaving.signal.aborted) void this.#leave()
    else this.#deeds.stop()
  }

  /** Gives the service a few moments to stop in good order; who asks a second time does not wait for it. */
  async #leave(): Promise<void> {
    const { service, say } = this.#options
    if (this.#leaving.signal.aborted) {
      this.#over.resolve()
      return
    }
    this.#leaving.abort(new Error('the run is left'))
    if (service.process.state !== 'down') {
      if (!service.process.interrupted) await service.process.interrupt()
      const gone = await service.process.gone(LAST_MOMENTS_MS)
      if (!gone) say(sentences.tooSlowToEnd(LAST_MOMENTS_MS))
    }
    const held = await service.held()
    // What is left goes with the run: nobody is to look for it afterwards.
    if (held && held.waiting > 0) say(sentences.goesWithTheRun(held.waiting))
    this.#over.resolve()
  }

  /** What fails is said, and the run goes on. */
  #do(deed: Promise<void>): void {
    deed
      .catch((error: Error) => {
        if (!this.#leaving.signal.aborted) this.#options.say(error.message)
      })
      .finally(() => this.#options.view.count())
  }

  /** Where no key is shown, somebody has to say what can be done when the service has ended. */
  #hintAtStart(): () => void {
    const { service, say, live } = this.#options
    return service.recorder.listen((event) => {
      if (live || event.kind !== 'process' || event.what !== 'exited' || this.#leaving.signal.aborted) return
      say(sentences.START_OR_QUIT)
    })
  }
}
