import type * as v from 'valibot'

/** A message of one name: what it carries, and how a trace tells of it. */
interface Word {
  schema: v.GenericSchema
  says: (data: never) => string
}

/** Keeps a message's schema and its sentence together. */
export function word<Schema extends v.GenericSchema>(schema: Schema, says: (data: v.InferOutput<Schema>) => string) {
  return { schema, says }
}

/** What the messages of a table carry, by name. */
export type DataOf<Table extends Record<string, Word>> = {
  [Name in keyof Table]: v.InferOutput<Table[Name]['schema']>
}

/** One event type for each message of a table: its name decides its data. */
export type EventOf<Data, Event extends object> = {
  [Name in keyof Data]: Event & { name: Name; data: Data[Name] }
}[keyof Data]

/** What a trace says of a message; undefined where the table has no such name. */
export function sayOf(table: Record<string, Word>, name: string, data: unknown): string | undefined {
  return Object.hasOwn(table, name) ? table[name]?.says(data as never) : undefined
}
