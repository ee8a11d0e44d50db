import { replaceClocks } from '../../lab/student/clocks.ts'
import { drive, errorSeen, type Line } from '../../lab/student/drive.ts'
import { handler } from '../../lab/student/handlers.ts'

/** What the lab can ask of lesson 10's exercise, where it is imported; lesson 11's service is driven in the same way. */

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

export type Start = (config: Config, handle: (task: string) => Promise<void>) => Service

interface StartArgs {
  config: Config
  observed?: boolean
  /** So often it is stopped in the same turn. */
  stops?: number
}

const clocks = replaceClocks()
let service: Service
let stops = 0

/** The calls of a lesson whose exercise has a function `start` that starts a service. */
export function serviceCalls<Exercise>(start: keyof Exercise) {
  return {
    /** Starts a service, whose handlers wait until the lab tells them how to end. Nobody looks at `ready` unless asked. */
    start(exercise: Exercise, { config, observed = false, stops: atOnce = 0 }: StartArgs, line: Line) {
      const started: unknown = (exercise[start] as Start)(config, handler({}, line))
      service = started as Service
      if (observed) observe(line)
      stop(atOnce, line)
      return {
        isPromise: started instanceof Promise,
        ready: typeof Object(Object(started).ready).then,
        stop: typeof Object(started).stop,
      }
    },
    /** From now on it is told what becomes of `ready`. */
    observe: (_: Exercise, __: unknown, line: Line) => observe(line),
    /** Calls stop() so many times in a row; what becomes of each is told. From then on its clocks may run fast. */
    stop(_: Exercise, { times = 1, inHaste = false }: { times?: number; inHaste?: boolean }, line: Line) {
      if (inHaste) clocks.hurry()
      stop(times, line)
    },
    /** From now on its clocks run fast. */
    hurry: () => clocks.hurry(),
    /** Its clocks run no faster any more than they should. */
    calm: () => clocks.calm(),
    /** From now on the process ends by itself, unless the service keeps it alive. */
    letGo(_: Exercise, __: object, line: Line) {
      line.mayEnd()
    },
  }
}

export default drive<{ startService: Start }>({ exports: ['startService'], calls: serviceCalls('startService') })

function stop(times: number, line: Line): void {
  for (let i = 0; i < times; i++) {
    const nth = ++stops
    line.tell('stopping', { nth })
    Promise.resolve(service.stop()).then(
      () => line.tell('stopped', { nth, ok: true }),
      (error: unknown) => line.tell('stopped', { nth, ok: false, error: errorSeen(error) }),
    )
  }
}

function observe(line: Line): void {
  Promise.resolve(service.ready).then(
    () => line.tell('ready', { ok: true }),
    (error: unknown) => line.tell('ready', { ok: false, error: errorSeen(error) }),
  )
}
