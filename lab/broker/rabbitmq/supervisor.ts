/**
 * What runs a cluster's nodes, in a container one and natively all three: a shell script that is told on file
 * descriptor 3, a line each, and tells on its standard output. It ends when nobody can tell it anything any more.
 *
 *     start n1      ──▶  begins the node         …  lab-node n1 ended 137
 *     STOP n1       ──▶  signals its process     …  lab-node n1 signalled STOP
 *
 * What comes before it defines `start_node NAME`, which runs the node and waits for it, and `pid_file NAME`; the first
 * gets the script's own arguments, too.
 */
export const SUPERVISE = `
serve() {
  rm -f "$(pid_file "$1")"
  start_node "$@" </dev/null 3<&-
  echo "lab-node $1 ended $?"
}
while read -r word node <&3; do
  case $word in
  start) serve "$node" "$@" & ;;
  *) kill "-$word" "$(cat "$(pid_file "$node")")" && echo "lab-node $node signalled $word" ;;
  esac
done`

/** What the supervisor tells of a node. */
export interface NodeNews {
  node: string
  what: 'ended' | 'signalled'
  /** The exit code, or the signal. */
  detail: string
}

/** @returns undefined for a line of the broker's own */
export function newsOf(line: string): NodeNews | undefined {
  const [, node, what, detail] = /lab-node (\S+) (ended|signalled) (\S+)$/.exec(line.trimEnd()) ?? []
  if (node === undefined || detail === undefined) return undefined
  return { node, what: what as NodeNews['what'], detail }
}

/** RabbitMQ's advanced configuration: who the nodes are, and how soon they notice that one of them is silent. */
export function clusterConfig(nodes: readonly string[]): string {
  return `[{rabbit, [{cluster_nodes, {[${nodes.join(', ')}], disc}}]}, {aten, [{poll_interval, 1000}]}].\n`
}
