import { timed } from './measure.ts'
import { paired, type Row } from './rows.ts'

/** A check in a sandbox, beside one without; both through npm run, on a warm broker. */
export async function sandboxed(broker: string, sandbox: string, pairs: number): Promise<Row> {
  const check = (where: string) => () =>
    timed('npm', ['run', '-s', 'check', '--', '4', '--tree', 'solutions', '--broker', broker, '--sandbox', where])
  const what = `check of lesson 04's solution in ${sandbox} / without a sandbox`
  return paired(what, check(sandbox), check('none'), pairs, 'ms', 'at most 1.3')
}
