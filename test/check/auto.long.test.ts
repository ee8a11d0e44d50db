import { expect, test } from 'vitest'
import type { CheckReport } from '../../lab/report/report.ts'
import { kindsHere, PRODUCTS } from '../broker/ground.ts'
import { labCommand } from './lab.ts'

/** What checks run on here: RabbitMQ where there is one. */
const PRODUCT = PRODUCTS[(await kindsHere()).find(({ missing }) => missing === undefined)?.kind ?? 'embedded']

test('where no broker is named, a check runs on the first that works here, and says which', async () => {
  const ran = await labCommand(['check', '--json', '1', '--tree', 'solutions'])
  expect(ran.code).toBe(0)
  expect((JSON.parse(ran.stdout) as CheckReport).broker).toMatchObject({ product: PRODUCT })
})

test('without a terminal the lab prints the lessons, and shows one real check', async () => {
  const ran = await labCommand(['lab'])
  expect(ran.code).toBe(0)
  expect(ran.stdout).toMatch(/01 .*\n/)
  expect(ran.stdout).toContain(`Not yet on ${PRODUCT}`)
  expect(ran.stdout).toContain(`Passed on ${PRODUCT}`)
})
