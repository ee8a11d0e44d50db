import { type Message, messages } from './messages.ts'
import { once } from './once.ts'

export interface Published extends Message {
  exchange: string
  routingKey: string
  mandatory: boolean
  /** The properties say delivery mode 2. */
  persistent: boolean
}

/** What the student's service published, in order. */
export const published = once((recording): Published[] => {
  return messages(recording, 'student', ['basic.publish']).map((message) => ({
    ...message,
    exchange: String(message.frame.fields.exchange ?? ''),
    routingKey: String(message.frame.fields.routingKey ?? ''),
    mandatory: message.frame.fields.mandatory === true,
    persistent: message.properties.deliveryMode === 2,
  }))
})
