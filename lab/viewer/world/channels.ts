import type { FrameEvent, RecordedEvent } from '../../recording/recording.ts'
import { endedBy } from './connections.ts'
import type { ThingOf, World } from './world.ts'

/** What is asked for on each channel and not answered yet, by the method that asks, in order. */
export type Asked = (frame: FrameEvent, method: string) => FrameEvent | undefined

/** Channels with their prefetch, and the consumers on them. */
export class Channels {
  readonly #world: World
  readonly #asked: Asked
  /** Consumers by channel and tag. */
  readonly #consumers = new Map<string, string>()

  constructor(world: World, asked: Asked) {
    this.#world = world
    this.#asked = asked
  }

  follow(event: RecordedEvent): void {
    const connection = endedBy(event)
    if (connection !== undefined) this.#drop((thing) => thing.connection === connection)
    if (event.kind === 'frame' && !event.held) this.#frame(event)
  }

  /** The consumer that a delivery goes to. */
  consumerOf({ connection, channel, fields }: FrameEvent): ThingOf<'consumer'> | undefined {
    return this.#world.get('consumer', this.#consumers.get(`${connection}/${channel}/${fields.consumerTag}`))
  }

  #frame(frame: FrameEvent): void {
    const { connection, channel, method, fields, from } = frame
    const world = this.#world
    const here = (thing: { connection: number; channel: number }) =>
      thing.connection === connection && thing.channel === channel
    switch (method) {
      case 'channel.open-ok':
        world.add({ kind: 'channel', connection, channel })
        break
      case 'channel.close':
        this.#drop(here)
        break
      case 'confirm.select-ok':
        for (const { id, thing } of world.find('channel', here)) world.change(id, { ...thing, confirms: true })
        break
      case 'tx.select-ok':
        world.doubt(
          'In a transaction, publishes and acks take effect when it is committed, not when the wire sees them.',
        )
        break
      case 'basic.qos-ok': {
        const asked = this.#asked(frame, 'basic.qos')
        if (asked === undefined) break
        const prefetch = Number(asked.fields.prefetchCount)
        const own = asked.fields.global === true ? { sharedPrefetch: prefetch } : { prefetch }
        for (const { id, thing } of world.find('channel', here)) world.change(id, { ...thing, ...own })
        break
      }
      case 'basic.consume':
        if (fields.noWait === true) this.#consume(frame, frame)
        break
      case 'basic.consume-ok': {
        const asked = this.#asked(frame, 'basic.consume')
        if (asked !== undefined) this.#consume(asked, frame)
        break
      }
      case 'basic.cancel':
        // The broker's own cancel needs no answer.
        if (from === 'broker' || fields.noWait === true) this.#cancel(frame)
        break
      case 'basic.cancel-ok':
        this.#cancel(frame)
        break
    }
  }

  #consume({ fields: { queue, noAck } }: FrameEvent, { connection, channel, fields }: FrameEvent): void {
    const [at] = this.#world.find('channel', (one) => one.connection === connection && one.channel === channel)
    const id = this.#world.add({
      kind: 'consumer',
      connection,
      channel,
      queue: String(queue),
      noAck: noAck === true,
      ...(at?.thing.prefetch === undefined ? {} : { prefetch: at.thing.prefetch }),
    })
    this.#consumers.set(`${connection}/${channel}/${fields.consumerTag}`, id)
    this.#world.about({ queue: String(queue) })
  }

  #cancel({ connection, channel, fields }: FrameEvent): void {
    const id = this.#consumers.get(`${connection}/${channel}/${fields.consumerTag}`)
    this.#world.about({ queue: this.#world.get('consumer', id)?.queue })
    if (id !== undefined) this.#world.remove(id)
  }

  #drop(gone: (thing: { connection: number; channel: number }) => boolean): void {
    for (const { id } of [...this.#world.find('consumer', gone), ...this.#world.find('channel', gone)])
      this.#world.remove(id)
  }
}
