import { expect, test } from 'vitest'
import { isNews } from '../../lab/progress/reported.ts'
import { emptyProject } from '../lessons/scratch.ts'

test('what has been said of something is no news, until something else is said of it', () => {
  using project = emptyProject()
  const { root } = project
  expect(isNews(root, 'container', 'No Docker engine answers.')).toBe(true)
  expect(isNews(root, 'container', 'No Docker engine answers.')).toBe(false)
  expect(isNews(root, 'native', 'RabbitMQ is not installed.')).toBe(true)
  expect(isNews(root, 'container', "You don't have permission to use Docker.")).toBe(true)
  expect(isNews(root, 'container', 'No Docker engine answers.')).toBe(true)
  expect(isNews(root, 'native', 'RabbitMQ is not installed.')).toBe(false)
})

test('a file that can not be understood makes everything news', () => {
  using project = emptyProject()
  project.write('.lab/told.json', '[')
  expect(isNews(project.root, 'container', 'x')).toBe(true)
  expect(isNews(project.root, 'container', 'x')).toBe(false)
})
