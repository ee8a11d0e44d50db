import { setTimeout as sleep } from 'node:timers/promises'
import type { TaskHandler } from '../04-ack-consumer/exercise.ts'
import {
  type RunningService,
  type Service,
  type ServiceConfig,
  startService,
} from '../10-service-lifecycle/exercise.ts'

/** In seconds. After two intervals without a byte, the link counts as dead. In production, use 5 to 20. */
const HEARTBEAT_S = 1

/**
 * Starts a service that recovers by itself from every loss. Each life is one service from lesson 10, with its own
 * connection, channel and consumer. When it's lost, the next one starts.
 *
 * `ready` resolves when the first life is ready. It rejects if the broker refuses that life, or if it's stopped first.
 */
export function startResilientService(config: ServiceConfig, handle: TaskHandler): Service {
  const settings = { ...config, amqpUrl: withHeartbeat(config.amqpUrl) }
  const stopping = new AbortController()
  const ready = Promise.withResolvers<void>()
  // If the caller never awaits it, a rejection mustn't end the process.
  ready.promise.catch(() => {})
  /** The lives that may still have tasks in progress. */
  const lives = new Set<RunningService>()

  async function live(): Promise<void> {
    let everReady = false
    while (!stopping.signal.aborted) {
      let connected = false
      const life = startService(settings, handle)
      lives.add(life)
      void life.lost.then(() => {
        connected = true
      })
      try {
        await life.ready
        everReady = true
        ready.resolve()
        await Promise.race([life.lost, aborted(stopping.signal)])
      } catch (error) {
        if (stopping.signal.aborted) return
        // It never had a connection, so the broker refused it. Another attempt would be refused too.
        if (!everReady && !connected) return ready.reject(error)
        console.error(`The service could not be set up: ${(error as Error).message}`)
        await sleep(settings.retryDelayMs, undefined, { signal: stopping.signal }).catch(() => {})
      }
      // Its handlers carry on, but their acks find a closed channel. Both lesson 10's stop() and ours wait for them.
      void life.stop().then(() => lives.delete(life))
    }
  }

  const living = live()

  async function stop(): Promise<void> {
    stopping.abort()
    ready.reject(new Error('The service was stopped before it was ready.'))
    await Promise.all([...lives].map((life) => life.stop()))
    await living
  }

  return { ready: ready.promise, stop }
}

/** Overrides the heartbeat, and leaves the rest of the URL alone. */
function withHeartbeat(amqpUrl: string): string {
  const url = new URL(amqpUrl)
  url.searchParams.set('heartbeat', String(HEARTBEAT_S))
  return url.href
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
