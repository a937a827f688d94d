// A node in a process of its own, for tests that kill it:  node node-child.ts NAME CONFIG PORT ALERT
import { openNode } from './nodes.ts'

const [name = '', config = '', port = '0', alert = ''] = process.argv.slice(2)
const node = await openNode(name, config, Number(port))
process.stdout.write('ready\n')
process.stdin.once('data', () => void node.alert(alert))
