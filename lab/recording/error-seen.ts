import * as v from 'valibot'

const text = (length: number) => v.pipe(v.string(), v.maxLength(length))

/** An error of the student's process as plain data. */
export const ErrorSeen = v.object({
  name: text(200),
  message: text(4000),
  code: v.optional(v.union([text(100), v.number()])),
  stack: v.optional(text(8000)),
  /** The innermost line of the student's own files on its stack. */
  at: v.optional(v.object({ file: text(300), line: v.number(), text: text(200) })),
  /** What was to be imported when it was thrown, and the file: URL of the file that has the import. */
  imports: v.optional(v.object({ specifier: text(1000), from: text(1000) })),
  /** The path, or whatever else it is, that Node's permissions keep from the process. */
  resource: v.optional(text(1000)),
})
export type ErrorSeen = v.InferOutput<typeof ErrorSeen>
