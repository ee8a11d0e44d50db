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
    new LabError('docker-forbidden', `You have no right to use the Docker engine at ${where}.`, {
      advice:
        'Add yourself to the group docker (`sudo usermod -aG docker $USER`) and log in again, or use rootless Docker.',
      cause,
    }),
  dockerUnclear: (where: string, said: string) =>
    new LabError(
      'docker-unclear',
      `The Docker engine at ${where} gave an answer that the lab does not understand: ${said}.`,
      {
        advice: 'See whether `docker version` works, and what DOCKER_HOST is set to.',
      },
    ),
  imageUnreachable: (image: string, said: string) =>
    new LabError('image-unreachable', `The image ${image} is not here, and its registry can't be reached: ${said}.`, {
      advice: `Connect to the network and try again, or set LAB_RABBITMQ_IMAGE to an image that \`docker images\` lists.`,
    }),
  imageUnknown: (image: string, said: string) =>
    new LabError('image-unknown', `The registry gives no image ${image}: ${said}.`, {
      advice:
        'See whether LAB_RABBITMQ_IMAGE is spelt right; for a private image, `docker login` and `docker pull` it first.',
    }),
  pullLimit: (image: string, said: string) =>
    new LabError(
      'pull-limit',
      `The registry refuses to send ${image} for now, as too many images were pulled from here: ${said}.`,
      {
        advice: 'Run `docker login` (a free account has a higher limit) and `docker pull` the image, or wait an hour.',
      },
    ),
  pullFailed: (image: string, said: string) =>
    new LabError('pull-failed', `Pulling the image ${image} failed: ${said}.`, {
      advice: `See what \`docker pull ${image}\` says.`,
    }),
  containerRefused: (image: string, said: string, cause?: unknown) =>
    new LabError('container-refused', `Docker could not start a container of ${image}: ${said}.`, {
      advice: `See what \`docker run --rm ${image}\` says; \`docker system df\` shows whether the disk is full.`,
      cause,
    }),

  // Native
  nativeOnWindows: () =>
    new LabError('native-on-windows', 'The native broker is not supported on Windows.', {
      advice: 'Use Docker Desktop for the container broker.',
    }),
  nativeMissing: () =>
    new LabError('native-missing', 'RabbitMQ is not installed on this machine.', {
      advice: 'Install it (`sudo apt install rabbitmq-server`, `brew install rabbitmq`); it need not be running.',
    }),
  epmdMissing: () =>
    new LabError('native-no-epmd', "RabbitMQ is installed, but Erlang's epmd was not found.", {
      advice: 'Put the folder of `epmd` (in Erlang, under erts-*/bin) on the PATH.',
    }),
  portTaken: (port: number, log: readonly string[]) =>
    new LabError('port-taken', `Another program has taken port ${port}, which the broker needs.${excerpt(log)}`, {
      advice: 'Try again: the lab then chooses other ports.',
    }),

  // Any RabbitMQ
  diedBooting: (how: string, log: readonly string[]) =>
    new LabError('broker-died-booting', `RabbitMQ ended while it was booting (${how}).${excerpt(log)}`, {
      advice: 'Its last words above mostly tell why; too little memory or a full disk are the usual reasons.',
    }),
  died: (how: string, log: readonly string[]) =>
    new LabError('broker-died', `RabbitMQ ended while it was in use (${how}).${excerpt(log)}`, {
      advice: 'Run the command again: a new broker is then started.',
    }),
  bootTookTooLong: (limitMs: number, last: string) =>
    new LabError(
      'boot-too-long',
      `RabbitMQ was not ready ${limitMs / 1000} s after it was started; last seen: ${last}.`,
      {
        advice: 'See whether the machine is out of memory or very busy, and try again.',
      },
    ),
  restartTookTooLong: (limitMs: number, last: string) =>
    new LabError('restart-too-long', `RabbitMQ was not back ${limitMs / 1000} s after a restart; last seen: ${last}.`, {
      advice: 'See whether the machine is out of memory or very busy; `npm run doctor -- --stop` ends this broker.',
    }),
  ctlFailed: (what: string, said: string) =>
    new LabError('rabbitmqctl-failed', `RabbitMQ did not do what rabbitmqctl asked for (${what}): ${said.trim()}.`, {
      advice: '`npm run doctor -- --stop` ends this broker; the next command starts a new one.',
    }),
  managementFailed: (what: string, answer: Error | { status: number; text: string }) =>
    new LabError(
      'management-failed',
      `RabbitMQ's management API did not do ${what}: ${answer instanceof Error ? answer.message : `${answer.status} ${answer.text.trim().slice(0, 200)}`}.`,
      { advice: '`npm run doctor -- --stop` ends this broker; the next command starts a new one.' },
    ),
  connectionGone: (id: string) => new LabError('connection-gone', `The connection ${id} is not open any more.`),
  vhostClosed: (name: string) => new LabError('vhost-closed', `The virtual host ${name} is closed.`),

  // A cluster
  noTurnAtCluster: () => new LabError('no-turn-at-cluster', 'Only who has a turn at a cluster may harm its nodes.'),
  noSuchNode: (node: string) => new LabError('no-such-node', `The cluster has no node ${node}.`),
  notAtCluster: (what: string) =>
    new LabError('not-at-cluster', `The lab does not ${what} at a cluster: its nodes are what is harmed there.`),
  nodeNotDown: (node: string, limitMs: number) =>
    new LabError(
      'node-not-down',
      `The node ${node} of the cluster was still there ${limitMs / 1000} s after it was ended.`,
      {
        advice: '`npm run doctor -- --stop` ends this cluster; the next command starts a new one.',
      },
    ),
  nodeNotUp: (node: string, limitMs: number, last: string) =>
    new LabError('node-not-up', `The node ${node} was not back after ${limitMs / 1000} s; last seen: ${last}.`, {
      advice: '`npm run doctor -- --stop` ends this cluster; the next command starts a new one.',
    }),
  clusterNotWhole: (limitMs: number, last: string) =>
    new LabError(
      'cluster-not-whole',
      `The three nodes were no cluster after ${limitMs / 1000} s; last seen: ${last}.`,
      {
        advice: 'See whether the machine is out of memory or very busy; `npm run doctor -- --stop` ends this cluster.',
      },
    ),

  // The keeper
  keeperDied: (kind: string, how: string, log: readonly string[]) =>
    new LabError(
      'keeper-died',
      `The process that looks after the ${kind} broker ended at once (${how}).${excerpt(log)}`,
      {
        advice: 'Run the command again; if it happens again, `npm ci` repairs an incomplete installation.',
      },
    ),
  keeperSilent: (pid: number) =>
    new LabError('keeper-silent', `The process that looks after the broker (${pid}) does not answer.`, {
      advice: `End it (\`kill -9 ${pid}\`) and run the command again: nothing of its broker stays.`,
    }),
  keeperUnsettled: (kind: string) =>
    new LabError('keeper-unsettled', `No process came to look after the ${kind} broker for longer than a moment.`, {
      advice: 'Run the command again; `npm run doctor` shows which brokers there are.',
    }),
  badRequest: (what: string) =>
    new LabError('bad-request', `The process that looks after the broker does not understand ${what}.`, {
      advice: 'Was the lab updated while a broker was warm? `npm run doctor -- --stop`, then run the command again.',
    }),
  brokerGone: (kind: string, key: string) =>
    new LabError('broker-gone', `The ${kind} broker ${key} is not there any more.`, {
      advice: 'Run the command again: a new broker is then started.',
    }),
  brokerLost: () =>
    new LabError('broker-lost', 'The broker, or the process that looks after it, has ended.', {
      advice: 'Run the command again: a new broker is then started.',
    }),
  brokerStopped: () =>
    new LabError('broker-stopped', 'The broker was stopped.', {
      advice: 'Run the command again: a new broker is then started.',
    }),
  released: () => new LabError('broker-released', 'The lease on this broker has ended.'),
  notUsable: (kind: string, probe: { text: string; advice?: string | undefined }) =>
    new LabError(`${kind}-not-usable`, probe.text, { advice: probe.advice ?? 'Run `npm run doctor`.' }),
  notDownloadedYet: (kind: string, text: string) =>
    new LabError('not-downloaded-yet', `Another broker is warm, and this one needs a download: ${text}.`, {
      advice: `Choose it by name (--broker ${kind}) to have it downloaded now.`,
    }),
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
  return last.length === 0 ? '' : `\nIts last words:\n${last.map((line) => `  ${line}`).join('\n')}`
}
