import { isUtf8 } from 'node:buffer'
import { DecodeError, EncodeError, Reader, type Writer } from './bytes.ts'
import { type Arguments, type ArgumentType, type DecodedMethod, METHODS, type MethodName } from './methods.ts'
import { readTable, type Table, writeTable } from './table.ts'

/**
 * Methods to bytes and back, for all methods alike: section 4.2.4 'Method Payloads'. Bits that follow one another
 * share an octet, the first in its lowest bit (section 4.2.5.2).
 */
interface Step {
  name: string
  type: ArgumentType
  /** Which bit of its octet; 0 begins a new octet. */
  bit: number
  /** The last of the bits that share an octet: it is written now. */
  lastBit: boolean
}
interface Plan {
  name: MethodName
  id: number
  steps: Step[]
}

const BY_NAME = new Map<string, Plan>()
const BY_ID = new Map<number, Plan>()
for (const [name, { classId, methodId, args }] of Object.entries(METHODS)) {
  const plan = { name: name as MethodName, id: classId * 0x1_0000 + methodId, steps: stepsOf(Object.entries(args)) }
  BY_NAME.set(name, plan)
  BY_ID.set(plan.id, plan)
}

function stepsOf(args: [string, ArgumentType][]): Step[] {
  let bit = -1
  return args.map(([name, type], index) => {
    bit = type === 'bit' ? bit + 1 : -1
    return { name, type, bit, lastBit: args[index + 1]?.[1] !== 'bit' }
  })
}

/**
 * Decodes the payload of a method frame.
 * @throws DecodeError for a method that the table does not have, or arguments that end too soon
 */
export function decodeMethod(payload: Buffer): DecodedMethod {
  const reader = new Reader(payload)
  const id = reader.long()
  const plan = BY_ID.get(id)
  if (plan === undefined) throw new DecodeError(`unknown method ${id >>> 16}.${id & 0xffff}`)
  const args: Record<string, unknown> = {}
  let bits = 0
  for (const { name, type, bit } of plan.steps) {
    switch (type) {
      case 'bit':
        if (bit === 0) bits = reader.octet()
        args[name] = ((bits >> bit) & 1) === 1
        break
      case 'octet':
        args[name] = reader.octet()
        break
      case 'short':
        args[name] = reader.short()
        break
      case 'long':
        args[name] = reader.long()
        break
      case 'longlong':
        args[name] = reader.longlong()
        break
      case 'shortstr':
        args[name] = reader.shortstr()
        break
      case 'longstr': {
        const bytes = reader.longstr()
        args[name] = isUtf8(bytes) ? bytes.toString('utf8') : Buffer.from(bytes)
        break
      }
      case 'table':
        args[name] = readTable(reader)
    }
  }
  return { name: plan.name, args } as unknown as DecodedMethod
}

/**
 * Writes the payload of a method frame. Arguments that are left out are false, 0, '' or an empty table.
 * @throws EncodeError for a name that the table does not have, or a value that its type can't hold
 */
export function writeMethodPayload<N extends MethodName>(writer: Writer, name: N, args: Partial<Arguments<N>>): void {
  const plan = BY_NAME.get(name)
  if (plan === undefined) throw new EncodeError(`there is no method '${name}'`)
  writer.long(plan.id)
  const values = args as Record<string, unknown>
  let bits = 0
  for (const step of plan.steps) {
    const value = values[step.name]
    switch (step.type) {
      case 'bit':
        if (step.bit === 0) bits = 0
        if (value) bits |= 1 << step.bit
        if (step.lastBit) writer.octet(bits)
        break
      case 'octet':
        writer.octet((value as number | undefined) ?? 0)
        break
      case 'short':
        writer.short((value as number | undefined) ?? 0)
        break
      case 'long':
        writer.long((value as number | undefined) ?? 0)
        break
      case 'longlong':
        writer.longlong((value as number | bigint | undefined) ?? 0)
        break
      case 'shortstr':
        writer.shortstr((value as string | undefined) ?? '')
        break
      case 'longstr':
        writer.longstr((value as string | Uint8Array | undefined) ?? '')
        break
      case 'table':
        writeTable(writer, (value as Table | undefined) ?? {})
    }
  }
}
