import type { Explanation, TraceRow } from './report.ts'

interface Entry extends Explanation {
  seen: RegExp
}

/**
 * One entry a cause. Of the entries with the same `what`, only the first that is seen is told: the usual causes, as the
 * broker's own words give them away, stand before what can be said of the code alone.
 */
const ENTRIES: Entry[] = [
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED.*(login was refused|authentication)/i,
    means: 'The broker did not accept the user name or the password.',
  },
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED.*exclusive/i,
    means: 'The queue already has an exclusive consumer, so the broker accepts no other.',
  },
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED.*(vhost|virtual host)/i,
    means: 'The login is correct, but this user has no permissions in that virtual host.',
  },
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED/i,
    means: "The broker knows this user, but doesn't allow the request.",
  },
  {
    what: '404 NOT_FOUND',
    seen: /NOT[_-]FOUND.*no (queue|exchange)|no (queue|exchange) '/i,
    means:
      'There is no queue or exchange with that name in this virtual host. Either it was never declared, or it has been deleted. The broker closes the channel.',
  },
  {
    what: '404 NOT_FOUND',
    seen: /NOT[_-]FOUND/i,
    means: 'Whatever was asked for does not exist in this virtual host. The broker closes the channel.',
  },
  {
    what: '405 RESOURCE_LOCKED',
    seen: /RESOURCE[_-]LOCKED/i,
    means:
      'The queue is exclusive: it belongs to the connection that declared it, and no other connection may touch it. The broker closes the channel.',
  },
  {
    what: '406 PRECONDITION_FAILED',
    seen: /inequivalent arg/i,
    means:
      "There is already a queue or exchange with that name, but with a different value for this property. Properties can't be changed later. The broker closes the channel.",
  },
  {
    what: '406 PRECONDITION_FAILED',
    seen: /unknown delivery tag/i,
    means:
      'The delivery was already settled, arrived on another channel, or never needed an ack (noAck). The broker closes the channel and requeues everything that was unacknowledged on it.',
  },
  {
    what: '406 PRECONDITION_FAILED',
    seen: /PRECONDITION[_-]FAILED/i,
    means: "The request doesn't fit the current state; the broker's text says why. The broker closes the channel.",
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED.*(consumer tag|reuse)/i,
    means: 'There is already a consumer with that tag on this channel. The broker closes the whole connection.',
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED.*(vhost|virtual host)|vhost .*not found|Expected ConnectionOpenOk; got <ConnectionClose/i,
    means:
      'There is no such virtual host, or this user may not use it. Its name is the last part of the URL, percent-encoded.',
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED/i,
    means: 'The broker never allows that. It closes the whole connection.',
  },
  {
    what: '541 INTERNAL_ERROR',
    seen: /^541\b|INTERNAL[_-]ERROR/i,
    means: "amqplib closes the channel with this code when a consumer's callback throws.",
  },
  {
    what: '320 CONNECTION_FORCED',
    seen: /CONNECTION[_-]FORCED/i,
    means: 'Somebody told the broker to close the connection, or the broker is shutting down.',
  },
  {
    what: 'ECONNREFUSED',
    seen: /ECONNREFUSED/,
    means: 'Nothing listens on that port: the broker is not up, or it uses another port.',
  },
  {
    what: 'ECONNRESET',
    seen: /ECONNRESET|socket hang up/,
    means: 'The other side reset the connection without closing it properly.',
  },
  {
    what: 'a closed handshake',
    seen: /Socket closed abruptly during opening handshake/,
    means: 'The other side closed the connection before it was open.',
  },
  {
    what: 'a silent port',
    seen: /ETIMEDOUT|(says|said|sends|sent) nothing/,
    means:
      'Something accepts the connection and never answers. Without a time limit of your own, the attempt waits forever.',
  },
  {
    what: 'IllegalOperationError',
    seen: /IllegalOperationError|Channel clos(ed|ing)|Connection clos(ed|ing)\b/,
    means: 'amqplib throws this when you use a channel or connection that is already closed.',
  },
  {
    what: "an unhandled 'error' event",
    seen: /Emitted 'error' event|Unhandled 'error' event|Unhandled error\./,
    means:
      "An object emitted 'error', but nothing was listening with on('error', …). Node then throws the error, and the process ends.",
  },
]

/** Explains each refusal and each error that comes up in these texts, once, in the order of the table. */
export function explain(texts: string[]): Explanation[] {
  const told = new Map<string, Explanation>()
  for (const { what, seen, means } of ENTRIES) {
    if (!told.has(what) && texts.some((text) => seen.test(text))) told.set(what, { what, means })
  }
  return [...told.values()]
}

/** The words in a row of a trace that may need explaining: what the broker says when it closes, what an error says. */
export function wordsOf({ method, fields }: TraceRow): string {
  if (method === 'body') return ''
  if (/\.close$/.test(method)) return `${fields.replyCode ?? ''} ${fields.replyText ?? ''}`
  const { error, sentence, text } = fields
  return [error, sentence, text]
    .map((said) => (typeof said === 'object' ? JSON.stringify(said) : (said ?? '')))
    .join(' ')
}
