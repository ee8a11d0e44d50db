import { expect, test } from 'vitest'
import { explain, wordsOf } from '../../lab/report/explain.ts'

const LOGIN =
  'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.'

test.each<[string, string, RegExp]>([
  [`403 ${LOGIN}`, '403 ACCESS_REFUSED', /user name or the password/],
  [`Handshake terminated by server: 403 (ACCESS-REFUSED) with message "${LOGIN}"`, '403 ACCESS_REFUSED', /password/],
  [
    "ACCESS_REFUSED - queue 'tasks' in vhost '/' in exclusive use",
    '403 ACCESS_REFUSED',
    /already has an exclusive consumer/,
  ],
  [
    "ACCESS_REFUSED - access to vhost 'a' refused for user 'b'",
    '403 ACCESS_REFUSED',
    /no permissions in that virtual host/,
  ],
  ["NOT_FOUND - no queue 'tasks' in vhost '/'", '404 NOT_FOUND', /never declared, or it has been deleted/],
  [
    "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'tasks'",
    '405 RESOURCE_LOCKED',
    /no other connection may touch it/,
  ],
  [
    "PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'tasks'",
    '406 PRECONDITION_FAILED',
    /different value for this property/,
  ],
  ['PRECONDITION_FAILED - unknown delivery tag 1', '406 PRECONDITION_FAILED', /already settled/],
  ['PRECONDITION_FAILED - fast reply consumer does not exist', '406 PRECONDITION_FAILED', /doesn't fit/],
  ["NOT_ALLOWED - attempt to reuse consumer tag 'a'", '530 NOT_ALLOWED', /already a consumer with that tag/],
  ['NOT_ALLOWED - vhost nowhere not found', '530 NOT_ALLOWED', /no such virtual host/],
  ['Expected ConnectionOpenOk; got <ConnectionClose channel:0>', '530 NOT_ALLOWED', /no such virtual host/],
  ['541 INTERNAL_ERROR', '541 INTERNAL_ERROR', /consumer's callback throws/],
  ['connect ECONNREFUSED 127.0.0.1:5672', 'ECONNREFUSED', /Nothing listens/],
  ['read ECONNRESET', 'ECONNRESET', /reset the connection/],
  ['The peer says nothing', 'a silent port', /never answers/],
  ['IllegalOperationError: Channel closed', 'IllegalOperationError', /already closed/],
  ["Emitted 'error' event on ChannelModel instance at:", "an unhandled 'error' event", /the process ends/],
])('%s is explained as %s', (text, what, means) => {
  const explained = explain([text])
  expect(explained.map((one) => one.what)).toEqual([what])
  expect(explained[0]?.means).toMatch(means)
})

test('each is explained once, however often it comes up, by the cause that the words give away', () => {
  const refused = `403 ${LOGIN}`
  expect(explain([refused, refused, '403', 'read ECONNRESET']).map(({ what }) => what)).toEqual([
    '403 ACCESS_REFUSED',
    'ECONNRESET',
  ])
})

test('what needs no explanation gets none', () => {
  expect(explain(["The task was 'photo 404', and the handler was still at work.", ''])).toEqual([])
})

test('of a trace, the words of a close and of an error are read, and no task', () => {
  const row = { ms: 1, from: 'broker' as const, connection: 1, channel: 1 }
  const close = { ...row, method: 'channel.close', fields: { replyCode: 404, replyText: "NOT_FOUND - no queue 'a'" } }
  const body = { ...row, method: 'body', fields: { text: 'read ECONNRESET' } }
  expect(wordsOf(close)).toBe("404 NOT_FOUND - no queue 'a'")
  expect(wordsOf(body)).toBe('')
})
