import { type Spread, spread } from './measure.ts'

/** A line of the bench's table. */
export interface Row {
  what: string
  a: Spread
  /** Missing where a figure stands for itself. */
  b?: Spread
  ratio?: Spread
  unit: string
  limit: string
}

/** Measures two things in turn, A B A B …, after once each for nothing. */
export async function paired(
  what: string,
  a: () => Promise<number>,
  b: () => Promise<number>,
  pairs: number,
  unit: string,
  limit: string,
  compare: 'ratio' | 'difference' = 'ratio',
): Promise<Row> {
  await a()
  await b()
  return besides(what, a, b, pairs, unit, limit, compare)
}

/** As paired(), without a first time: for what takes minutes, or starts anew each time. */
export async function besides(
  what: string,
  a: () => Promise<number>,
  b: () => Promise<number>,
  pairs: number,
  unit: string,
  limit: string,
  compare: 'ratio' | 'difference' = 'ratio',
): Promise<Row> {
  const as: number[] = []
  const bs: number[] = []
  for (let pair = 0; pair < pairs; pair++) {
    as.push(await a())
    bs.push(await b())
  }
  const beside = (a: number, b: number) => (compare === 'ratio' ? a / b : a - b)
  const ratio = spread(as.map((value, i) => beside(value, bs[i] ?? Number.NaN)))
  return { what, a: spread(as), b: spread(bs), ratio, unit, limit }
}

export function said({ min, median, max }: Spread, unit: string): string {
  const digits = median >= 100 ? 0 : 2
  return `${median.toFixed(digits)} ${unit} (${min.toFixed(digits)} to ${max.toFixed(digits)})`
}
