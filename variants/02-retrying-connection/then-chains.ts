import { type ChannelModel, connect } from 'amqplib'

export interface RetryOptions {
  delayMs: number
  maxDelayMs?: number
  timeoutMs?: number
  signal?: AbortSignal
  onRetry?: (error: Error, attempt: number) => void
}

/** One promise around callbacks and timers; every wait is delayMs. */
export function connectWithRetry(url: string, options: RetryOptions): Promise<ChannelModel> {
  const { delayMs, maxDelayMs = 30000, timeoutMs = 10000, signal, onRetry } = options
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    let drop = () => {}

    const stop = () => {
      clearTimeout(timer)
      drop()
      reject(signal?.reason)
    }
    const settle = () => signal?.removeEventListener('abort', stop)

    function attempt(count: number): void {
      const socket = new AbortController()
      drop = () => socket.abort()
      let tooLate = false
      timer = setTimeout(() => {
        tooLate = true
        drop()
      }, timeoutMs)
      connect(url, { signal: socket.signal } as object)
        .then((connection) => {
          clearTimeout(timer)
          settle()
          connection.on('error', console.error)
          resolve(connection)
        })
        .catch((error: Error) => {
          clearTimeout(timer)
          if (signal?.aborted) return
          if (/ACCESS_REFUSED|NOT_ALLOWED|ConnectionClose/.test(error.message)) {
            settle()
            reject(error)
            return
          }
          onRetry?.(tooLate ? new Error('timed out') : error, count)
          timer = setTimeout(() => attempt(count + 1), Math.min(delayMs, maxDelayMs))
        })
    }

    if (signal?.aborted) {
      reject(signal.reason)
      return
    }
    signal?.addEventListener('abort', stop, { once: true })
    attempt(1)
  })
}
