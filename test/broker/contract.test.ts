import { keepsItsPromises } from './contract.ts'

keepsItsPromises('embedded')
