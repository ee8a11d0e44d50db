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
    means: 'Somebody consumes from the queue as its only consumer, so the broker lets no other one in.',
  },
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED.*(vhost|virtual host)/i,
    means: 'The login is right, but this user has no rights in that virtual host.',
  },
  {
    what: '403 ACCESS_REFUSED',
    seen: /ACCESS[_-]REFUSED/i,
    means: 'The broker knows who asks, and does not allow it.',
  },
  {
    what: '404 NOT_FOUND',
    seen: /NOT[_-]FOUND.*no (queue|exchange)|no (queue|exchange) '/i,
    means:
      'There is no queue or exchange of that name in this virtual host. It has to be declared first, or it was deleted meanwhile. The broker closes the channel.',
  },
  {
    what: '404 NOT_FOUND',
    seen: /NOT[_-]FOUND/i,
    means: 'What was asked for does not exist in this virtual host. The broker closes the channel.',
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
      'A queue or exchange of that name is there already, with another value for this property. Properties can not be changed afterwards. The broker closes the channel.',
  },
  {
    what: '406 PRECONDITION_FAILED',
    seen: /unknown delivery tag/i,
    means:
      'The delivery was answered before, came on another channel, or never needed an answer (noAck). The broker closes the channel, and everything unacknowledged on it comes again.',
  },
  {
    what: '406 PRECONDITION_FAILED',
    seen: /PRECONDITION[_-]FAILED/i,
    means: 'The broker can not do it as things stand; its text says what is in the way. It closes the channel.',
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED.*(consumer tag|reuse)/i,
    means: 'There is already a consumer of that tag on this channel. The broker closes the whole connection.',
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED.*(vhost|virtual host)|vhost .*not found|Expected ConnectionOpenOk; got <ConnectionClose/i,
    means:
      'There is no such virtual host, or this user may not enter it. The last part of the URL names it, percent-encoded.',
  },
  {
    what: '530 NOT_ALLOWED',
    seen: /NOT[_-]ALLOWED/i,
    means: 'The broker does not permit it at all. It closes the whole connection.',
  },
  {
    what: '541 INTERNAL_ERROR',
    seen: /^541\b|INTERNAL[_-]ERROR/i,
    means: 'amqplib closes the channel with this code when the callback of a consumer throws.',
  },
  {
    what: '320 CONNECTION_FORCED',
    seen: /CONNECTION[_-]FORCED/i,
    means: 'Somebody told the broker to close the connection, or the broker is being shut down.',
  },
  {
    what: 'ECONNREFUSED',
    seen: /ECONNREFUSED/,
    means: 'Nobody listens on that port: the broker is not up, or it is another port.',
  },
  {
    what: 'ECONNRESET',
    seen: /ECONNRESET|socket hang up/,
    means: 'The other side broke the connection off, without a word.',
  },
  {
    what: 'a closed handshake',
    seen: /Socket closed abruptly during opening handshake/,
    means: 'The other side closed the connection before it was open.',
  },
  {
    what: 'a silent port',
    seen: /ETIMEDOUT|says nothing|said nothing/,
    means:
      'Something accepts the connection and never answers. Without a time limit of your own, the attempt waits for ever.',
  },
  {
    what: 'IllegalOperationError',
    seen: /IllegalOperationError|Channel clos(ed|ing)|Connection clos(ed|ing)\b/,
    means: 'amqplib throws it when a channel or connection is used that is closed already.',
  },
  {
    what: "an unhandled 'error' event",
    seen: /Emitted 'error' event|Unhandled 'error' event|Unhandled error\./,
    means:
      "An object emitted 'error', and nobody had called on('error', …) on it. Node then throws the error, and the process ends.",
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
