import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { QueueAddress } from '../../grade/queue/address.ts'
import { askGraders } from '../../grade/queue/ask.ts'
import { AskedFile } from '../../grade/queue/asked-file.ts'
import { type How, type ResultMessage, readTask, taskBody } from '../../grade/queue/messages.ts'
import type { Records, Verdicts } from '../../grade/record.ts'
import { filesOfLesson, type TreeFile } from '../../grade/submission/tree.ts'
import type { Lesson } from '../../lessons/lesson.ts'
import { errorReport, type Task } from './judge-one.ts'

export interface JudgeRemotely {
  address: QueueAddress
  version: string
  out: string
  records: Records
  how: How
  /** The hash of what judges a lesson. */
  labHashOf(lesson: string): string | undefined
  all: Pick<Lesson, 'name'>[]
  signal: AbortSignal
  tell(text: string): void
  onJudged(task: Task): void
}

/**
 * Has lessons judged by graders on other machines. Lessons with the same content have the same key, and one verdict. A
 * verdict is in its record before the broker forgets it.
 */
export async function judgeRemotely(tasks: Task[], judging: JudgeRemotely): Promise<void> {
  const { address, version, out, records, how, labHashOf, all, signal, tell, onJudged } = judging
  const keyOf = ({ id, lesson }: Task) => records.read(id)?.lessons[lesson]?.hash
  const byKey = Map.groupBy(
    tasks.flatMap((task) => ({ task, key: keyOf(task) ?? [] })),
    ({ key }) => String(key),
  )

  function bodyOf(key: string): Buffer | string {
    const [first] = byKey.get(key) ?? []
    if (first === undefined) return 'It is no longer needed.'
    const { tree, lesson } = first.task
    const body = taskBody({ key, lesson, how, files: filesOfLesson(filesIn(tree), lesson, all) })
    try {
      readTask(body, labHashOf)
      return body
    } catch (error) {
      return `It can't be sent to a grader: ${(error as Error).message}.`
    }
  }

  function keep(key: string, result: ResultMessage): void {
    for (const { task } of byKey.get(key) ?? []) {
      if (records.judge(task.id, task.lesson, verdictsOf(result, task.lesson))) onJudged(task)
    }
  }

  const file = new AskedFile(out)
  await askGraders({ address, version, file, keys: [...byKey.keys()], bodyOf, onResult: keep, signal, tell })
}

function verdictsOf(result: ResultMessage, lesson: string): Verdicts {
  if (result.outcome === 'judged' && result.judgement.report.lesson === lesson) return result
  const reason = result.outcome === 'dead' ? result.reason : 'A grader sent the verdict of another lesson.'
  const at = new Date().toISOString()
  return { judgement: { report: errorReport(lesson, reason, 0), broker: null, sandbox: 'unknown', at } }
}

/** What writeTree() has written. */
function filesIn(tree: string): TreeFile[] {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => ({ path: relative(tree, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }))
}
