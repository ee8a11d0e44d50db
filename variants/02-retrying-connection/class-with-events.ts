import { EventEmitter } from 'node:events'
import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

type State = 'idle' | 'trying' | 'waiting' | 'over'

/** A small state machine that emits what happens to it: 'connected', 'failed', 'refused', 'stopped'. */
class Connector extends EventEmitter {
  #state: State = 'idle'
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #socket = new AbortController()
  readonly #url: string
  readonly #options: Required<Pick<RetryOptions, 'delayMs' | 'maxDelayMs' | 'timeoutMs'>>

  constructor(url: string, { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000 }: RetryOptions) {
    super()
    this.#url = url
    this.#options = { delayMs, maxDelayMs, timeoutMs }
  }

  start(): void {
    this.#state = 'trying'
    this.#socket = new AbortController()
    this.#timer = setTimeout(() => this.#socket.abort(new Error('timeout')), this.#options.timeoutMs)
    connect(this.#url, { signal: this.#socket.signal } as object).then(
      (connection) => this.#opened(connection),
      (error: Error) => this.#failed(error),
    )
  }

  stop(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    clearTimeout(this.#timer)
    this.#socket.abort()
    this.emit('stopped')
  }

  #opened(connection: ChannelModel): void {
    clearTimeout(this.#timer)
    if (this.#state === 'over') {
      connection.close().catch(() => {})
      return
    }
    this.#state = 'over'
    connection.on('error', () => {})
    this.emit('connected', connection)
  }

  #failed(error: Error): void {
    clearTimeout(this.#timer)
    if (this.#state === 'over') return
    if (error.message.startsWith('Handshake terminated') || error.message.startsWith('Expected ConnectionOpenOk')) {
      this.#state = 'over'
      this.emit('refused', error)
      return
    }
    this.#state = 'waiting'
    this.emit('failed', error, ++this.#failures)
    const grown = Math.max(this.#options.delayMs, 2 ** Math.min(this.#failures, 20))
    this.#timer = setTimeout(() => this.start(), Math.min(grown, this.#options.maxDelayMs))
  }
}

export function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { signal, onRetry } = options
  const connector = new Connector(url, options)
  return new Promise<ChannelModel>((resolve, reject) => {
    connector.on('connected', resolve)
    connector.on('refused', reject)
    connector.on('stopped', () => reject(signal?.reason))
    if (onRetry) connector.on('failed', onRetry)
    const stop = () => connector.stop()
    signal?.addEventListener('abort', stop)
    if (signal?.aborted) connector.stop()
    else connector.start()
  })
}
