import { test } from 'vitest'
import { RABBITMQ_KINDS } from '../../lab/broker/kinds/kind.ts'
import { underTest } from '../broker/ground.ts'
import { runsOn } from './runs-on.ts'

const rabbitmq = (await underTest(RABBITMQ_KINDS)).find(({ missing }) => missing === undefined)
if (rabbitmq === undefined) test.skip('on RabbitMQ: there is none here')
else runsOn(rabbitmq.kind)
