import { Writable } from 'node:stream'
import { GenericContainer, getContainerRuntimeClient, type WaitStrategy } from 'testcontainers'
import { ENABLED_PLUGINS, ERLANG_FLAGS } from '../rabbitmq/definitions.ts'
import { SUPERVISE } from '../rabbitmq/supervisor.ts'

export const AMQP_PORT = 5672
export const MANAGEMENT_PORT = 15672

/**
 * In the container, a folder in memory with the broker's files: it need not survive the container, and a busy disk
 * costs each boot, each virtual host and each confirm its time.
 */
export const MEMORY = '/lab'

/**
 * The first process in the container: runs what the image itself would run, and ends everything when its standard
 * input ends, which it does at the latest when the keeper dies. The end of process 1 is the end of all the others.
 */
const UNDER_LEASE = `
exec 3<&0
printf %s "$LAB_PLUGINS" >${MEMORY}/enabled_plugins && printf %s "$LAB_DEFINITIONS" >${MEMORY}/definitions.json || exit 1
unset LAB_PLUGINS LAB_DEFINITIONS
trap 'exit 143' TERM INT`

/** The broker is all that runs in the container. */
const AT_ONCE = `
"$@" </dev/null &
broker=$!
{ cat <&3 >/dev/null; kill -KILL $broker; } &
wait $broker`

/** The broker of a cluster's node: it is begun, and harmed, when the keeper says so, and the container stays. */
const WHEN_TOLD = `
printf %s "$LAB_CONFIG" >${MEMORY}/advanced.config || exit 1
unset LAB_CONFIG
start_node() { shift; "$@"; }
pid_file() { echo ${MEMORY}/pid; }
${SUPERVISE}`

/** What makes a container's broker one of several. */
export interface NodeOfCluster {
  /** Its host name on the network. */
  name: string
  network: string
  /** Erlang's: nodes that share it trust each other. */
  cookie: string
  /** RabbitMQ's advanced configuration. */
  config: string
}

/** A container of RabbitMQ that lives as long as the process that started it, with Ryuk and without. */
export class LeasedContainer extends GenericContainer {
  readonly #onLine: (line: string) => void
  #lease: NodeJS.ReadWriteStream | undefined
  #ended: Promise<number> | undefined

  /**
   * @param command the image's own entrypoint and command
   * @param definitions RabbitMQ's definitions file, imported at boot
   */
  constructor(options: {
    image: string
    command: string[]
    labels: Record<string, string>
    definitions: string
    loopbackOnly: boolean
    /** For a node of a cluster. */
    node?: NodeOfCluster
    onLine: (line: string) => void
  }) {
    super(options.image)
    this.#onLine = options.onLine
    // The lease does what Ryuk does, and sooner: no need for that image, or for waiting for it.
    this.withAutoCleanup(false)
      .withEntrypoint(['sh', '-c', UNDER_LEASE + (options.node ? WHEN_TOLD : AT_ONCE), 'lab'])
      .withCommand(options.command)
      .withLabels(options.labels)
      .withEnvironment({
        LAB_PLUGINS: ENABLED_PLUGINS,
        LAB_DEFINITIONS: options.definitions,
        // Without a file in its own language the broker need not load the schemas of all its plugins: 0.6 s of a boot.
        // What the image would say there, that guest may come from anywhere and that the log goes to the console, is
        // no matter here, or said below.
        RABBITMQ_CONFIG_FILE: `${MEMORY}/none.config`,
        RABBITMQ_CONFIG_FILES: `${MEMORY}/none/*.conf`,
        RABBITMQ_LOGS: '-',
        RABBITMQ_MNESIA_BASE: `${MEMORY}/data`,
        RABBITMQ_ENABLED_PLUGINS_FILE: `${MEMORY}/enabled_plugins`,
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-rabbit load_definitions "${MEMORY}/definitions.json" ${ERLANG_FLAGS}`,
      })
      .withTmpFs({ [MEMORY]: 'rw,mode=1777' })
      .withExposedPorts(AMQP_PORT, MANAGEMENT_PORT)
      .withWaitStrategy(noWait)
    if (options.node) this.#joins(options.node)
    Object.assign(this.createOpts, {
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    })
    this.hostConfig.AutoRemove = true
    if (options.loopbackOnly) {
      const here = [{ HostIp: '127.0.0.1', HostPort: '0' }]
      this.hostConfig.PortBindings = { [`${AMQP_PORT}/tcp`]: here, [`${MANAGEMENT_PORT}/tcp`]: here }
    }
  }

  #joins({ name, network, cookie, config }: NodeOfCluster): void {
    this.withNetworkMode(network)
      .withNetworkAliases(name)
      .withHostname(name)
      .withEnvironment({
        LAB_CONFIG: config,
        RABBITMQ_NODENAME: `rabbit@${name}`,
        RABBITMQ_ERLANG_COOKIE: cookie,
        RABBITMQ_ADVANCED_CONFIG_FILE: `${MEMORY}/advanced.config`,
        RABBITMQ_PID_FILE: `${MEMORY}/pid`,
      })
  }

  /** Between creation and start: from here on, the container's life hangs on this connection. */
  protected override async containerCreated(id: string): Promise<void> {
    const container = (await getContainerRuntimeClient()).container.getById(id)
    this.#lease = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
    const lines = lineWriter(this.#onLine)
    container.modem.demuxStream(this.#lease, lines, lines)
    this.#lease.on('error', () => {})
    this.#ended = container.wait({ condition: 'removed' }).then(
      ({ StatusCode: code }: { StatusCode: number }) => code,
      () => -1,
    )
  }

  /** Resolves with the exit code when the container is removed; -1 when Docker itself went away. */
  get ended(): Promise<number> {
    return this.#ended ?? Promise.resolve(-1)
  }

  /** Tells a node's supervisor something. */
  tell(line: string): void {
    this.#lease?.write(`${line}\n`)
  }

  endLease(): void {
    this.#lease?.end()
  }
}

/** The lab itself asks the port until it speaks AMQP, which is what counts. */
const noWait: WaitStrategy = {
  waitUntilReady: async () => {},
  withStartupTimeout: () => noWait,
  isStartupTimeoutSet: () => true,
  getStartupTimeout: () => 0,
}

function lineWriter(onLine: (line: string) => void): Writable {
  let rest = ''
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(onLine)
      done()
    },
  })
}
