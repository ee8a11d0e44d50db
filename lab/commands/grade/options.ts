import { DETAILS } from '../../grade/graded.ts'
import { SANDBOXES } from '../../sandbox/found.ts'
import { BROKER, count, flag, oneOf, path, text, type Values } from '../options.ts'

export const QUEUE = text(
  'URL',
  'the URL of a RabbitMQ',
  'the RabbitMQ through which grade and its graders communicate',
)

/** What `npm run grade` takes. */
export const GRADE_OPTIONS = {
  out: path('OUT', 'where the results go; by default grades/'),
  lessons: text('LESSONS', 'lessons', 'which lessons: 1-7, or 4, or 1-3,8; by default all'),
  rubric: path('FILE', 'how points are calculated; --init writes one'),
  students: path('FILE', 'a CSV of the students: id, name, email, section'),
  submitted: path(
    'FILE',
    'a CSV of when each submission was handed in: id, submitted; by default the time of the file',
  ),
  details: oneOf('degree of detail', DETAILS, 'what students see; by default what failed'),
  sandbox: oneOf(
    'sandbox',
    ['auto', ...SANDBOXES, 'none'],
    'the sandbox that submissions run in; by default the first that works',
  ),
  broker: BROKER,
  timeout: count('how many seconds the check of a lesson may take'),
  queue: QUEUE,
  shard: text('N/M', 'a share', 'judge only this share of the class: 2/5 is the second of five'),
  merge: flag('join the results of other folders: npm run grade -- --merge OUT OUT ...'),
  init: flag('write rubric.yaml, with every setting explained, then exit'),
}

export type GradeOptions = Values<typeof GRADE_OPTIONS>
