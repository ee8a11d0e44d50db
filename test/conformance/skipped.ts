/**
 * Scenarios in which the embedded broker is not compared with RabbitMQ, each with its reason in one sentence. All of
 * them are about what it does not have, and refuses with 540.
 * docs/embedded-broker.md tells them to people; a test holds that both say the same.
 */
export const SKIPPED: readonly { scenario: string; reason: string }[] = [
  { scenario: 'a stream', reason: 'The embedded broker has no streams, and refuses to declare one with 540.' },
]
