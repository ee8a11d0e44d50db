import { drive } from '../../lab/student/drive.ts'
import { type Start, serviceCalls } from '../10-service-lifecycle/driver.ts'

/** What the lab can ask of lesson 11's exercise. */
export default drive<{ startResilientService: Start }>({
  exports: ['startResilientService'],
  calls: serviceCalls('startResilientService'),
})
