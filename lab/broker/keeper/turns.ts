/**
 * Who may use the broker undisturbed, and when it is restarted. Pure scheduling: no clock, no input or output.
 *
 *     enter ──> queued ──> running ──────────────> leave
 *                 │           │  ^                   ^
 *                 │   restart │  │ restarted         │
 *                 │           v  │                   │
 *                 └──────> wants-restart ────────────┘
 *
 * Running turns share the broker. As soon as one wants a restart, newcomers queue; when every turn that is not
 * queued wants one, a single restart serves them all, and then the queue is let in. So nobody starves: a restart
 * waits only for turns that began before it was wanted, and a newcomer only for the restarts wanted before it came.
 */
export class Turns {
  readonly #restartBroker: () => Promise<void>
  readonly #members = new Map<string, Member>()
  #restarting = false

  constructor(restartBroker: () => Promise<void>) {
    this.#restartBroker = restartBroker
  }

  /** Resolves when the turn begins; rejects with TurnEnded when it is left before that. */
  enter(id: string, restarts: boolean): Promise<void> {
    if (this.#members.has(id)) throw new Error(`turn ${id} is taken`)
    return new Promise((resolve, reject) => {
      this.#members.set(id, { restarts, stage: 'queued', resolve, reject })
      this.#advance()
    })
  }

  /** Ends a turn at any stage; an unknown id is fine. */
  leave(id: string): void {
    const member = this.#members.get(id)
    if (member === undefined) return
    this.#members.delete(id)
    if (member.stage !== 'running') member.reject(new TurnEnded())
    this.#advance()
  }

  /** Whether a turn has begun and is not waiting for anything. */
  holds(id: string): boolean {
    return this.#members.get(id)?.stage === 'running'
  }

  /** Resolves after a restart that began after this call; rejects with what made the restart fail. */
  restart(id: string): Promise<void> {
    const member = this.#members.get(id)
    if (member === undefined) throw new TurnEnded()
    if (!member.restarts) throw new Error('this turn was not taken with { restarts: true }')
    if (member.stage !== 'running') throw new Error('this turn already waits for a restart')
    return new Promise((resolve, reject) => {
      Object.assign(member, { stage: 'wants-restart', resolve, reject })
      this.#advance()
    })
  }

  #advance(): void {
    if (this.#restarting) return
    const stages = Map.groupBy(this.#members.values(), (member) => member.stage)
    const wanting = stages.get('wants-restart')
    if (wanting === undefined) {
      for (const member of stages.get('queued') ?? []) {
        member.stage = 'running'
        member.resolve()
      }
    } else if (!stages.has('running')) {
      void this.#restartFor(wanting)
    }
  }

  async #restartFor(wanting: Member[]): Promise<void> {
    this.#restarting = true
    const failure = await this.#restartBroker().then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    this.#restarting = false
    // A member that left meanwhile was rejected then; settling its promise again does nothing.
    for (const member of wanting) {
      member.stage = 'running'
      if (failure) member.reject(failure.error)
      else member.resolve()
    }
    this.#advance()
  }
}

/** The turn was given back before what it waited for came. */
export class TurnEnded extends Error {
  constructor() {
    super('the turn has ended')
    this.name = 'TurnEnded'
  }
}

interface Member {
  readonly restarts: boolean
  stage: 'queued' | 'running' | 'wants-restart'
  resolve: () => void
  reject: (error: unknown) => void
}
