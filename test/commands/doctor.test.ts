import { expect, test } from 'vitest'
import { lacksOf } from '../../lab/commands/doctor.ts'

test('the doctor says what the lab lacks on each system', () => {
  expect(lacksOf('linux')).toEqual([])
  expect(lacksOf('darwin').join('\n')).toContain('There is no /proc,')
  expect(lacksOf('win32').join('\n')).toContain('SIGINT or SIGTERM')
  expect(lacksOf('win32').length).toBeGreaterThan(lacksOf('darwin').length)
})
