import * as v from 'valibot'
import {
  findings,
  first,
  marked,
  type Recording,
  reached,
  returned,
  type Shortfall,
  settled,
} from '../../lab/check/evidence.ts'

/** What loadConfig() makes of which variables. */

/** What the process's own environment has: none of it may get into what loadConfig() returns. */
export const OWN = { QUEUE: 'of_the_process', PREFETCH: '77', RETRY_DELAY_MS: '-7777' }

const DEFAULTS = { amqpUrl: 'amqp://localhost', queue: 'task_queue', prefetch: 1, retryDelayMs: 5000 }

export const GOOD: { env: Record<string, string>; config: Partial<typeof DEFAULTS> }[] = [
  { env: {}, config: {} },
  {
    env: { AMQP_URL: 'amqps://shop:secret@rabbit.example:5671/orders' },
    config: { amqpUrl: 'amqps://shop:secret@rabbit.example:5671/orders' },
  },
  { env: { AMQP_URL: 'amqp://rabbit:5672/%2F' }, config: { amqpUrl: 'amqp://rabbit:5672/%2F' } },
  { env: { QUEUE: 'Orders.EU/new (2)' }, config: { queue: 'Orders.EU/new (2)' } },
  { env: { PREFETCH: '1' }, config: { prefetch: 1 } },
  { env: { PREFETCH: '20' }, config: { prefetch: 20 } },
  { env: { PREFETCH: '65535' }, config: { prefetch: 65_535 } },
  { env: { RETRY_DELAY_MS: '250' }, config: { retryDelayMs: 250 } },
  { env: { RETRY_DELAY_MS: '0' }, config: { retryDelayMs: 0 } },
  { env: { RETRY_DELAY_MS: '2147483647' }, config: { retryDelayMs: 2_147_483_647 } },
]

export const BAD: [variable: string, value: string][] = [
  ['PREFETCH', 'abc'],
  ['PREFETCH', '0'],
  ['PREFETCH', '-1'],
  ['PREFETCH', '1.5'],
  ['PREFETCH', '65536'],
  ['RETRY_DELAY_MS', 'abc'],
  ['RETRY_DELAY_MS', '-1'],
  ['RETRY_DELAY_MS', '2147483648'],
  ['AMQP_URL', 'nonsense'],
  ['AMQP_URL', 'http://localhost'],
]

/** What loadConfig() did, as the driver tells it. */
const Loaded = v.object({
  config: v.optional(v.record(v.string(), v.unknown())),
  isPromise: v.optional(v.boolean()),
  threw: v.optional(v.object({ message: v.string(), all: v.string() })),
})

function loaded(recording: Recording, env: Record<string, string>) {
  const outcome = settled(recording, 'load', (args) => JSON.stringify(args.env) === JSON.stringify(env))
  const answer = returned(outcome, Loaded)
  return outcome && answer && { ...answer, event: outcome.event }
}

function callWith(env: Record<string, string>): string {
  const given = Object.entries(env).map(([name, value]) => `${name}: '${value}'`)
  return `loadConfig({${given.length > 0 ? ` ${given.join(', ')} ` : ''}})`
}

/** It did not read a good value as it is. */
export function misread(recording: Recording): Shortfall | undefined {
  const short = first(GOOD, ({ env, config }) => otherConfig(recording, env, { ...DEFAULTS, ...config }))
  return short ?? reached(recording, 'good values')
}

/** loadConfig() did not make `config` of `env`. */
function otherConfig(
  recording: Recording,
  env: Record<string, string>,
  config: typeof DEFAULTS,
): Shortfall | undefined {
  const answer = loaded(recording, env)
  if (!answer) return reached(recording, 'good values')
  const call = callWith(env)
  const show = [answer.event]
  if (answer.threw) {
    const isOwn = answer.threw.message.includes(OWN.RETRY_DELAY_MS)
    const looksLike = isOwn ? 'reads-process-env' : Object.keys(env).length > 0 ? 'refuses-good-values' : undefined
    const instead = 'it returns the settings, because the value is valid'
    return { seen: `${call} threw: ${answer.threw.message}`, looksLike, show, instead }
  }
  if (answer.isPromise) return { seen: `${call} returned a promise instead of the settings.`, show }
  const is = answer.config ?? {}
  const wrong = (Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]).find((name) => is[name] !== config[name])
  if (wrong === undefined) return undefined
  const expected = JSON.stringify(config[wrong])
  const seen = `${call} returned ${wrong} ${JSON.stringify(is[wrong]) ?? 'undefined'}, but the lab expected ${expected}.`
  return { seen, looksLike: wrongSetting(wrong, is[wrong], config[wrong]), show, instead: `${wrong} ${expected}` }
}

function wrongSetting(name: keyof typeof DEFAULTS, is: unknown, expected: unknown): string | undefined {
  const own: string[] = Object.values(OWN)
  if (own.includes(String(is)) || (name === 'amqpUrl' && String(is).includes('@127.0.0.1'))) return 'reads-process-env'
  if (typeof expected === 'number' && typeof is === 'string') return 'not-a-number'
  if (name === 'queue' && String(is).toLowerCase() === String(expected).toLowerCase()) return 'changes-the-name'
  if (expected === 0 && is === DEFAULTS[name]) return 'zero-is-no-value'
  if (expected === DEFAULTS[name]) return 'wrong-default'
  return is === DEFAULTS[name] ? 'reads-once' : undefined
}

/** It took a bad value, or did not say whose it is. */
export function accepted(recording: Recording): Shortfall | undefined {
  return first(BAD, (bad) => acceptedOne(recording, bad)) ?? reached(recording, 'bad values')
}

function acceptedOne(recording: Recording, [variable, value]: [string, string]): Shortfall | undefined {
  const env = { [variable]: value }
  const call = callWith(env)
  const answer = loaded(recording, env)
  const instead = `loadConfig() throws, and names ${variable}`
  const [end] = findings(recording)
  if (answer && !answer.threw) {
    // What JSON has no word for comes as a text.
    const config = JSON.stringify(answer.config)?.replace(/"(NaN|-?Infinity)"/, '$1')
    const seen = `${call} didn't throw. It returned ${answer.isPromise ? 'a promise' : config}.`
    return { seen, looksLike: 'accepts-bad-values', show: [answer.event], instead }
  }
  if (answer?.threw && !answer.threw.all.includes(variable)) {
    const seen = `${call} threw an error that doesn't name ${variable}: ${answer.threw.message}`
    const instead = `a message that names ${variable}`
    return { seen, looksLike: 'does-not-name-variable', show: [answer.event], instead }
  }
  if (answer || end?.id !== 'exited' || !marked(recording, 'good values')) return undefined
  return { seen: `The lab called ${call}. ${end.sentence}`, looksLike: 'exits-instead', show: [end], instead }
}
