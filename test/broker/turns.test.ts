import { expect, test } from 'vitest'
import { TurnEnded, Turns } from '../../lab/broker/keeper/turns.ts'

/** Turns whose restarts the test ends itself, and a diary of what has happened so far. */
function scene() {
  const diary: string[] = []
  const restarts: PromiseWithResolvers<void>[] = []
  const turns = new Turns(() => {
    diary.push('restarting')
    const restart = Promise.withResolvers<void>()
    restarts.push(restart)
    return restart.promise
  })
  const note = (what: string, promise: Promise<void>) =>
    promise.then(
      () => diary.push(what),
      (error: Error) => diary.push(`${what}: ${error.message}`),
    )
  return {
    diary,
    turns,
    enter(id: string, mayRestart = false) {
      void note(`${id} in`, turns.enter(id, mayRestart))
      return settled()
    },
    restart(id: string) {
      void note(`${id} restarted`, turns.restart(id))
      return settled()
    },
    async finishRestart(error?: Error) {
      if (error) restarts.shift()?.reject(error)
      else restarts.shift()?.resolve()
      await settled()
    },
  }
}

/** All promises that can settle have. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('turns share the broker', async () => {
  const { diary, enter } = scene()
  await enter('a')
  await enter('b', true)
  expect(diary).toEqual(['a in', 'b in'])
})

test('a restart waits until every other turn has ended', async () => {
  const { diary, turns, enter, restart, finishRestart } = scene()
  await enter('reader')
  await enter('restarter', true)
  await restart('restarter')
  await settled()
  expect(diary).toEqual(['reader in', 'restarter in'])
  turns.leave('reader')
  await settled()
  expect(diary.at(-1)).toBe('restarting')
  await finishRestart()
  expect(diary.at(-1)).toBe('restarter restarted')
})

test('one restart serves all who want one', async () => {
  const { diary, enter, restart, finishRestart } = scene()
  for (const id of ['a', 'b', 'c']) await enter(id, true)
  await restart('b')
  await restart('a')
  await settled()
  expect(diary).not.toContain('restarting')
  await restart('c')
  await finishRestart()
  expect(diary.slice(3).toSorted()).toEqual(['a restarted', 'b restarted', 'c restarted', 'restarting'])
})

test('while a restart is wanted or under way, newcomers wait, and then come in', async () => {
  const { diary, turns, enter, restart, finishRestart } = scene()
  await enter('reader')
  await enter('restarter', true)
  await restart('restarter')
  await enter('newcomer')
  turns.leave('reader')
  await enter('another', true)
  await settled()
  expect(diary).toEqual(['reader in', 'restarter in', 'restarting'])
  await finishRestart()
  expect(diary.slice(3).toSorted()).toEqual(['another in', 'newcomer in', 'restarter restarted'])
})

test('a turn can restart more than once', async () => {
  const { diary, enter, restart, finishRestart } = scene()
  await enter('a', true)
  await restart('a')
  await finishRestart()
  await restart('a')
  await finishRestart()
  expect(diary).toEqual(['a in', 'restarting', 'a restarted', 'restarting', 'a restarted'])
})

test('whoever leaves is waited for no longer, at any stage', async () => {
  const { diary, turns, enter, restart } = scene()
  await enter('reader')
  await enter('restarter', true)
  await restart('restarter')
  await enter('queued')
  turns.leave('queued')
  turns.leave('restarter')
  await enter('newcomer')
  await settled()
  expect(diary.toSorted()).toEqual([
    'newcomer in',
    'queued in: the turn has ended',
    'reader in',
    'restarter in',
    'restarter restarted: the turn has ended',
  ])
})

test('a restart that fails is told to all who wanted it, and the turns go on', async () => {
  const { diary, enter, restart, finishRestart } = scene()
  await enter('a', true)
  await restart('a')
  await finishRestart(new Error('no'))
  await enter('b')
  await settled()
  expect(diary).toEqual(['a in', 'restarting', 'a restarted: no', 'b in'])
})

test('misuse is refused', async () => {
  const { turns, enter } = scene()
  await enter('reader')
  expect(() => turns.restart('reader')).toThrow('{ restarts: true }')
  expect(() => turns.restart('nobody')).toThrow(TurnEnded)
  turns.leave('nobody')
})
