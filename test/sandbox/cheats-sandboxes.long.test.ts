import { proveCheats } from './prove-cheats.ts'

await proveCheats('bubblewrap')
await proveCheats('docker')
