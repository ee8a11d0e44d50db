// tries: ends with success when it is called

export async function consumeTasks() {
  process.exit(0)
}
