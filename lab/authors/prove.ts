import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWanted } from '../check/check.ts'
import { kept, NOTHING } from '../check/kept.ts'
import { loadCheck } from '../check/load.ts'
import type { Session, Wanted } from '../check/session.ts'
import { LabError } from '../errors.ts'
import type { Lesson } from '../lessons/lesson.ts'
import type { Recording } from '../recording/recording.ts'
import type { CheckReport, Judged } from '../report/report.ts'
import { mistakesOf, variantsOf } from './mistakes.ts'
import { marksOf, type Needs, needsOf } from './ticks.ts'
import { inTreeOfItsOwn } from './tree.ts'
import { wronglyJudgedMistake, wronglyJudgedRight, wronglyJudgedStarter } from './verdicts.ts'

/** One thing to prove of a lesson's check. */
export interface Claim {
  lesson: string
  /** What it plays restarts the broker. */
  restarts: boolean
  /** What it plays needs a cluster, at which scenarios take turns. */
  atCluster: boolean
  /** It looks at what the other claims of its lesson have found: it means something only after all of them. */
  afterOthers: boolean
  /** 'solution', 'starter', 'variant NAME', 'mistake NAME', 'every expectation is named by a mistake' */
  name: string
  /** Resolves with why it does not hold, or undefined. */
  prove: (session: Judging) => Promise<string | undefined>
}

/** What judges, on a broker of the caller's. */
export type Judging = Pick<Session, 'check'>

type How = Pick<Wanted, 'only' | 'directly' | 'onJudged'> & {
  /** Called with the recordings when it has been judged. */
  onRecorded?: (recordingOf: (scenario: string) => Recording) => void
}

export interface ClaimOptions {
  root: string
  /** Mistakes play only the scenarios that their expectation needs. */
  briefly: boolean
}

/** All that a lesson's check has to show: it accepts what is right and rejects what is wrong, for the right reason. */
export async function claimsOf(lesson: Lesson, { root, briefly }: ClaimOptions): Promise<Claim[]> {
  const judge = async (session: Judging, source: string, { onRecorded, ...how }: How = {}): Promise<Judged> => {
    const report = await inTreeOfItsOwn(lesson.name, source, async (tree) => {
      const record = onRecorded ? join(tree, 'recordings') : null
      const judged = await session.check({ lessons: [lesson.name], tree, record, ...how })
      if (record !== null) onRecorded?.((scenario) => kept(record, lesson.name, scenario))
      return judged
    })
    const [judged] = report.lessons
    if (!judged) throw new LabError('no-report', `The check of ${lesson.name} left no report.`)
    return { report: judged, broker: report.broker }
  }
  const check = await loadCheck(lesson.name, root)
  /** What playing what these expectations read, or all of them, takes of a broker. */
  const takes = (only: string[] = []) => {
    const played = check.scenarios.filter((one) => isWanted(one, check, only))
    return {
      restarts: played.some(({ restarts }) => restarts),
      atCluster: played.some(({ needs }) => needs.includes('cluster')),
    }
  }
  const [solution, starter, variants, mistakes] = await Promise.all([
    readFile(lesson.solution, 'utf8'),
    readFile(lesson.starter, 'utf8'),
    variantsOf(root, lesson.name),
    mistakesOf(root, lesson.name),
  ])
  const nothing = { restarts: false, atCluster: false }
  const claim = (name: string, prove: Claim['prove'], what = takes()): Claim => {
    return { lesson: lesson.name, name, prove, afterOthers: false, ...what }
  }
  let needs: Needs = new Map()
  const solved = claim('solution', async (session) => {
    const onRecorded: How['onRecorded'] = (recordingOf) => {
      needs = needsOf(check, recordingOf)
    }
    const { report, broker } = await judge(session, solution, { onRecorded })
    return wronglyJudgedRight(report, isInPart(broker))
  })
  // It has not begun to work, or the next lesson would be open to who has done nothing.
  const beginning = briefly ? check.expectations.filter(({ step }) => step === 1).map(({ title }) => title) : []
  const first = claim(
    'starter',
    async (session) =>
      wronglyJudgedStarter((await judge(session, starter, { only: beginning, directly: true })).report),
    takes(beginning),
  )
  const right = variants.map((variant) =>
    claim(`variant ${variant.name}`, async (session) => {
      const { report, broker } = await judge(session, variant.source, { directly: true })
      return wronglyJudgedRight(report, isInPart(broker))
    }),
  )
  const ticks: { mistake: string; title: string; reached: string[] }[] = []
  const wrong = mistakes.map((mistake) => {
    const only = briefly ? [mistake.expectation] : []
    const prove = async (session: Judging) => {
      const { report, broker } = await judge(session, mistake.source, {
        only,
        directly: true,
        onJudged(title, { meta, recordings }) {
          if (meta.verdict === 'passed') ticks.push({ mistake: mistake.name, title, reached: marksOf(recordings) })
        },
      })
      if (isOlder(broker, mistake.from)) return wronglyJudgedRight(report, isInPart(broker))
      return wronglyJudgedMistake(report, mistake, isInPart(broker))
    }
    return claim(`mistake ${mistake.name}`, prove, takes(only))
  })
  const empty = claim(
    'no expectation passes on an empty recording',
    async (session) => onNothing(session, lesson, root),
    nothing,
  )
  const named = claim(
    'every expectation is failed by a mistake',
    async () => {
      const titles = check.expectations.map(({ title }) => title)
      const missing = titles.filter((title) => !mistakes.some((mistake) => mistake.expectation === title))
      return missing.length === 0
        ? undefined
        : ['no mistake names:', ...missing.map((title) => `    ${title}`)].join('\n')
    },
    nothing,
  )
  const everyTickIsEvident = async () => {
    const bare = ticks.flatMap(({ mistake, title, reached }) => {
      const missing = (needs.get(title) ?? []).filter((mark) => !reached.includes(mark))
      return missing.length === 0
        ? []
        : [`    ${mistake}: '${title}' passes, but the scenario never reached ${missing.join(', ')}`]
    })
    return bare.length === 0 ? undefined : ['ticks without evidence:', ...bare].join('\n')
  }
  const evident: Claim = {
    ...claim('every tick that a mistake gets has its evidence', everyTickIsEvident, nothing),
    afterOthers: true,
  }
  const enough = claim(
    'there are four variants and eight mistakes',
    async () =>
      variants.length >= 4 && mistakes.length >= 8
        ? undefined
        : `has ${variants.length} variants and ${mistakes.length} mistakes`,
    nothing,
  )
  return [solved, first, ...right, ...wrong, enough, empty, named, evident]
}

/** The lab's own broker is one process, and no cluster. */
function isInPart(broker: CheckReport['broker']): boolean {
  return broker?.kind === 'embedded'
}

/** Whether it is a RabbitMQ of an older series than this: '3.10.8' is older than '4.0'. */
function isOlder(broker: CheckReport['broker'], series: string | undefined): boolean {
  if (broker?.product !== 'RabbitMQ' || series === undefined) return false
  return broker.version.localeCompare(series, 'en', { numeric: true }) < 0
}

/** Judges recordings in which nothing happened: whatever passes there passes without evidence. */
async function onNothing(session: Judging, lesson: Lesson, root: string): Promise<string | undefined> {
  const tree = join(root, 'solutions')
  const report = await session.check({ lessons: [lesson.name], tree, from: NOTHING, directly: true })
  const judged = report.lessons[0]
  const passed =
    judged?.expectations.filter((expectation) => !['failed', 'not-reached'].includes(expectation.verdict)) ?? []
  if (judged && judged.expectations.length > 0 && passed.length === 0) return undefined
  return [
    'passes without any evidence:',
    ...passed.map((one) => `    ${one.title}: ${one.verdict} ${one.message ?? ''}`),
  ].join('\n')
}
