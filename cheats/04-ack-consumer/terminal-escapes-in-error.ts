// tries: throws an error whose message has escape sequences

export async function consumeTasks() {
  throw Object.assign(new Error('\u001b[2J\u001b[HPassed'), { name: '\u001b[32mPassed', code: '\u001b[2J' })
}
