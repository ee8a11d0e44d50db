import { LabError } from '../errors.ts'
import { findLesson } from '../lessons/catalogue.ts'
import type { Lesson } from '../lessons/lesson.ts'

/** The lessons that '1-7', '4', '1-3,8' or '05-first-service' name, in the catalogue's order. */
export function lessonsNamed(given: string, all: Lesson[]): Lesson[] {
  const parts = given.split(',').map((part) => part.trim())
  const named = parts.flatMap((part) => {
    const [, from, to] = /^(\d{1,2})-(\d{1,2})$/.exec(part) ?? []
    if (from === undefined || to === undefined) return [findLesson(all, part)]
    const within = all.filter(({ number }) => number >= Number(from) && number <= Number(to))
    if (within.length > 0) return within
    throw new LabError('no-such-lesson', `There are no lessons ${part}.`, {
      advice: `These are the lessons: ${all.map(({ name }) => name).join(', ')}.`,
    })
  })
  return all.filter((lesson) => named.includes(lesson))
}

/** The share of '2/5': the second of five. */
export interface Shard {
  nth: number
  of: number
}

/** Undefined where it is none. */
export function shardNamed(given: string): Shard | undefined {
  const [, nth, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(given) ?? []
  const shard = { nth: Number(nth), of: Number(of) }
  return nth !== undefined && shard.nth >= 1 && shard.nth <= shard.of ? shard : undefined
}

/** The submissions of a shard: of the list in its order, every so many, so that each machine has as many. */
export function inShard<T>(all: T[], { nth, of }: Shard): T[] {
  return all.filter((_, index) => index % of === nth - 1)
}
