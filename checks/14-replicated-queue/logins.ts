import { scenario } from '../../lab/check/scenario.ts'
import { hasSettled, inTurns } from '../../lab/check/turns.ts'
import { attempts, connects, LONG, SHORT } from './scenarios.ts'

/** How each of two logins is refused, by every node. */
export const REFUSALS = { password: 'the password was wrong', vhost: 'there was no such virtual host' }

export const refused = scenario('all nodes refuse the login', async (stage) => {
  const nodes = await stage.wiresToNodes()
  const service = await stage.student()
  for (const name of Object.keys(REFUSALS) as (keyof typeof REFUSALS)[]) {
    const wrong = nodes.map((node) => {
      const url = new URL(node.url)
      if (name === 'password') url.password = 'wrong'
      else url.pathname = '/no-such-virtual-host'
      return { ...node, url: url.href }
    })
    // Whoever asks another node whether it refuses too has asked them all then.
    const most = attempts(stage).length + nodes.length
    const call = connects(service, wrong, name, SHORT)
    await inTurns(service, LONG, () => hasSettled(stage, call) || attempts(stage).length > most)
    // Again, only the end of its longest wait shows that no attempt comes.
    await inTurns(service, 20, () => attempts(stage).length > most)
    stage.mark(`refused ${name}`)
    if (attempts(stage).length > most) return
  }
})
