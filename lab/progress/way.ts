import { change, type Progress } from './store.ts'

/** Remembers when the student first had a lesson's text in front of them. */
export async function markBegun(root: string, lesson: string, state?: string, now = new Date()): Promise<Progress> {
  return change(root, state, (lessonOf) => {
    lessonOf(lesson).begun ??= now.toISOString()
  })
}

/** Remembers what the student predicted: the index of the choice. The first prediction is the one that counts. */
export async function markPrediction(root: string, lesson: string, choice: number, state?: string): Promise<Progress> {
  return change(root, state, (lessonOf) => {
    lessonOf(lesson).predicted ??= choice
  })
}
