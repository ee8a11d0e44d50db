/**
 * The workflow of a student's repository: it grades on push, with the lab as it was when the edition was made. What judges
 * lies outside the student's repository, so that nothing in there can change a verdict; where the organisation has not said
 * which repository that is, the student's own copy checks.
 */
export function gradingWorkflow(commit: string | null): string {
  return `name: Grade
on: push

jobs:
  grade:
    runs-on: ubuntu-latest
    timeout-minutes: 15
    permissions:
      contents: read
    env:
      # Set these variables for the organisation or the repository. LAB_REPOSITORY is where the full lab is ('owner/name'). If it's
      # private, add a secret LAB_TOKEN.
      LAB_REPOSITORY: \${{ vars.LAB_REPOSITORY }}
      CLASSROOM: \${{ vars.CLASSROOM }}
      ASSIGNMENT: \${{ vars.ASSIGNMENT || 'cluster-up' }}
      SUBMISSION_TAG: \${{ github.ref_name }}
      COMMIT_URL: \${{ github.server_url }}/\${{ github.repository }}/commit/\${{ github.sha }}
    steps:
      - uses: actions/checkout@v4
        with: { path: class/student, persist-credentials: false }
      - uses: actions/setup-node@v4
        with: { node-version: 24 }

      - name: Check it with its own copy of the lab
        if: env.LAB_REPOSITORY == ''
        working-directory: class/student
        run: npm ci && npm run check -- --all

      - uses: actions/checkout@v4
        if: env.LAB_REPOSITORY != ''
        with:
          repository: \${{ env.LAB_REPOSITORY }}
          ref: ${commit ?? 'main'}
          token: \${{ secrets.LAB_TOKEN || github.token }}
          path: lab
          persist-credentials: false
      - name: Grade it with the lab
        if: env.LAB_REPOSITORY != ''
        working-directory: lab
        # Exit code 2 means that something could not be judged. Failed expectations don't fail this job.
        run: npm ci && npm run -s grade -- ../class --out ../grades
      - if: always() && env.LAB_REPOSITORY != ''
        run: |
          cp grades/classroom50/student/result.json result.json
          cat grades/students/student.md >> "$GITHUB_STEP_SUMMARY"
      - uses: actions/upload-artifact@v4
        if: always() && env.LAB_REPOSITORY != ''
        with:
          name: grades
          path: |
            result.json
            grades
`
}

/** Codespaces, or any editor with dev containers: RabbitMQ runs in a container there. */
export const DEV_CONTAINER = `${JSON.stringify(
  {
    name: 'Cluster Up',
    image: 'mcr.microsoft.com/devcontainers/typescript-node:24',
    features: { 'ghcr.io/devcontainers/features/docker-in-docker:2': {} },
    hostRequirements: { cpus: 2, memory: '4gb' },
    waitFor: 'onCreateCommand',
    onCreateCommand: 'npm ci',
  },
  null,
  2,
)}\n`
