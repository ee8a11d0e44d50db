import { setTimeout as wait } from 'node:timers/promises'
import { type ChannelModel, connect } from 'amqplib'
import type { Vhost } from '../../lab/broker/broker.ts'
import type { Channel } from './channel.ts'
import { CAPABILITIES, Client, type Login } from './client.ts'
import { Notebook, type Observation } from './notebook.ts'

/** A broker to play scenarios on. */
export interface Ground extends AsyncDisposable {
  /** For people: 'RabbitMQ 4.3.6 (container)'. */
  readonly name: string
  /** What differences are told by: '4.3', '4.0', '3.10', 'embedded'. */
  readonly series: string
  readonly host: string
  readonly port: number
  openVhost(): Promise<Vhost>
  /** Waits for a turn in which the broker may be restarted: scenarios share it. */
  turn(): Promise<{ restart(): Promise<void> } & AsyncDisposable>
}

export interface Scenario {
  /** A sentence: what a client sees. Observations are kept by it. */
  title: string
  /** It restarts the broker. */
  restarts?: true
  play(t: Stage): Promise<void>
}

const LONGEST_QUIET_MS = 1000

/** What a scenario is given: clients, a virtual host of its own, and a notebook. */
export class Stage {
  readonly vhost: Vhost
  readonly #ground: Ground
  readonly #turn: { restart(): Promise<void> } | undefined
  readonly #notebook: Notebook
  readonly #clients: Client[] = []

  constructor(ground: Ground, vhost: Vhost, turn?: { restart(): Promise<void> }) {
    this.#ground = ground
    this.vhost = vhost
    this.#turn = turn
    this.#notebook = new Notebook([
      [vhost.password, '<password>'],
      [vhost.name, '<vhost>'],
      [vhost.user, '<user>'],
    ])
  }

  get login(): Login {
    const { name: vhost, user, password } = this.vhost
    return {
      vhost,
      user,
      password,
      channelMax: 2047,
      frameMax: 131_072,
      heartbeat: 0,
      properties: { capabilities: CAPABILITIES },
    }
  }

  /** A socket on which nothing was said yet. Everything that comes on it is noted. */
  async socket(name = 'client'): Promise<Client> {
    const client = await Client.dial(name, this.#ground, this.#notebook)
    this.#clients.push(client)
    return client
  }

  /** A connection that is open. */
  async connect(name = 'client', login: Partial<Login> = {}): Promise<Client> {
    const client = await this.socket(name)
    await client.open({ ...this.login, ...login })
    return client
  }

  /** A connection with one channel. */
  async channel(name = 'client', login: Partial<Login> = {}): Promise<Channel> {
    return (await this.connect(name, login)).channel(1)
  }

  /** A connection of amqplib's. */
  async amqplib(): Promise<ChannelModel & AsyncDisposable> {
    const model = await connect(this.vhost.url(), { noDelay: true })
    model.on('error', () => {})
    return Object.assign(model, { [Symbol.asyncDispose]: () => model.close().catch(() => {}) })
  }

  note(line: string): void {
    this.#notebook.note('notes', line)
  }

  /** Where nothing could be sent that is answered after what must not come, or that a clock would have to say. */
  async quiet(_what: string, ms: number): Promise<void> {
    if (ms > LONGEST_QUIET_MS) throw new Error(`a quiet window has at most ${LONGEST_QUIET_MS} ms`)
    await wait(ms)
  }

  async restart(): Promise<void> {
    if (this.#turn === undefined) throw new Error('the scenario does not say { restarts: true }')
    await this.#turn.restart()
  }

  async end(): Promise<Observation> {
    const observation = this.#notebook.close()
    await Promise.all(this.#clients.map((client) => client.dispose()))
    return observation
  }
}
