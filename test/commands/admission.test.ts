import { expect, test } from 'vitest'
import { Admission, type Looks } from '../../lab/commands/admission.ts'

/** A machine on which so many threads want each core, look after look. */
function machine(...crowd: number[]): Looks & { looked: number } {
  return {
    looked: 0,
    crowding() {
      return crowd[this.looked++] ?? 0
    },
    sleep: async () => {},
  }
}

const yes = () => true

test('lets in at once where nobody else is', async () => {
  const looks = machine(0, 1, 0)
  expect(await new Admission(looks).enter(yes)).toBe(true)
  expect(looks.looked).toBe(3)
})

test('waits until the crowd is gone: a single quiet look is no room', async () => {
  const looks = machine(9, 0, 9, /**/ 5, 4, 3, /**/ 2, 3, 2)
  expect(await new Admission(looks).enter(yes)).toBe(true)
  expect(looks.looked).toBe(9)
})

test('where it has to be quiet, a crowd that would do otherwise is too many', async () => {
  const looks = machine(2, 2, 2, /**/ 1, 1, 1)
  expect(await new Admission(looks, 1).enter(yes)).toBe(true)
  expect(looks.looked).toBe(6)
})

test('lets in one after another, each after looks of its own', async () => {
  const looks = machine(0, 0, 0, /**/ 8, 8, 8, /**/ 0, 0, 0)
  const room = new Admission(looks)
  const order: string[] = []
  const enter = (name: string) => room.enter(yes).then(() => order.push(`${name} after ${looks.looked} looks`))
  await Promise.all([enter('first'), enter('second')])
  expect(order).toEqual(['first after 3 looks', 'second after 9 looks'])
})

test('sends away who has nothing to come in for any more, however crowded it is', async () => {
  const looks = machine(...Array.from({ length: 40 }, () => 9))
  expect(await new Admission(looks).enter(() => looks.looked < 6)).toBe(false)
  expect(looks.looked).toBe(6)
})
