/**
 * Where other series of RabbitMQ were seen to do something else than 4.3, whose way the embedded broker follows.
 * docs/embedded-broker.md tells them to people; a test holds that both say the same. Where one of these brokers is
 * present, a scenario that differs without standing here fails, and so does one that stands here and does not differ.
 */
export interface Difference {
  series: ('3.10' | '4.0')[]
  /** One line: what these series do instead. */
  what: string
  scenarios: string[]
}

export const DIFFERENCES: readonly Difference[] = [
  {
    series: ['4.0', '3.10'],
    what: "A message that basic.reject dead-letters isn't marked as redelivered. 4.3 marks it, but doesn't mark one that basic.nack dead-letters.",
    scenarios: [
      'a rejected message is dead-lettered, with its history in its headers',
      'a dead letter keeps its routing key where no other is given',
      'a dead letter keeps its CC keys where no other key is given',
      'another key takes the place of the CC keys of a dead letter',
      'dead letters to an exchange that is not there are gone',
      'a rejected message that circles comes back, and its count grows',
      'a history of two queues: the latest comes first',
      "an x-death of the publisher's own is not believed",
      'a dead letter is not confirmed to anybody',
      'a dead letter goes through an exchange to several queues',
      'a message that is rejected beyond the delivery limit is a dead letter',
      'a delivery limit of 0',
      'a lost connection counts as a delivery',
      'a message of a quorum queue that is rejected for good',
      'a rejected message is dead-lettered with the commit',
    ],
  },
  {
    series: ['4.0', '3.10'],
    what: 'Messages from a quorum queue have no x-acquired-count header, and a nack with requeue counts as a failed delivery, as a reject does.',
    scenarios: [
      'a rejected message of a quorum queue has its deliveries counted',
      'a message of a quorum queue that goes back by nack',
      'a message that is rejected beyond the delivery limit is a dead letter',
      'without a dead-letter exchange a message beyond the limit is gone',
      'a lost connection counts as a delivery',
      'messages that go back to a quorum queue',
      'a channel of a quorum queue that is closed gives its messages back',
      'basic.recover with a quorum queue',
      "quorum: when the active consumer's connection ends its messages go to the next one",
      'messages of a quorum queue are settled with the commit',
    ],
  },
  {
    series: ['4.0'],
    what: 'A quorum queue has only two priorities, up to 4 and above, and alternates between them: two high-priority messages, then a normal one.',
    scenarios: ['high priorities of a quorum queue come before the others'],
  },
  {
    series: ['4.0', '3.10'],
    what: 'With the global flag, basic.qos sets a limit that all consumers on the channel share. 4.3 accepts the flag, but limits each consumer.',
    scenarios: ['a global limit is answered'],
  },
  {
    series: ['4.0', '3.10'],
    what: 'A frame_max of 4096 bytes is accepted. 4.3 requires 8192.',
    scenarios: ['the frame_max of 4096 bytes that the protocol promises is refused'],
  },
  {
    series: ['4.0', '3.10'],
    what: 'If a body is longer than announced, the broker only notices with the next frame, and refuses that with 505.',
    scenarios: ['more body than the header said'],
  },
  {
    series: ['4.0', '3.10'],
    what: 'A mandatory direct reply is returned, even though it arrives.',
    scenarios: ['a request is answered directly', 'an answer to a client that has gone is lost, and not returned'],
  },
  {
    series: ['4.0', '3.10'],
    what: "Non-durable exchanges don't survive a restart.",
    scenarios: ['exchanges and their bindings stay, also those that are not durable'],
  },
  {
    series: ['4.0', '3.10'],
    what: 'The argument x-consumer-timeout is unknown, but a version 1 queue is accepted.',
    scenarios: [
      'a quorum queue declared with another consumer timeout',
      'a queue of version 1, and of version 3',
      'arguments of quorum queues on a classic queue',
      "a quorum queue with values of x-consumer-timeout that can't be",
    ],
  },
  {
    series: ['3.10'],
    what: "A classic queue can't be declared with x-queue-leader-locator.",
    scenarios: ['a queue declared with another leader locator'],
  },
  {
    series: ['4.0'],
    what: 'A commit to a queue that has been deleted in the meantime fails with 406, and only ends the channel.',
    scenarios: ['the queue of a message is deleted before the commit'],
  },
  {
    series: ['3.10'],
    what: "A committed message goes to whichever queue has that name at the time of the commit. If there's none, it's returned.",
    scenarios: [
      'the queue of a message is deleted before the commit',
      'the queue of a message is deleted and declared again before the commit',
    ],
  },
  {
    series: ['3.10'],
    what: 'Dead letters have no x-last-death headers.',
    scenarios: [
      'a rejected message is dead-lettered, with its history in its headers',
      'a nacked message is dead-lettered',
      'a message that expires by its own time loses its expiration, and its history tells',
      'a message that expires by the time of its queue',
      'a message that is dropped for lack of room',
      'a dead letter keeps its routing key where no other is given',
      'a dead letter keeps its CC keys where no other key is given',
      'another key takes the place of the CC keys of a dead letter',
      'several dead letters keep their order',
      'dead letters to an exchange that is not there are gone',
      'a rejected message that circles comes back, and its count grows',
      'a history of two queues: the latest comes first',
      "an x-death of the publisher's own is not believed",
      'a dead letter is not confirmed to anybody',
      'a dead letter goes through an exchange to several queues',
      'a message that expires stays behind those of a higher priority',
      'a full queue drops its oldest messages, as dead letters',
      'overflow: drop-head is what a queue does anyway',
      'a queue of at most 0 messages',
      'a queue full of bytes drops its oldest messages',
      'a message larger than the queue may be',
      'of two limits the lower counts',
      'overflow: reject-publish-dlx refuses the newest, and makes dead letters of them',
      'a quorum queue drops its oldest messages',
      'unacknowledged messages do not count toward a limit',
      'a message that is rejected beyond the delivery limit is a dead letter',
      'a delivery limit of 0',
      'a lost connection counts as a delivery',
      'a message of a quorum queue that is rejected for good',
      'a message of a quorum queue with an expiration of its own',
      'messages of a queue with a time to live expire in order',
      'a message with an expiration of its own',
      'the shorter of both times counts',
      'a message expires at the head of its queue only',
      'a time to live of 0 without a consumer',
      'an expiration of 0',
      'an unacknowledged message does not expire before it goes back',
      'messages of a quorum queue expire',
      'a delayed retry: a waiting queue gives a message back to the first',
      'a rejected message is dead-lettered with the commit',
    ],
  },
  {
    series: ['3.10'],
    what: 'An x-death header from the publisher is trusted, and the broker continues its count.',
    scenarios: ["an x-death of the publisher's own is not believed"],
  },
  {
    series: ['3.10'],
    what: 'A quorum queue delivers in order, whatever the priorities, and its first x-delivery-count is 0.',
    scenarios: [
      'a quorum queue drops its oldest messages',
      'a quorum queue gives and takes as any other',
      'a delivery limit of 0',
      'a lost connection counts as a delivery',
      'a message of a quorum queue that is rejected for good',
      'messages that go back to a quorum queue',
      'high priorities of a quorum queue come before the others',
      'an acknowledgement of what a quorum queue never delivered',
      'basic.recover with a quorum queue',
      'a quorum queue keeps its messages',
      'a quorum queue takes what is committed',
      'messages of a quorum queue are settled with the commit',
    ],
  },
  {
    series: ['3.10'],
    what: 'A quorum queue has no default delivery limit.',
    scenarios: ['without a delivery limit of its own a quorum queue has one of 20'],
  },
  {
    series: ['3.10'],
    what: 'An unknown type of exchange closes the connection, with 503.',
    scenarios: ['an exchange of a type that nobody knows'],
  },
  {
    series: ['3.10'],
    what: 'A different queue type is reported like any other argument that differs.',
    scenarios: ['a queue declared with another type', 'a quorum queue declared as classic'],
  },
  {
    series: ['3.10'],
    what: 'Numbers in headers match whatever their types are.',
    scenarios: ['numbers of different types'],
  },
]
