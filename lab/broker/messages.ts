import { LabError } from '../errors.ts'

/** How many of a log's last lines are shown. */
const LOG_LINES = 12

/** Everything that a broker's failures say: a code that stays, one sentence, and what to do next. */
export const messages = {
  // Docker
  noDocker: (where: string, cause?: unknown) =>
    new LabError('docker-not-running', `No Docker engine answers at ${where}.`, {
      advice:
        'Start Docker (Docker Desktop, or `sudo systemctl start docker`), or install RabbitMQ for the native broker.',
      cause,
    }),
  dockerForbidden: (where: string, cause?: unknown) =>
    new LabError('docker-forbidden', `You don't have permission to use the Docker engine at ${where}.`, {
      advice:
        'Add yourself to the docker group (`sudo usermod -aG docker $USER`) and log in again, or use rootless Docker.',
      cause,
    }),
  dockerUnclear: (where: string, said: string) =>
    new LabError('docker-unclear', `The lab doesn't understand what the Docker engine at ${where} answered: ${said}.`, {
      advice: 'Check that `docker version` works and that DOCKER_HOST is set correctly.',
    }),
  imageUnreachable: (image: string, said: string) =>
    new LabError(
      'image-unreachable',
      `The image ${image} isn't on this machine, and its registry can't be reached: ${said}.`,
      {
        advice: `Connect to the network and try again, or set LAB_RABBITMQ_IMAGE to an image that \`docker images\` lists.`,
      },
    ),
  imageUnknown: (image: string, said: string) =>
    new LabError('image-unknown', `The registry doesn't provide the image ${image}: ${said}.`, {
      advice:
        'Check the spelling of LAB_RABBITMQ_IMAGE. For a private image, run `docker login` and `docker pull` first.',
    }),
  pullLimit: (image: string, said: string) =>
    new LabError(
      'pull-limit',
      `The registry won't send ${image} for now, because too many images were pulled from this network: ${said}.`,
      {
        advice: 'Run `docker login` (a free account has a higher limit) and `docker pull` the image, or wait an hour.',
      },
    ),
  pullFailed: (image: string, said: string) =>
    new LabError('pull-failed', `Pulling the image ${image} failed: ${said}.`, {
      advice: `Run \`docker pull ${image}\` to see why.`,
    }),
  containerRefused: (image: string, said: string, cause?: unknown) =>
    new LabError('container-refused', `Docker could not start a container of ${image}: ${said}.`, {
      advice: `Run \`docker run --rm ${image}\` to see why; \`docker system df\` shows whether the disk is full.`,
      cause,
    }),

  // Native
  nativeOnWindows: () =>
    new LabError('native-on-windows', 'The native broker is not supported on Windows.', {
      advice: 'Use Docker Desktop for the container broker.',
    }),
  nativeMissing: () =>
    new LabError('native-missing', 'RabbitMQ is not installed on this machine.', {
      advice:
        "Install it (`sudo apt install rabbitmq-server`, `brew install rabbitmq`). It doesn't have to be running.",
    }),
  epmdMissing: () =>
    new LabError('native-no-epmd', "RabbitMQ is installed, but Erlang's epmd was not found.", {
      advice: 'Add the folder that contains `epmd` (erts-*/bin in the Erlang installation) to your PATH.',
    }),
  portTaken: (port: number, log: readonly string[]) =>
    new LabError('port-taken', `Another program has taken port ${port}, which the broker needs.${excerpt(log)}`, {
      advice: 'Try again: the lab will choose other ports.',
    }),

  // Any RabbitMQ
  diedBooting: (how: string, log: readonly string[]) =>
    new LabError('broker-died-booting', `RabbitMQ exited while it was starting (${how}).${excerpt(log)}`, {
      advice:
        'Its last output, above, usually says why. Too little memory and a full disk are the most common reasons.',
    }),
  died: (how: string, log: readonly string[]) =>
    new LabError('broker-died', `RabbitMQ exited while it was in use (${how}).${excerpt(log)}`, {
      advice: 'Run the command again: the lab will start a new broker.',
    }),
  bootTookTooLong: (limitMs: number, last: string) =>
    new LabError(
      'boot-too-long',
      `RabbitMQ wasn't ready ${limitMs / 1000} s after it was started. Last seen: ${last}.`,
      {
        advice: 'Check whether the machine is out of memory or very busy, and try again.',
      },
    ),
  restartTookTooLong: (limitMs: number, last: string) =>
    new LabError(
      'restart-too-long',
      `RabbitMQ wasn't up again ${limitMs / 1000} s after a restart. Last seen: ${last}.`,
      {
        advice:
          'Check whether the machine is out of memory or very busy. `npm run doctor -- --stop` stops this broker.',
      },
    ),
  ctlFailed: (what: string, said: string) =>
    new LabError('rabbitmqctl-failed', `RabbitMQ didn't do what rabbitmqctl asked for (${what}): ${said.trim()}.`, {
      advice: '`npm run doctor -- --stop` stops this broker, and the next command starts a new one.',
    }),
  managementFailed: (what: string, answer: Error | { status: number; text: string }) =>
    new LabError(
      'management-failed',
      `A request to RabbitMQ's management API failed (${what}): ${answer instanceof Error ? answer.message : `${answer.status} ${answer.text.trim().slice(0, 200)}`}.`,
      { advice: '`npm run doctor -- --stop` stops this broker, and the next command starts a new one.' },
    ),
  connectionGone: (id: string) => new LabError('connection-gone', `The connection ${id} is no longer open.`),
  vhostClosed: (name: string) => new LabError('vhost-closed', `The virtual host ${name} is closed.`),

  // A cluster
  noTurnAtCluster: () =>
    new LabError('no-turn-at-cluster', 'Only the holder of a turn at a cluster may harm its nodes.'),
  noSuchNode: (node: string) => new LabError('no-such-node', `The cluster has no node ${node}.`),
  notAtCluster: (what: string) =>
    new LabError(
      'not-at-cluster',
      `The lab doesn't ${what} in a cluster: there, it only stops, kills or freezes nodes.`,
    ),
  nodeNotDown: (node: string, limitMs: number) =>
    new LabError('node-not-down', `The node ${node} of the cluster hadn't ended after ${limitMs / 1000} s.`, {
      advice: '`npm run doctor -- --stop` stops this cluster, and the next command starts a new one.',
    }),
  nodeNotUp: (node: string, limitMs: number, last: string) =>
    new LabError('node-not-up', `The node ${node} wasn't up again after ${limitMs / 1000} s. Last seen: ${last}.`, {
      advice: '`npm run doctor -- --stop` stops this cluster, and the next command starts a new one.',
    }),
  clusterNotWhole: (limitMs: number, last: string) =>
    new LabError(
      'cluster-not-whole',
      `The three nodes hadn't formed a cluster after ${limitMs / 1000} s. Last seen: ${last}.`,
      {
        advice:
          'Check whether the machine is out of memory or very busy. `npm run doctor -- --stop` stops this cluster.',
      },
    ),

  // The keeper
  keeperDied: (kind: string, how: string, log: readonly string[]) =>
    new LabError(
      'keeper-died',
      `The process that looks after the ${kind} broker exited immediately (${how}).${excerpt(log)}`,
      {
        advice: 'Run the command again. If it happens again, run `npm ci` to repair an incomplete installation.',
      },
    ),
  keeperSilent: (pid: number) =>
    new LabError('keeper-silent', `The process that looks after the broker (${pid}) isn't answering.`, {
      advice: `Kill it (\`kill -9 ${pid}\`) and run the command again. Its broker stops with it.`,
    }),
  keeperUnsettled: (kind: string) =>
    new LabError(
      'keeper-unsettled',
      `Each process that was started to look after the ${kind} broker was gone within moments.`,
      {
        advice: 'Run the command again; `npm run doctor` shows which brokers can be used here.',
      },
    ),
  badRequest: (what: string) =>
    new LabError('bad-request', `The process that looks after the broker doesn't understand ${what}.`, {
      advice:
        'Was the lab updated while a broker was warm? Run `npm run doctor -- --stop`, then run the command again.',
    }),
  brokerGone: (kind: string, key: string) =>
    new LabError('broker-gone', `The ${kind} broker ${key} is no longer running.`, {
      advice: 'Run the command again: the lab will start a new broker.',
    }),
  brokerLost: () =>
    new LabError('broker-lost', 'The broker, or the process that looks after it, has ended.', {
      advice: 'Run the command again: the lab will start a new broker.',
    }),
  brokerStopped: () =>
    new LabError('broker-stopped', 'The broker was stopped.', {
      advice: 'Run the command again: the lab will start a new broker.',
    }),
  released: () => new LabError('broker-released', 'The lease on this broker has ended.'),
  notUsable: (kind: string, probe: { text: string; advice?: string | undefined }) =>
    new LabError(`${kind}-not-usable`, probe.text, { advice: probe.advice ?? 'Run `npm run doctor`.' }),
  notDownloadedYet: (kind: string, text: string) =>
    new LabError(
      'not-downloaded-yet',
      `Another broker is already warm, and this one has to be downloaded first: ${text}.`,
      {
        advice: `To download it now, choose it by name: --broker ${kind}.`,
      },
    ),
  noBroker: (reasons: readonly { kind: string; error: LabError }[]) =>
    new LabError(
      'no-broker',
      `No broker can be used here.${reasons.map(({ kind, error }) => `\n  ${kind}: ${error.message}`).join('')}`,
      {
        advice: reasons.map(({ kind, error }) => `for ${kind}: ${error.advice ?? 'see npm run doctor'}`).join('\n'),
      },
    ),
}

function excerpt(log: readonly string[]): string {
  const last = log.filter((line) => line.trim() !== '').slice(-LOG_LINES)
  return last.length === 0 ? '' : `\nIts last output:\n${last.map((line) => `  ${line}`).join('\n')}`
}
