import { drive, errorSeen, type Line } from '../lab/student/drive.ts'

/** What the lab can ask of lesson 10's exercise, where it is imported. */

export interface Config {
  amqpUrl: string
  queue: string
  prefetch: number
  retryDelayMs: number
}

interface Service {
  ready: Promise<void>
  stop(): Promise<void>
}

interface Exercise {
  startService(config: Config, handle: (task: string) => Promise<void>): Service
}

export const FAILURE = 'The lab made this task fail.'

let service: Service
let calls = 0
let stops = 0

export default drive<Exercise>({
  exports: ['startService'],
  calls: {
    /** Starts a service, whose handlers wait until the lab tells them how to end. Nobody looks at `ready` unless asked. */
    start(exercise, { config, observed = false }: { config: Config; observed?: boolean }, line) {
      const started: unknown = exercise.startService(config, handler(line))
      service = started as Service
      if (observed) observe(line)
      return {
        isPromise: started instanceof Promise,
        ready: typeof Object(Object(started).ready).then,
        stop: typeof Object(started).stop,
      }
    },
    /** From now on it is told what becomes of `ready`. */
    observe: (_, __: unknown, line) => observe(line),
    /** Calls stop() so many times in a row; what becomes of each is told. */
    stop(_, { times = 1 }: { times?: number }, line) {
      for (let i = 0; i < times; i++) {
        const nth = ++stops
        line.tell('stopping', { nth })
        Promise.resolve(service.stop()).then(
          () => line.tell('stopped', { nth, ok: true }),
          (error: unknown) => line.tell('stopped', { nth, ok: false, error: errorSeen(error) }),
        )
      }
    },
    /** From now on the process ends by itself, unless the service keeps it alive. */
    letGo(_, __: unknown) {
      process.channel?.unref()
    },
  },
})

function observe(line: Line): void {
  Promise.resolve(service.ready).then(
    () => line.tell('ready', { ok: true }),
    (error: unknown) => line.tell('ready', { ok: false, error: errorSeen(error) }),
  )
}

function handler(line: Line): (task: string) => Promise<void> {
  return (task) => {
    const call = ++calls
    line.tell('began', { call, task: String(task) })
    return new Promise((resolve, reject) => {
      // The handlers that one message names end in one go.
      line.heard('finish', (told: { calls: number[]; how: 'resolve' | 'reject' }) => {
        if (!told.calls.includes(call)) return
        if (told.how === 'resolve') resolve()
        else reject(Object.assign(new Error(FAILURE), { stack: `Error: ${FAILURE}` }))
      })
    })
  }
}
