// tries: puts XML and control characters into what it is failed for

export async function consumeTasks() {
  throw new Error(']]></failure></testcase><testcase name="forged"/><!-- \u0000\u0008')
}
