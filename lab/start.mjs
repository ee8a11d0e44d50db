// The way in, in plain JavaScript: it explains what to do where the lab's own Node is not there.
const major = Number(process.versions.node.split('.')[0])
if (major < 26) {
  process.stderr.write(
    `Cluster Up brings its own Node 26, but this is Node ${process.versions.node}.\n` +
      'Start it through npm (npm run lab), after npm ci without --omit=optional.\n' +
      'If npm ci installed no Node for this machine (Alpine, 32-bit), install Node 26 yourself and try again.\n',
  )
  process.exitCode = 2
} else {
  await import('../lab.ts')
}
