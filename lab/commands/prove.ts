import { KINDS } from '../broker/kinds/kind.ts'
import type { Io } from '../io.ts'
import { lessons as catalogue, findLesson } from '../lessons/catalogue.ts'
import { ROOT } from '../root.ts'
import { command } from './command.ts'
import { flag, oneOf, text, type Values } from './options.ts'
import { brokersToProve } from './proof/brokers.ts'
import { proveContent } from './proof/content.ts'
import { labTests, longTests } from './proof/lab-tests.ts'
import { Tally } from './proof/tally.ts'

const OPTIONS = {
  content: flag('prove only the content, on one broker'),
  'all-brokers': flag('prove everything: on every broker that this machine can run, with the long tests'),
  broker: oneOf('broker', KINDS, 'prove it on this broker'),
  only: text('NAME', 'a name', 'prove only what has NAME in its name'),
  whole: flag('also let every mistake play the whole check, on every series'),
  further: flag('prove everything except what npm test covers; mistakes on one RabbitMQ'),
}

/**
 * `npm test`: the lab's own proof. The content of every lesson on the embedded broker, and the tests of lab/ that are quick.
 * `npm run test:all`: on every broker, and all tests of lab/.
 *
 * A mistake plays only the scenarios that its expectation needs, on one series of each kind of broker; with --further, as CI
 * has it, on one RabbitMQ. With --whole it plays the whole check, on every series, and may fail one expectation beside its own.
 */
export const prove = command({
  usage: 'npm test -- [LESSON ...]',
  options: OPTIONS,
  takesWords: true,
  run: ({ values, words }, io) => proveAll(values, words, io),
})

async function proveAll(values: Values<typeof OPTIONS>, words: string[], io: Io): Promise<number> {
  const catalogued = await catalogue(ROOT)
  const lessons = words.length === 0 ? catalogued : words.map((given) => findLesson(catalogued, given))
  const tally = new Tally(io)
  const { content, further, only, whole, 'all-brokers': allBrokers } = values
  const all = allBrokers || further
  const { brokers, leftOut } = await brokersToProve({
    all,
    further,
    whole,
    named: values.broker,
    // Authors want RabbitMQ's word where there is one.
    otherwise: content ? 'auto' : 'embedded',
    env: io.env,
    tell: (line) => tally.say(line),
  })
  for (const { name, reason } of leftOut) tally.say(`Left out: ${name}. ${reason}`)

  const tests = { brokers, env: io.env, tally }
  // Both have much to wait for: side by side they take less time than one after the other.
  await Promise.all([
    proveContent({
      brokers,
      lessons,
      only,
      briefly: !whole,
      exports: Object.fromEntries(catalogued.map(({ name, exports }) => [name, exports])),
      tally,
    }),
    content || further ? undefined : labTests({ ...tests, long: false }),
  ])
  if (all && !content) await labTests({ ...tests, long: true })
  tally.say(`\n${tally.elapsed}.`)
  if (!content && !all) sayWhatElse(tally)
  return tally.end()
}

function sayWhatElse(tally: Tally): void {
  tally.say('Ran: the lessons on the embedded broker, and the quick tests of lab/. Only npm run test:all runs:')
  tally.say(
    '  the lessons on RabbitMQ, in containers and native, and the solutions and variants on every series that this machine can run',
  )
  for (const file of longTests()) tally.say(`  ${file}`)
}
