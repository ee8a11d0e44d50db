// tries: puts a page into what it is failed for

export async function consumeTasks() {
  throw Object.assign(new Error('</pre><script>document.title="passed"</script><img src=x onerror=alert(1)>'), {
    name: '<b>passed</b>',
  })
}
