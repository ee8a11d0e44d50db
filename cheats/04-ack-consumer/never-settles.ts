// tries: returns a promise that never settles

export function consumeTasks() {
  return new Promise(() => {})
}
