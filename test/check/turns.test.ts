import { expect, test } from 'vitest'
import { inTurns } from '../../lab/check/turns.ts'
import { StudentGone } from '../../lab/student/gone.ts'
import type { Student } from '../../lab/student/student.ts'

/** A process that answers every ping, until it is gone. */
function studentThat({ leavesAfter = Number.POSITIVE_INFINITY } = {}) {
  let pings = 0
  const student = {
    get exited() {
      return pings > leavesAfter
    },
    ping: async () => {
      pings++
      return 0
    },
  }
  return { student: student as unknown as Student, pings: () => pings }
}

test('patience ends when the condition comes true, and says so', async () => {
  const { student, pings } = studentThat()
  expect(await inTurns(student, 50, () => pings() === 3)).toBe(true)
  expect(pings()).toBe(3)
})

test('patience ends after so many answered pings', async () => {
  const { student, pings } = studentThat()
  expect(await inTurns(student, 5, () => false)).toBe(false)
  expect(pings()).toBe(5)
})

test('patience ends with the process', async () => {
  const { student } = studentThat({ leavesAfter: 1 })
  await expect(inTurns(student, 5, () => false)).rejects.toThrow(StudentGone)
})
