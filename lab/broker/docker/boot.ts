import type { StartedTestContainer } from 'testcontainers'
import { LogTail } from '../keeper/log-tail.ts'
import type { BootOptions, KeptBroker } from '../kept-broker.ts'
import { messages } from '../messages.ts'
import { prepareBirth } from '../rabbitmq/definitions.ts'
import { type RabbitNode, whenReady } from '../rabbitmq/rabbitmq.ts'
import { employJanitor } from './employ-janitor.ts'
import { labelsOf } from './labels.ts'
import { LOOPBACK, prepareDocker } from './prepare.ts'
import { sweepContainers } from './sweep.ts'

/**
 * rabbitmqctl is an Erlang machine of its own, and takes a second to start and much computing. Where the image has
 * Erlang's erl_call, that asks the broker at once; where it has not, or it can't, rabbitmqctl does.
 */
const EVALUATE = `
cookie=$(cat "$HOME/.erlang.cookie" 2>/dev/null || cat /var/lib/rabbitmq/.erlang.cookie)
node=\${RABBITMQ_NODENAME:-rabbit@$(hostname -s)}
said=$(printf '%s\\n' "$1" | erl_call -timeout 60 -sname "$node" -c "$cookie" -e 2>/dev/null)
[ "$said" = '{ok, ok}' ] || exec rabbitmqctl eval "$1"`

/** Boots RabbitMQ in a container of the image; see Kind.boot. */
export async function bootContainer(options: BootOptions): Promise<KeptBroker> {
  const { engine, image, command, host, LeasedContainer, AMQP_PORT, MANAGEMENT_PORT } = await prepareDocker(options)
  options.report('preparing', `starting a container of ${image}`)
  const janitor = employJanitor(engine, options.owner)
  const birth = prepareBirth()
  const log = new LogTail(options.log)
  const container = new LeasedContainer({
    image,
    command,
    labels: labelsOf(options.owner),
    definitions: birth.definitions,
    loopbackOnly: host === LOOPBACK,
    onLine: log.add,
  })
  let started: StartedTestContainer
  try {
    options.signal.throwIfAborted()
    started = await container.start()
  } catch (error) {
    container.endLease()
    for (const { id } of await engine.containers(labelsOf(options.owner))) await engine.removeContainer(id)
    options.signal.throwIfAborted()
    if (log.lines.length > 0) throw messages.diedBooting('its container ended', log.lines)
    throw messages.containerRefused(image, error instanceof Error ? error.message : String(error), error)
  } finally {
    janitor.done()
  }
  options.report('booting', `RabbitMQ is booting in a container of ${image}`)
  void sweepContainers(engine, options.owner.folder).catch((error: unknown) => options.log(`sweep: ${error}`))

  let ready = false
  let stopping = false
  const node: RabbitNode = {
    host,
    port: started.getMappedPort(AMQP_PORT),
    managementPort: started.getMappedPort(MANAGEMENT_PORT),
    died: container.ended.then((code) => {
      if (stopping) return new Promise<never>(() => {})
      const how = code < 0 ? 'Docker itself went away' : `its container exited with code ${code}`
      return ready ? messages.died(how, log.lines) : messages.diedBooting(how, log.lines)
    }),
    evaluate: (expression) => started.exec(['sh', '-c', EVALUATE, 'lab', expression]),
    ctl: (args) => started.exec(['rabbitmqctl', ...args]),
    async stop() {
      stopping = true
      container.endLease()
      await engine.removeContainer(started.getId())
      await container.ended
    },
  }
  const broker = await whenReady('container', node, birth, options)
  ready = true
  return broker
}
