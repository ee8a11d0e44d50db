import { test } from 'vitest'
import { RABBITMQ_KINDS } from '../../lab/broker/kinds/kind.ts'
import { keepsItsPromises } from './contract.ts'
import { underTest } from './ground.ts'

for (const { kind, missing } of await underTest(RABBITMQ_KINDS)) {
  if (missing === undefined) keepsItsPromises(kind)
  else test.skip(`${kind}: can't be tested here: ${missing}`)
}
