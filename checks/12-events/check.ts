import { check, expectation, step } from '../../lab/check/check.ts'
import { transientExchange } from '../shared/exchanges.ts'
import { didNotWait, neverDeclared, publishedOtherwise, reached, wantsAListener } from './evidence.ts'
import {
  ackedOtherwise,
  crashed,
  keptAsideForAWhile,
  keptForAWhileOnly,
  lostWhenRejected,
  missedOverRestart,
  missedWhenKilled,
  otherStopped,
} from './losses.ts'
import { handedOverOtherwise, publishedAsSomethingElse, renamedWhenRejected } from './payloads.ts'
import { asked, away, instances, nobody, payloads, rejects, restart } from './scenarios.ts'
import { notToOneInstance, toldOthersAgain, toldTooLittle, toldTooMuch } from './subscribers.ts'

export default check('12-events', [
  step(
    'An event reaches everybody who asked for it',
    expectation('publishes to a topic exchange, with the type as the routing key', asked, publishedOtherwise),

    expectation('gives each service the events that it asked for, and no others', asked, (recording) => {
      return toldTooMuch(recording) ?? toldTooLittle(recording) ?? reached(recording, 'all were told')
    }),

    expectation('sends the payload as JSON, and passes it on unchanged', payloads, (recording) => {
      return (
        publishedAsSomethingElse(recording) ?? handedOverOtherwise(recording) ?? reached(recording, 'all were handled')
      )
    }),
  ),

  step(
    'Nobody needs to listen',
    expectation('publishes an event whether or not anybody asked for it', nobody, (recording) => {
      return wantsAListener(recording) ?? reached(recording, 'published elsewhere')
    }),

    expectation('resolves when the broker has confirmed the event, not before', nobody, (recording) => {
      return didNotWait(recording) ?? reached(recording, 'published')
    }),
  ),

  step(
    'A service may have several instances',
    expectation('gives each event to one instance of a service', instances, (recording) => {
      return notToOneInstance(recording) ?? reached(recording, 'both were told')
    }),
  ),

  step(
    'A service may be away',
    expectation('acknowledges an event when its handler is done, not before', away, (recording) => {
      return ackedOtherwise(recording) ?? reached(recording, 'in the middle')
    }),

    expectation('finds what it missed when it comes back', away, (recording) => {
      return missedWhenKilled(recording) ?? reached(recording, 'came back') ?? keptForAWhileOnly(recording)
    }),

    expectation('goes on with other events when a handler rejects', rejects, (recording) => {
      return crashed(recording) ?? otherStopped(recording) ?? reached(recording, 'went on')
    }),

    expectation('does not lose an event whose handler rejects', rejects, (recording) => {
      return (
        toldOthersAgain(recording) ??
        renamedWhenRejected(recording) ??
        lostWhenRejected(recording) ??
        crashed(recording) ??
        reached(recording, 'came again') ??
        keptAsideForAWhile(recording)
      )
    }),
  ),

  step(
    'The broker may restart',
    expectation('declares the exchange as durable', restart, transientExchange, neverDeclared),

    expectation('finds what it missed after a restart of the broker', restart, (recording) => {
      return missedOverRestart(recording) ?? reached(recording, 'came back')
    }),
  ),
])
