import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Declared, Host } from './scenario.ts'

const KEY = Symbol.for('cluster-up.reader')

interface Reader extends Host {
  last?: Declared
  /** By lesson: a check file is loaded once in a process. */
  loaded: Map<string, Promise<Declared>>
}

/** The host of a thread that only reads what checks declare; undefined where vitest runs them. */
export function hostOfReader(): Host | undefined {
  return reader()
}

function reader(): Reader | undefined {
  return (globalThis as Record<symbol, unknown>)[KEY] as Reader | undefined
}

/** Loads a lesson's check outside vitest: what it declares, and nothing is run. */
export function declaredBy(lesson: string, root: string): Promise<Declared> {
  const host = reader() ?? becomeReader()
  const before = [...host.loaded.values()].at(-1)
  // One after the other, so that each check knows which file declared it.
  const loadNow = async () => {
    await before?.catch(() => {})
    await import(pathToFileURL(join(root, 'checks', `${lesson}.check.ts`)).href)
    if (host.last?.lesson !== lesson) throw new Error(`checks/${lesson}.check.ts begins no check of ${lesson}`)
    return host.last
  }
  const known = host.loaded.get(lesson) ?? loadNow()
  host.loaded.set(lesson, known)
  return known
}

function becomeReader(): Reader {
  const host: Reader = {
    loaded: new Map(),
    begins(declared) {
      host.last = declared
    },
    step: (_title, fill) => fill(),
    expectation: () => {},
  }
  ;(globalThis as Record<symbol, unknown>)[KEY] = host
  return host
}
