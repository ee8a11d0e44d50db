import { proveCheats } from './prove-cheats.ts'

await proveCheats('bubblewrap')
