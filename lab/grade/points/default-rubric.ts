/** What `grade --init` writes: the default, with every setting explained. */
export const DEFAULT_RUBRIC_TEXT = `# How 'npm run grade' calculates points. Without this file, the settings below apply.
version: 1

# What a lesson is worth, unless 'lessons' says otherwise.
points: 10

# steps: each step of a lesson earns its share of the points when all its expectations pass.
# working-and-passed: step 1 earns the share 'working', and all steps together earn everything.
award: steps
working: 0.5

# Settings for single lessons, by their number or name.
lessons: {}
#  5:
#    points: 20
#    steps: [1, 1, 2, 1]              # the weights of its steps; by default equal
#    due: 2026-12-01T23:59:00+01:00   # instead of late.due
#    canvas: 4711                     # the assignment's number in Canvas

# Late work. A lesson counts as handed in at the time of its file, or at the time in --submitted FILE (CSV: id, submitted).
late:
#  due: 2026-12-01T23:59:00+01:00
  graceMinutes: 0
  percentADay: 0      # of the points earned, for each day or part of a day
  mostPercent: 100

# This many lessons, those with the lowest share of points, don't count.
dropWorst: 0
`
