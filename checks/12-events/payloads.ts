import { isDeepStrictEqual } from 'node:util'
import {
  type Attempt,
  awaited,
  findings,
  first,
  type Published,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { closing } from './evidence.ts'
import { PAYLOADS } from './scenarios.ts'
import { typeOf } from './views.ts'

/** What an event carries, on the wire and to its handler. */

/** The value that a body stands for, where it is JSON. */
function parsed(body: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) }
  } catch {
    return undefined
  }
}

/** Whether a text is the JSON of a value. */
export function isJsonOf(text: unknown, value: unknown): boolean {
  return typeof text === 'string' && isDeepStrictEqual(parsed(text), { value })
}

/** A body was not the payload's JSON. */
export function publishedAsSomethingElse(recording: Recording): Shortfall | undefined {
  const types = Object.keys(PAYLOADS)
  return first([...tasks(recording).published.entries()], ([i, event]) => {
    const payload = PAYLOADS[types[i] ?? '']
    const isRight = event.completeMs === undefined || isJsonOf(event.body, payload)
    return isRight ? undefined : notItsJson(payload, event)
  })
}

function notItsJson(payload: unknown, { body, frame }: Published): Shortfall {
  const read = parsed(body)
  const isAround = Object.values(Object(read?.value)).some((value) => isDeepStrictEqual(value, payload))
  return {
    seen: `The payload was ${JSON.stringify(payload)}, and the body of the message was ${body === '' ? 'empty' : body}.`,
    looksLike: isJsonOf(read?.value, payload)
      ? 'twice-json'
      : isAround && typeof read?.value === 'object'
        ? 'more-than-the-payload'
        : body.includes('\uFFFD')
          ? 'wrong-encoding'
          : read
            ? undefined
            : 'not-json',
    show: [frame],
    wrong: { event: frame, instead: `with the body ${JSON.stringify(payload)}` },
  }
}

/** A handler was called with something else than was published, or not at all. */
export function handedOverOtherwise(recording: Recording): Shortfall | undefined {
  const { attempts, deliveries } = tasks(recording)
  const otherwise = first(attempts, (attempt) => handedOver(recording, attempt))
  if (otherwise) return otherwise
  const unhandled = Object.keys(PAYLOADS).find((type) => !attempts.some(({ task }) => task === type))
  const delivery = deliveries.find((each) => typeOf(each) === unhandled)
  if (unhandled === undefined || !delivery || findings(recording).length > 0) return undefined
  return {
    seen: `'${unhandled}' was delivered with the payload ${JSON.stringify(PAYLOADS[unhandled])}, and its handler was never called.`,
    looksLike: PAYLOADS[unhandled] ? undefined : 'falsy-is-nothing',
    show: [delivery.frame, closing(recording), awaited(recording)],
  }
}

/** What a handler was called with, beside what was published. */
function handedOver(recording: Recording, { task, type, kind, json = null, event }: Attempt): Shortfall | undefined {
  const all = tasks(recording)
  if (type !== 'string' || !Object.hasOwn(PAYLOADS, task)) {
    return {
      seen: `The handler was called with ${type === 'string' ? `'${task}'` : `a value of type ${type}`} for the type of the event.`,
      looksLike: 'not-the-type',
      show: [all.deliveries[0]?.frame, event],
      wrong: { event, instead: 'the handler is called with the routing key, and then the payload' },
    }
  }
  const payload = PAYLOADS[task]
  if (isJsonOf(json, payload)) return undefined
  const isRaw = kind === 'Buffer' || kind === 'message' || (kind === 'string' && typeof payload !== 'string')
  const text = json === null ? undefined : parsed(json)?.value
  const given = json ?? (kind === 'undefined' ? 'nothing' : kind === 'message' ? "amqplib's message" : `a ${kind}`)
  return {
    seen: `'${task}' was published with the payload ${JSON.stringify(payload)}. The handler was called with ${given}.`,
    looksLike:
      isRaw || isJsonOf(text, payload)
        ? 'not-parsed'
        : payload
          ? isGarbled(text, payload)
            ? 'wrong-encoding'
            : undefined
          : 'falsy-is-nothing',
    show: [all.ofType(task).delivery?.frame, event],
    wrong: { event, instead: `the handler is called with ${JSON.stringify(payload)}` },
  }
}

/** They differ in what is not ASCII. */
function isGarbled(given: unknown, payload: unknown): boolean {
  const ascii = (value: unknown) => JSON.stringify(value)?.replace(/[^ -~]+/g, '?')
  return ascii(given) === ascii(payload)
}
