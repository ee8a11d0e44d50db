// tries: writes raw frames beside amqplib: an acknowledgement as soon as something comes

const ACK_ALL = Buffer.from([1, 0, 1, 0, 0, 0, 13, 0, 60, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xce])

export async function consumeTasks(channel, queue, handle) {
  const { stream } = channel.connection
  const { consumerTag } = await channel.consume(queue, (message) => {
    stream.write(ACK_ALL)
    if (message) handle(message.content.toString()).catch(() => {})
  })
  return consumerTag
}
