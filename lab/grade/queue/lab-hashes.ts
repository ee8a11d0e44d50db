import { labHash } from '../hash.ts'
import { labVersion } from './queues.ts'

/** The hashes of what judges each lesson, and of all of it. */
export class LabHashes {
  readonly version: string
  readonly #hashes: Map<string, string>

  constructor(root: string, lessons: string[]) {
    this.#hashes = new Map(lessons.map((lesson) => [lesson, labHash(root, lesson)]))
    this.version = labVersion([...this.#hashes.values()])
  }

  /** Undefined where there is no such lesson. */
  of(lesson: string): string | undefined {
    return this.#hashes.get(lesson)
  }
}
