import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { writeFileAtomic } from '../../write-file-atomic.ts'

const File = v.strictObject({
  format: v.literal(1),
  classId: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  asked: v.array(v.string()),
})

/**
 * OUT/queue.json: the name of the class at the broker, by which its results are found again, and the keys of the tasks that
 * the broker has confirmed. They are not asked for again while there are tasks at the broker.
 *
 *   { "format": 1, "classId": "0f3a…", "asked": ["9c1e…", …] }
 */
export class AskedFile {
  readonly classId: string
  readonly asked: Set<string>
  readonly #file: string

  constructor(out: string) {
    this.#file = join(out, 'queue.json')
    const read = readFile(this.#file)
    this.classId = read?.classId ?? randomBytes(8).toString('hex')
    this.asked = new Set(read?.asked)
    if (read === undefined) this.save()
  }

  save(): void {
    const content = { format: 1, classId: this.classId, asked: [...this.asked] }
    writeFileAtomic(this.#file, `${JSON.stringify(content)}\n`)
  }
}

function readFile(file: string): v.InferOutput<typeof File> | undefined {
  if (!existsSync(file)) return undefined
  try {
    return v.parse(File, JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    renameSync(file, `${file}.broken`)
    return undefined
  }
}
