/** What a scenario may need that not every machine has. */
export type Need = 'signals' | 'cluster'

const MISSING: Record<Need, () => string | undefined> = {
  signals: () =>
    process.platform === 'win32'
      ? "On Windows, one process can't send SIGINT to another, so this isn't judged here."
      : undefined,
  // Whether there can be one shows when it is asked for: see player/clusters.ts.
  cluster: () => undefined,
}

/** Why a scenario can't be played here; undefined where it can. What reads it is then 'not judged', which is no pass. */
export function cantBePlayed(scenario: { needs: Need[] }): string | undefined {
  return scenario.needs.map((need) => MISSING[need]()).find((why) => why !== undefined)
}
