import { isDeepStrictEqual } from 'node:util'
import {
  type Attempt,
  awaited,
  calls,
  findings,
  first,
  outcomeOf,
  type Published,
  type Recording,
  type Shortfall,
  tasks,
} from '../../lab/check/evidence.ts'
import { closing } from './evidence.ts'
import { FAILS, OTHER } from './scenarios.ts'
import { isJsonOf, parsed, typeOf } from './views.ts'
import { PAYLOADS, PUBLISHED } from './what-json-holds.ts'

/** What an event carries, on the wire and to its handler. */

/** A body was not the payload's JSON, or an event was not published at all. */
export function publishedAsSomethingElse(recording: Recording): Shortfall | undefined {
  const { published } = tasks(recording)
  const otherwise = first([...published.entries()], ([i, event]) => {
    const type = Object.hasOwn(PAYLOADS, event.routingKey) ? event.routingKey : (PUBLISHED[i] ?? '')
    const payload = PAYLOADS[type]
    const isRight = event.completeMs === undefined || isJsonOf(event.body, payload)
    return isRight ? undefined : notItsJson(payload, event)
  })
  return otherwise ?? notPublished(recording)
}

/** A call resolved, and no event came of it. */
function notPublished(recording: Recording): Shortfall | undefined {
  const { published } = tasks(recording)
  if (published.some(({ routingKey }) => !Object.hasOwn(PAYLOADS, routingKey))) return undefined
  const resolved = calls(recording, 'publish').filter((call) => outcomeOf(recording, call)?.ok)
  return first(Object.keys(PAYLOADS), (type) => {
    const its = resolved.filter(({ args }) => args.type === type)
    const events = published.filter(({ routingKey }) => routingKey === type)
    const call = its[events.length]
    if (!call) return undefined
    const again = events.length > 0 ? ' a second time, with the same payload' : ''
    return {
      seen: `The lab called publishEvent() for '${type}'${again}. The call resolved, but nothing was published.`,
      looksLike: events.length > 0 ? 'equal-is-the-same' : PAYLOADS[type] ? undefined : 'falsy-is-nothing',
      show: [...events.map(({ frame }) => frame), call, outcomeOf(recording, call)?.event],
    }
  })
}

function notItsJson(payload: unknown, event: Published): Shortfall {
  const { body, frame } = event
  const read = parsed(body)
  const isAround = Object.values(Object(read?.value)).some((value) => isDeepStrictEqual(value, payload))
  return {
    seen: `The payload was ${JSON.stringify(payload)}, but the message body was ${shown(event)}.`,
    looksLike: isJsonOf(read?.value, payload)
      ? 'twice-json'
      : isAround && typeof read?.value === 'object'
        ? 'more-than-the-payload'
        : read && !body.includes('\uFFFD')
          ? changesType(read.value, payload)
          : isBytes(body) || isBase64Of(body, payload)
            ? beginsLike(body, payload)
              ? 'wrong-encoding'
              : 'not-plain'
            : 'not-json',
    show: [frame],
    wrong: { event: frame, instead: `with the body ${JSON.stringify(payload)}` },
  }
}

/** Control characters that no text has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f]/g

/** It is no text in UTF-8. */
function isBytes(body: string): boolean {
  return body.search(CONTROL) !== -1 || body.includes('\uFFFD')
}

function isBase64Of(body: string, payload: unknown): boolean {
  return isJsonOf(Buffer.from(body, 'base64').toString('utf8'), payload)
}

/** Its bytes are those of the JSON as far as that is ASCII. */
function beginsLike(body: string, payload: unknown): boolean {
  const begin = /^[ -~]*/.exec(JSON.stringify(payload))?.[0].replaceAll(' ', '') ?? ''
  return begin.length > 1 && body.replaceAll(/\s/g, '').startsWith(begin)
}

/** A body as it can be shown: of one that is no text the first bytes, those made visible that have no picture. */
function shown({ body, size }: Published): string {
  if (body === '') return 'empty'
  if (body.search(CONTROL) === -1) return body
  const begin = body.slice(0, 12).replace(CONTROL, (char) => String.fromCodePoint(0x2400 + (char.codePointAt(0) ?? 0)))
  const what = body.startsWith('\x1f\uFFFD\b') ? 'compressed with gzip' : 'not text'
  return `${size} bytes (${what}) beginning with '${begin}'`
}

/** Where a payload has a text or a number, the other has something of another type. */
function changesType(given: unknown, payload: unknown): 'changes-texts' | 'changes-numbers' | undefined {
  if (given === undefined) return undefined
  if (typeof payload === 'string') return typeof given === 'string' ? undefined : 'changes-texts'
  if (typeof payload === 'number') return typeof given === 'number' ? undefined : 'changes-numbers'
  if (typeof payload !== 'object' || payload === null) return undefined
  return first(Object.entries(payload), ([name, each]) => changesType(Object(given)[name], each))
}

/** A handler was called with something else than was published, or not at all. */
export function handedOverOtherwise(recording: Recording): Shortfall | undefined {
  const { attempts, deliveries } = tasks(recording)
  const otherwise = first(attempts, (attempt) => handedOver(recording, attempt))
  if (otherwise) return otherwise
  if (findings(recording).length > 0) return undefined
  return first(Object.keys(PAYLOADS), (type) => {
    const its = deliveries.filter((each) => typeOf(each) === type)
    const worked = attempts.filter(({ task }) => task === type)
    if (its.length <= worked.length || its.some(({ redelivered }) => redelivered)) return undefined
    const again = worked.length > 0
    const payload = JSON.stringify(PAYLOADS[type])
    return {
      seen: again
        ? `'${type}' was published twice, each time with the payload ${payload}, and delivered twice, but the handler was called only once.`
        : `'${type}' was delivered with the payload ${payload}, but its handler was never called.`,
      looksLike: again ? 'equal-is-the-same' : PAYLOADS[type] ? undefined : 'falsy-is-nothing',
      show: [
        ...its.map(({ frame }) => frame),
        ...worked.map(({ event }) => event),
        closing(recording),
        awaited(recording),
      ],
      wrong: again
        ? { event: its.at(-1)?.frame, instead: 'your service calls the handler a second time, for this event' }
        : undefined,
    }
  })
}

/** What a handler was called with, beside what was published. */
function handedOver(recording: Recording, attempt: Attempt): Shortfall | undefined {
  const { task, type, kind, json = null, odd, event } = attempt
  const all = tasks(recording)
  if (type !== 'string' || !Object.hasOwn(PAYLOADS, task)) {
    return {
      seen: `Your service called the handler with ${type === 'string' ? `'${task}'` : `a value of type ${type}`} as the event's type.`,
      looksLike: 'not-the-type',
      show: [all.deliveries[0]?.frame, event],
      wrong: { event, instead: 'your service calls the handler with the routing key and the payload' },
    }
  }
  const payload = PAYLOADS[task]
  if (odd) return oddlyHandedOver(recording, attempt, odd)
  if (isJsonOf(json, payload)) return undefined
  const isRaw = kind === 'Buffer' || kind === 'message' || (kind === 'string' && typeof payload !== 'string')
  const text = json === null ? undefined : parsed(json)?.value
  const given = json ?? (kind === 'undefined' ? 'undefined' : kind === 'message' ? "amqplib's message" : `a ${kind}`)
  return {
    seen: `'${task}' was published with the payload ${JSON.stringify(payload)}, but the handler got ${given}.`,
    looksLike:
      isRaw || isJsonOf(text, payload)
        ? 'not-parsed'
        : payload
          ? isGarbled(text, payload)
            ? 'wrong-encoding'
            : isPartOf(text, payload)
              ? 'unwraps'
              : changesType(text, payload)
          : 'falsy-is-nothing',
    show: [all.ofType(task).delivery?.frame, event],
    wrong: { event, instead: `your service calls the handler with ${JSON.stringify(payload)}` },
  }
}

/** The handler got something that JSON does not hold. */
function oddlyHandedOver(
  recording: Recording,
  { task, event }: Attempt,
  { at, is }: NonNullable<Attempt['odd']>,
): Shortfall {
  const payload = PAYLOADS[task]
  const was = at.split('.').reduce<unknown>((value, name) => (name === '' ? value : Object(value)[name]), payload)
  const where = at === '' ? 'Its payload was' : `In its payload, '${at}' was`
  const wanted = was === undefined ? 'missing' : JSON.stringify(was)
  return {
    seen: `'${task}' was published. ${where} ${wanted}, but the handler got ${is}.`,
    looksLike: typeof was === 'string' ? 'changes-texts' : undefined,
    show: [tasks(recording).ofType(task).delivery?.frame, event],
    wrong: { event, instead: `your service calls the handler with ${JSON.stringify(payload)}` },
  }
}

/** It is what the payload has under one of its names. */
function isPartOf(given: unknown, payload: unknown): boolean {
  return typeof payload === 'object' && Object.values(Object(payload)).some((each) => isDeepStrictEqual(each, given))
}

/** They differ in what is not ASCII. */
function isGarbled(given: unknown, payload: unknown): boolean {
  const ascii = (value: unknown) => JSON.stringify(value)?.replace(/[^ -~]+/g, '?')
  return ascii(given) === ascii(payload)
}

/** An event whose handler rejected was published again, under another type. */
export function renamedWhenRejected(recording: Recording): Shortfall | undefined {
  const { attempts, published } = tasks(recording)
  const other = attempts.find(({ task }) => ![FAILS, OTHER].includes(task))
  const renamed = other && published.findLast(({ routingKey }) => routingKey === other.task)
  if (!renamed) return undefined
  return {
    seen: `When the handler for '${FAILS}' rejected, your service republished the event with the routing key '${other.task}', so the handler got that key as the event's type.`,
    looksLike: 'not-the-type',
    show: [attempts[0]?.event, renamed.frame, other.event],
    wrong: { event: renamed.frame, instead: `the routing key '${FAILS}', or a header that keeps the type` },
  }
}
