// tries: computes for ever when it is called

export async function consumeTasks() {
  for (;;) {}
}
