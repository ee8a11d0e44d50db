import * as v from 'valibot'
import { HARMS } from '../broker.ts'

const integer = v.pipe(v.number(), v.integer())
const pid = v.pipe(integer, v.minValue(2))

/** What a client may ask of a keeper, after its hello. `turn` is a name of the client's own choice. */
export const Request = v.variant('do', [
  v.object({ id: integer, do: v.literal('openVhost'), spelling: v.picklist(['plain', 'odd']) }),
  v.object({ id: integer, do: v.literal('closeVhost'), name: v.string() }),
  v.object({ id: integer, do: v.literal('connections'), name: v.string() }),
  v.object({ id: integer, do: v.literal('closeConnection'), name: v.string(), connection: v.string() }),
  v.object({ id: integer, do: v.literal('enter'), turn: integer, restarts: v.boolean() }),
  v.object({ id: integer, do: v.literal('leave'), turn: integer }),
  v.object({ id: integer, do: v.literal('restart'), turn: integer }),
  v.object({ id: integer, do: v.literal('harm'), turn: integer, node: v.string(), how: v.picklist(HARMS) }),
  v.object({ id: integer, do: v.literal('revive'), turn: integer, node: v.string() }),
  v.object({ id: integer, do: v.literal('mend'), turn: integer }),
  v.object({ id: integer, do: v.literal('guard'), pid: pid }),
  v.object({ id: integer, do: v.literal('unguard'), pid: pid }),
  v.object({ id: integer, do: v.literal('stop') }),
])
export type Request = v.InferOutput<typeof Request>

export const Hello = v.object({ do: v.literal('hello'), token: v.string(), as: v.picklist(['user', 'visitor']) })
