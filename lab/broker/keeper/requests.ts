import { z } from 'zod'

/** What a client may ask of a keeper, after its hello. `turn` is a name of the client's own choice. */
export const Request = z.discriminatedUnion('do', [
  z.object({ id: z.int(), do: z.literal('openVhost'), spelling: z.enum(['plain', 'odd']) }),
  z.object({ id: z.int(), do: z.literal('closeVhost'), name: z.string() }),
  z.object({ id: z.int(), do: z.literal('connections'), name: z.string() }),
  z.object({ id: z.int(), do: z.literal('closeConnection'), name: z.string(), connection: z.string() }),
  z.object({ id: z.int(), do: z.literal('enter'), turn: z.int(), restarts: z.boolean() }),
  z.object({ id: z.int(), do: z.literal('leave'), turn: z.int() }),
  z.object({ id: z.int(), do: z.literal('restart'), turn: z.int() }),
  z.object({ id: z.int(), do: z.literal('guard'), pid: z.int().min(2) }),
  z.object({ id: z.int(), do: z.literal('unguard'), pid: z.int().min(2) }),
  z.object({ id: z.int(), do: z.literal('stop') }),
])
export type Request = z.infer<typeof Request>

export const Hello = z.object({ do: z.literal('hello'), token: z.string(), as: z.enum(['user', 'visitor']) })
