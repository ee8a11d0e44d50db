import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Starting } from '../../broker/broker.ts'
import type { Recording } from '../../recording/recording.ts'
import { sweepStaging } from '../../sandbox/staging.ts'
import { killWhenStopped } from '../../stopped.ts'
import type { PlayConfig } from '../config.ts'
import { type BrokerAt, type FromPlayer, fromSent, type ToPlayer } from './protocol.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Checks that are played together. */
export interface Programme {
  /** Begins, once there is a broker. */
  on(broker: BrokerAt): void
  /** By lesson. */
  playing: Map<string, Playing>
}

/** A check that is being played: its recordings, each there when its scenario is over. */
export interface Playing {
  /** Resolves when the first students' processes are ready, or never will be. */
  begun: Promise<void>
  /** Rejects when the scenario, or the check as a whole, could not be played. */
  recording(scenario: string): Promise<Recording>
  /** Resolves when nothing of it is going on any more, with the milliseconds that it took. */
  over: Promise<number>
}

/** The player's process, seen from the lab's own; see main.ts. It is started at once, and again after it was ended. */
export class Player implements AsyncDisposable {
  #process: ChildProcess | undefined
  #ids = 0
  readonly #playing = new Map<number, Played>()
  /** Where copies of sandboxes are, which a player that is killed leaves. */
  readonly #sandboxedIn = new Set<string>()

  readonly #onStarting: (starting: Starting) => void

  /** @param onStarting told what goes on while a cluster boots */
  constructor(onStarting: (starting: Starting) => void = () => {}) {
    this.#onStarting = onStarting
    this.#running()
  }

  /** Gets everything ready that needs no broker yet. */
  prepare(lessons: string[], config: PlayConfig): Programme {
    const player = this.#running()
    if (config.sandbox) this.#sandboxedIn.add(config.root)
    const checks = lessons.map((lesson) => ({ id: ++this.#ids, lesson, played: new Played() }))
    for (const { id, played } of checks) this.#playing.set(id, played)
    send(player, { do: 'prepare', checks: checks.map(({ id, lesson }) => ({ id, lesson })), config })
    return {
      on(broker) {
        for (const { played } of checks) played.begunAt = performance.now()
        send(player, { do: 'play', ids: checks.map(({ id }) => id), broker })
      },
      playing: new Map(checks.map(({ lesson, played }) => [lesson, played.view])),
    }
  }

  /** Ends all that is being played, at once; the broker's keeper takes back what it had. */
  async end(): Promise<void> {
    const player = this.#process
    this.#process = undefined
    this.#failAll(new Error('The check was stopped.'))
    if (player === undefined || player.exitCode !== null || player.signalCode !== null) return
    const gone = new Promise((resolve) => player.once('exit', resolve))
    player.ref()
    player.kill('SIGKILL')
    await gone
  }

  #running(): ChildProcess {
    if (this.#process?.connected) return this.#process
    const player = fork(MAIN, {
      execArgv: [...process.execArgv, '--disable-sigusr1'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    this.#process = player
    const callOff = player.pid === undefined ? () => {} : killWhenStopped(player.pid)
    player.on('exit', callOff)
    player.on('message', (message) => this.#receive(message as FromPlayer))
    player.on('error', () => {})
    player.on('exit', (code, signal) => {
      for (const root of this.#sandboxedIn) sweepStaging(root)
      if (this.#process !== player) return
      this.#failAll(new Error(`The lab's process that plays the scenarios ended (${signal ?? `exit code ${code}`}).`))
    })
    // A lab that has nothing left to do may end; the player ends with it.
    player.unref()
    player.channel?.unref()
    return player
  }

  #failAll(error: Error): void {
    for (const played of this.#playing.values()) played.fail(error)
    this.#playing.clear()
  }

  #receive(message: FromPlayer): void {
    if ('starting' in message) {
      this.#onStarting(message.starting)
      return
    }
    const played = this.#playing.get(message.id)
    if (played === undefined) return
    if ('recording' in message) played.recording(message.scenario).resolve(message.recording)
    else if ('error' in message) played.recording(message.scenario).reject(fromSent(message.error))
    else if ('begun' in message) played.begun.resolve()
    else if ('failed' in message) played.fail(fromSent(message.failed))
    else {
      played.end()
      this.#playing.delete(message.id)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

/** What is known of one check. */
class Played {
  readonly begun = Promise.withResolvers<void>()
  readonly over = Promise.withResolvers<number>()
  begunAt = performance.now()
  readonly #recordings = new Map<string, PromiseWithResolvers<Recording>>()
  #failed: Error | undefined

  get view(): Playing {
    return {
      begun: this.begun.promise,
      recording: (scenario) => this.recording(scenario).promise,
      over: this.over.promise,
    }
  }

  recording(scenario: string): PromiseWithResolvers<Recording> {
    const known = this.#recordings.get(scenario)
    if (known) return known
    const made = Promise.withResolvers<Recording>()
    // Every expectation that reads it sees the error; until one does, it must not end the lab.
    made.promise.catch(() => {})
    if (this.#failed) made.reject(this.#failed)
    this.#recordings.set(scenario, made)
    return made
  }

  fail(error: Error): void {
    this.#failed = error
    for (const { reject } of this.#recordings.values()) reject(error)
    this.end()
  }

  end(): void {
    this.begun.resolve()
    this.over.resolve(performance.now() - this.begunAt)
  }
}

function send(player: ChildProcess, message: ToPlayer): void {
  if (player.connected) player.send(message, () => {})
}
