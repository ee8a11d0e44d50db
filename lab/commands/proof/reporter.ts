import type { Reporter, TestModule, TestSpecification, TestSuite } from 'vitest/node'

/** What vitest's process says of the tests of lab/; see lab-tests.ts. */
export type FromTests =
  | { files: string[] }
  | { file: string; passed: number; failures: { name: string; why: string }[] }
  | { failures: string[] }

/** A reporter for vitest that tells it all to the process that has started it. */
export default class implements Reporter {
  onTestRunStart(specifications: readonly TestSpecification[]): void {
    say({ files: specifications.map(({ moduleId }) => moduleId) })
  }

  onTestModuleEnd(module: TestModule): void {
    const tests = [...module.children.allTests()]
    const failed = tests.flatMap((test) => {
      const { state, errors } = test.result()
      return state === 'failed' ? [{ name: test.fullName, why: wordsOf(errors) }] : []
    })
    const broken = [module, ...module.children.allSuites()].flatMap((each: TestModule | TestSuite) =>
      each.errors().length > 0
        ? [{ name: each === module ? '' : (each as TestSuite).fullName, why: wordsOf(each.errors()) }]
        : [],
    )
    const passed = tests.filter((test) => test.result().state === 'passed').length
    say({ file: module.moduleId, passed, failures: [...broken, ...failed] })
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly Failure[]): void {
    say({ failures: errors.map((error) => wordsOf([error])) })
  }
}

interface Failure {
  message: string
  stack?: string | undefined
  diff?: string | undefined
}

function wordsOf(errors: readonly Failure[] | undefined = []): string {
  return errors.map(({ message, stack, diff }) => [stack ?? message, ...(diff ? [diff] : [])].join('\n')).join('\n')
}

function say(message: FromTests): void {
  process.send?.(message)
}
