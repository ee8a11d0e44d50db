export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit'

/** That a message died in a queue, for a reason; how often, and of the first time when and how it had come there. */
export interface Death {
  readonly queue: string
  readonly reason: DeathReason
  readonly count: number
  readonly seconds: number
  readonly exchange: string
  readonly routingKeys: readonly string[]
  readonly originalExpiration: string | undefined
  /** The very first one of the message. */
  readonly first: boolean
}
