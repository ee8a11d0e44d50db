import { parseArgs } from 'node:util'
import { KINDS, type KindName } from '../broker/kinds/kind.ts'
import { LabError } from '../errors.ts'

export interface CheckOptions {
  /** As typed: '2', '02', '02-retrying-connection'. */
  lessons: string[]
  all: boolean
  tree: string | undefined
  broker: 'auto' | KindName
  fresh: boolean
  json: boolean
  junit: string | undefined
  record: string | undefined
  from: string | undefined
  watch: boolean
  /** Show all that happened, too. */
  verbose: boolean
}

const USAGE = `Usage: npm run check -- [LESSON ...] [--all] [--watch] [--tree DIR] [--broker auto|container|native|embedded] [--fresh]
                        [--json] [--junit FILE] [--record DIR] [--from DIR] [--verbose]
A LESSON is 2, 02 or 02-retrying-connection. Without one: the first lesson that you have not passed.`

const BROKERS: readonly string[] = ['auto', ...KINDS]

/** What was typed behind `npm run check --`. @throws LabError 'usage' */
export function parseCheck(args: string[]): CheckOptions {
  const { values, positionals } = parsed(args)
  const options = {
    lessons: positionals,
    all: values.all ?? false,
    tree: values.tree,
    broker: (values.broker ?? 'auto') as 'auto' | KindName,
    fresh: values.fresh ?? false,
    json: values.json ?? false,
    junit: values.junit,
    record: values.record,
    from: values.from,
    watch: values.watch ?? false,
    verbose: values.verbose ?? false,
  }
  if (!BROKERS.includes(options.broker)) throw usage(`There is no broker '${options.broker}'.`)
  if (options.all && positionals.length > 0) throw usage('Say either --all or which lessons, not both.')
  if (options.watch && (options.json || options.from !== undefined))
    throw usage('--watch goes neither with --json nor with --from.')
  if (options.from !== undefined && options.record !== undefined)
    throw usage('--record plays, --from does not: say one of them.')
  for (const name of ['tree', 'junit', 'record', 'from'] as const) {
    if (options[name] === '') throw usage(`--${name} needs a path.`)
  }
  return options
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        tree: { type: 'string' },
        broker: { type: 'string' },
        fresh: { type: 'boolean' },
        json: { type: 'boolean' },
        junit: { type: 'string' },
        record: { type: 'string' },
        from: { type: 'string' },
        watch: { type: 'boolean' },
        verbose: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw usage(`${(error as Error).message.split('. ')[0]}.`)
  }
}

function usage(problem: string): LabError {
  return new LabError('usage', problem, { advice: USAGE })
}
