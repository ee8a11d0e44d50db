import { decodeMethod, writeMethodPayload } from '../../amqp/arguments.ts'
import { DecodeError, Writer } from '../../amqp/bytes.ts'
import { type DecodedMethod, METHODS } from '../../amqp/methods.ts'
import { binary } from '../erlang.ts'
import { ConnectionError, WordlessError } from '../errors.ts'

const IDS = new Set(Object.values(METHODS).map(({ classId, methodId }) => classId * 0x1_0000 + methodId))
const IDS_SIZE = 4
/** What decoding puts in place of bytes that are no text. Such a name could not be said back to the client. */
const REPLACEMENT = '\uFFFD'
const check = new Writer()

/** Where a table is, what was decoded need not have the length of what came. */
const WITH_TABLE = new Set<string>()
for (const [name, { args }] of Object.entries(METHODS)) {
  if (Object.values(args).includes('table')) WITH_TABLE.add(name)
}

/**
 * Decodes a method as RabbitMQ does: what has the wrong length is refused with 501, what is unknown ends the
 * connection without a word.
 */
export function readMethod(payload: Buffer): DecodedMethod {
  if (payload.length < IDS_SIZE || !IDS.has(payload.readUInt32BE(0))) throw new WordlessError('an unknown method')
  let method: DecodedMethod
  try {
    method = decodeMethod(payload)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    if (/field type|nested|longer than/.test(error.message)) throw new WordlessError(error.message)
    throw cannotDecode(payload)
  }
  const args = method.args as Record<string, unknown>
  for (const name in args) {
    const value = args[name]
    if (typeof value === 'string' && value.includes(REPLACEMENT)) {
      throw new ConnectionError(502, 'a short string that is not UTF-8')
    }
  }
  if (!WITH_TABLE.has(method.name)) {
    check.length = 0
    writeMethodPayload(check, method.name, method.args)
    if (check.length < payload.length) throw cannotDecode(payload)
  }
  return method
}

function cannotDecode(payload: Buffer): ConnectionError {
  return new ConnectionError(501, `cannot decode ${binary(payload.subarray(IDS_SIZE))}`)
}
