import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** No wait of its own: a clock looks every few milliseconds whether something is due. */
export function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30_000, timeoutMs = 10_000, signal, onRetry } = options
  return new Promise((resolve, reject) => {
    let count = 0
    let nextAt = performance.now()
    let current: { socket: AbortController; giveUpAt: number } | undefined
    const over = (finish: () => void) => {
      clearInterval(clock)
      finish()
    }
    const look = () => {
      const now = performance.now()
      if (signal?.aborted) {
        current?.socket.abort()
        over(() => reject(signal.reason))
      } else if (current && now >= current.giveUpAt) {
        current.socket.abort()
      } else if (!current && now >= nextAt) {
        begin(now)
      }
    }
    const begin = (now: number) => {
      const mine = { socket: new AbortController(), giveUpAt: now + timeoutMs }
      current = mine
      connect(url, { signal: mine.socket.signal } as object).then(
        (connection) => {
          connection.on('error', () => {})
          if (signal?.aborted) connection.close().catch(() => {})
          else over(() => resolve(connection))
        },
        (error: Error) => {
          if (signal?.aborted) return
          if (/ACCESS.REFUSED|ConnectionClose/.test(error.message)) {
            over(() => reject(error))
            return
          }
          onRetry?.(error, ++count)
          current = undefined
          nextAt = performance.now() + Math.min(delayMs, maxDelayMs)
        },
      )
    }
    const clock = setInterval(look, 5)
    look()
  })
}
