/** What `grade --init` writes: the default, with every setting explained. */
export const DEFAULT_RUBRIC_TEXT = `# What the points of 'npm run grade' come from. Without this file: the same as below.
version: 1

# What a lesson is worth, unless it says so itself.
points: 10

# steps: each step of a lesson is worth its share, and counts when all its expectations pass.
# working-and-passed: the share 'working' for step 1, all of it when every step passes.
award: steps
working: 0.5

# Of single lessons. A lesson is called by its number or its name.
lessons: {}
#  5:
#    points: 20
#    steps: [1, 1, 2, 1]              # what its steps weigh; by default the same
#    due: 2026-12-01T23:59:00+01:00   # instead of late.due
#    canvas: 4711                     # the assignment's number in Canvas

# Late work. When a lesson was handed in is the time of its file, or what --submitted FILE says (CSV: id, submitted).
late:
#  due: 2026-12-01T23:59:00+01:00
  graceMinutes: 0
  percentADay: 0      # of the points earned, for each day begun
  mostPercent: 100

# So many lessons with the lowest share of points don't count.
dropWorst: 0
`
